"""Specs as plain maps and as JSON, in the order of their attributes and with all that wasn't written.

Takes a spec, gives what pydantic gives for a model. Digests that are kept on engines are made of it: it stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from dockerdecl.resources.spec import Spec

Exclusion: TypeAlias = "Mapping[str, Exclusion] | frozenset[str] | set[str]"
"""Attributes to leave out, or what to leave out of them; `__all__` stands for each entry of a map."""

_EACH = "__all__"


def as_plain(spec: Spec, *, json: bool, by_alias: bool, exclude: Exclusion | None = None) -> dict[str, Any]:
    """A spec as a map, its parts too; in JSON's own types with `json`."""
    held = vars(spec)
    words, nothing = _unwritten(type(spec), json, by_alias)
    found = dict(nothing)
    for name, value in held.items():
        found[words[name]] = _plain(value, json, by_alias, _within(exclude, name))
    if isinstance(exclude, set | frozenset):
        for name in exclude:
            found.pop(words[name], None)
    return found


def as_json(spec: Spec, *, by_alias: bool) -> str:
    """A spec as JSON in one line, without spaces."""
    return json.dumps(
        as_plain(spec, json=True, by_alias=by_alias), separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


@cache
def _unwritten(spec: type[Spec], json: bool, by_alias: bool) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    "the word of each attribute, and what a spec of which nothing was written gives"
    words = {name: (field.word if by_alias else name) for name, field in spec.model_fields.items()}
    return words, {words[n]: _plain(field.get_default(), json, by_alias) for n, field in spec.model_fields.items()}


def _within(exclude: Exclusion | None, name: str) -> Exclusion | None:
    return exclude.get(name, exclude.get(_EACH)) if isinstance(exclude, Mapping) else None


def _plain(value: Any, json: bool, by_alias: bool, exclude: Exclusion | None = None) -> Any:
    if value is None or type(value) in (str, int, bool):
        return value
    if hasattr(value, "model_fields_set"):
        return as_plain(value, json=json, by_alias=by_alias, exclude=exclude)
    if isinstance(value, dict):
        return {key: _plain(item, json, by_alias, _within(exclude, key)) for key, item in value.items()}
    if isinstance(value, tuple):
        items = [_plain(item, json, by_alias) for item in value]
        return items if json else tuple(items)
    return value.value if json and isinstance(value, Enum) else value
