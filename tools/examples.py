"""What may be written for a field, by way of example. Takes a model and its JSON Schema, gives a value that is valid.

An example stands in the field's docstring, behind "such as"; where one can be told from the field's type, none is
needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

import yaml
from pydantic import TypeAdapter

from dockerdecl.resources.schemas import Schema
from dockerdecl.resources.spec import Spec

_SUCH_AS = re.compile(r"such as `([^`]+)`")


def example(model: type[Spec], name: str, written: Schema) -> Any:
    """A value for a field; None for one that only holds others. Raises LookupError where none is to be found."""
    field = model.model_fields[name]
    told = _SUCH_AS.search(field.description or "")
    if told:
        return yaml.safe_load(told[1])
    found = list(_possible(written))
    default = field.get_default()
    for value in found:
        if value != default:
            return value
    if found or _holds_others(written):
        return None
    raise LookupError(
        f"the docstring of `{name}` of {model.__name__} gives no example; end it with: such as `EXAMPLE`."
    )


def valid(model: type[Spec], name: str, value: Any) -> Any:
    """The value as the program holds it. Raises pydantic's ValidationError where the field can't have it."""
    field = model.model_fields[name]
    kind: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return TypeAdapter(kind).validate_python(value)


def _possible(part: Schema) -> Iterator[Any]:
    yield from part.get("examples", ())
    yield from part.get("enum", ())
    if "const" in part:
        yield part["const"]
    if part.get("type") in ("boolean", ["boolean", "string"]):
        yield from (True, False)
    for choice in part.get("anyOf", ()):
        yield from _possible(choice)


def _holds_others(part: Any) -> bool:
    return "$ref" in str(part)
