"""dockerdecl: make a Docker host match a YAML manifest."""

__version__ = "0.1.0"
