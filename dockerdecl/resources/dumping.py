"""Specs as plain maps and as JSON, in the order of their attributes and with all that wasn't written.

Takes a spec, gives what pydantic gives for a model. Digests that are kept on engines are made of it: it stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dockerdecl.resources.spec import Spec


def as_plain(spec: Spec, *, for_json: bool, by_alias: bool) -> dict[str, Any]:
    """A spec as a map, its parts too; in JSON's own types with `for_json`."""
    words, nothing = _unwritten(type(spec), for_json, by_alias)
    found = dict(nothing)
    for name, value in vars(spec).items():
        found[words[name]] = _plain(value, for_json, by_alias)
    return found


def as_json(spec: Spec, *, by_alias: bool) -> str:
    """A spec as JSON in one line, without spaces."""
    plain = as_plain(spec, for_json=True, by_alias=by_alias)
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@cache
def _unwritten(spec: type[Spec], for_json: bool, by_alias: bool) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    "the word of each attribute, and what a spec of which nothing was written gives"
    words = {name: (field.word if by_alias else name) for name, field in spec.model_fields.items()}
    return words, {words[n]: _plain(field.get_default(), for_json, by_alias) for n, field in spec.model_fields.items()}


def _plain(value: Any, for_json: bool, by_alias: bool) -> Any:
    if value is None or type(value) in (str, int, bool):
        return value
    if hasattr(value, "model_fields_set"):
        return as_plain(value, for_json=for_json, by_alias=by_alias)
    if isinstance(value, dict):
        return {key: _plain(item, for_json, by_alias) for key, item in value.items()}
    if isinstance(value, tuple):
        items = [_plain(item, for_json, by_alias) for item in value]
        return items if for_json else tuple(items)
    return value.value if for_json and isinstance(value, Enum) else value
