"""Registries of images, asked without an engine between: what they hold, under which tags and digests."""
