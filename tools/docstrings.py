"""What the members of an enum mean, each of which must say it."""

from __future__ import annotations

from enum import Enum

from dockerdecl.resources.docstrings import attribute_docstrings


def member_docstrings(kind: type[Enum]) -> dict[str, str]:
    """The docstring of every member, by its name. Raises LookupError where one has none."""
    found = attribute_docstrings(kind)
    if missing := [member.name for member in kind if member.name not in found]:
        raise LookupError(f"{kind.__name__} has no docstring under {', '.join(missing)}")
    return found
