"""Volumes: the spec."""
