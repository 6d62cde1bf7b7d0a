"""The base of everything that can be declared: frozen, strict about keys, and a table of rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict

from dockerdecl.resources.rows import Context, Raw, Since, rows, version_key


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


def newer_fields(spec: Spec, api_version: str, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The declared fields that an engine of this API version would drop without a word, and the version they need."""
    for name, attribute in type(spec).model_fields.items():
        value = getattr(spec, name)
        if value == attribute.get_default(call_default_factory=True):
            continue
        since = next((note for note in attribute.metadata if isinstance(note, Since)), None)
        if since and since.concerns(value) and version_key(since.version) > version_key(api_version):
            yield (*path, name), since.version
        for key, part in _parts(value):
            yield from newer_fields(part, api_version, (*path, name, *key))


def foreign_fields(spec: Spec, system: str) -> Iterator[tuple[str, str]]:
    """The declared fields that only engines of another operating system know, and which one that is."""
    for row in rows(type(spec)):
        if row.only_on not in (None, system) and getattr(spec, row.name) is not None:
            yield row.name, str(row.only_on)


def _parts(value: Any) -> Iterator[tuple[tuple[str, ...], Spec]]:
    match value:
        case Spec():
            yield (), value
        case tuple():
            yield from (((str(index),), item) for index, item in enumerate(value) if isinstance(item, Spec))
        case dict():
            yield from (((key,), item) for key, item in value.items() if isinstance(item, Spec))
