"""Programs that are measured, or that measure: each a file of its own, run without the rest of the project."""
