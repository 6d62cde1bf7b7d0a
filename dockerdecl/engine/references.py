"""Image references at the door of the engine room: what a caller passes on as text, as a `Reference` or an error."""

from __future__ import annotations

from dockerdecl.errors import fail
from dockerdecl.resources.image.reference import Reference, parse


def named_reference(text: str) -> Reference:
    """The reference that `text` writes. Raises `reference-invalid`, also for an id, which names no repository."""
    try:
        reference = parse(text)
    except ValueError as error:
        raise fail("reference-invalid", str(error)) from error
    if reference.is_id:
        raise fail("reference-invalid", f"`{text}` is an image's id, and this needs a name")
    return reference
