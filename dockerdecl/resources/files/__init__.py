"""Secrets and configs: where the content of a file comes from."""
