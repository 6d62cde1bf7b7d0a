"""Images: the spec, and references."""
