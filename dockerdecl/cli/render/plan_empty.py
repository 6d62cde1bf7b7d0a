"""A plan in which nothing is to be done, as plain text: what most runs give, without what others need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerdecl.cli.render.marks import engine_of
from dockerdecl.cli.render.visible import visible

NO_CHANGES = "No changes. The engine matches the manifest."


def heading(document: Mapping[str, Any]) -> str:
    """Whose plan it is, and for which engine."""
    return f"Project {visible(document['project'])} on {visible(engine_of(document['engine']))}"


def empty_plan(document: Mapping[str, Any]) -> str:
    """The same lines that `plan_text` gives."""
    return f"{heading(document)}\n\n{NO_CHANGES}"
