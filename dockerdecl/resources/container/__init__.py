"""Containers: the spec, and the lenses of its fields."""
