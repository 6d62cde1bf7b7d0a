"""The base of everything that can be declared: frozen, strict about keys, and a table of rows."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from dockerdecl.resources.rows import Context, Raw, rows


class Spec(BaseModel):
    """A declared resource in the manifest's words; every attribute with a lens is a row of the field table."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def write(spec: Spec, context: Context) -> Raw:
    """The engine request that makes what `spec` declares; an inspection of the result has the same paths."""
    body: Raw = {}
    for row in rows(type(spec)):
        value = getattr(spec, row.name)
        if value is not None:
            row.lens.write(value, body, spec, context)
    return body


def read(model: type[Spec], live: Raw, context: Context) -> dict[str, Any]:
    """What an inspection holds, in the manifest's words, by field."""
    return {row.name: row.lens.read(live, context) for row in rows(model)}


def effective(spec: Spec, context: Context) -> dict[str, Any]:
    """What an engine holds once `spec` is applied, by field, in the same form as `read`."""
    return {row.name: row.lens.effective(getattr(spec, row.name), spec, context) for row in rows(type(spec))}
