"""Values as they are written, taken by the annotations of specs: what is right, fast.

Takes an annotation, gives a reader that gives the value which pydantic would give for it, or raises ValueError where it
isn't sure. It knows the types that specs are made of and says nothing of what is wrong: `models` asks pydantic then,
whose word holds. That is worth it: a manifest is nearly always right, and pydantic takes longer to load and to make
itself ready for it than all else that a plan does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from dockerdecl.resources.notes import AfterValidator, AtLeast, BeforeValidator

if TYPE_CHECKING:
    from dockerdecl.resources.spec import SpecField

Reader = Callable[[Any], Any]

_BOOLEANS: Mapping[Any, bool] = {True: True, False: False, "true": True, "false": False}


class UnsureError(ValueError):
    """Whether the value is right has to be asked of pydantic."""


def reader_of(annotation: Any) -> Reader:
    """The reader of an annotation."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *notes = get_args(annotation)
        return _noted(reader_of(inner), notes)
    if origin in (Union, UnionType):
        return _optional(get_args(annotation))
    if origin is Literal:
        return _one_of({choice: choice for choice in get_args(annotation)})
    if origin is tuple:
        return _several(get_args(annotation))
    if origin is dict:
        return _mapping(*map(reader_of, get_args(annotation)))
    return _single(annotation)


@cache
def spec_reader(spec: Any) -> Reader:
    """The reader of a map of a spec's fields. Readers of its fields are made when one is written."""
    fields: Mapping[str, SpecField] = {field.word: field for field in spec.model_fields.values()}
    required = frozenset(name for name, field in spec.model_fields.items() if field.is_required())
    checks = spec.model_checks
    readers: dict[str, tuple[str, Reader]] = {}

    def read(value: Any) -> Any:
        if isinstance(value, spec):
            return value
        if type(value) is not dict:
            raise UnsureError
        given: dict[str, Any] = {}
        for word, written in value.items():
            known = readers.get(word)
            if known is None:
                if word not in fields:
                    if type(word) is str and word.startswith("x-"):
                        continue  # anybody's own
                    raise UnsureError
                known = readers[word] = fields[word].name, reader_of(fields[word].whole)
            given[known[0]] = known[1](written)
        if not required <= given.keys():
            raise UnsureError
        made = spec.model_construct(**given)
        for check in checks:
            made = check(made)
        return made

    return read


def _noted(read: Reader, notes: list[Any]) -> Reader:
    "as pydantic does it: each note is put around what those before it have made"
    for note in notes:
        if isinstance(note, BeforeValidator):
            read = _after_each_other(note.read, read)
        elif isinstance(note, AfterValidator | AtLeast):
            read = _after_each_other(read, note.read)
    return read


def _after_each_other(first: Reader, second: Reader) -> Reader:
    return lambda value: second(first(value))


def _optional(choices: tuple[Any, ...]) -> Reader:
    kinds = [choice for choice in choices if choice is not NoneType]
    if len(kinds) != 1 or len(choices) != 2:
        return _unsure
    read = reader_of(kinds[0])
    return lambda value: None if value is None else read(value)


def _several(kinds: tuple[Any, ...]) -> Reader:
    if len(kinds) != 2 or kinds[1] is not Ellipsis:
        return _unsure
    read = reader_of(kinds[0])

    def several(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise UnsureError
        return tuple([read(item) for item in value])

    return several


def _mapping(read_key: Reader, read_value: Reader) -> Reader:
    def mapping(value: Any) -> dict[Any, Any]:
        if type(value) is not dict:
            raise UnsureError
        return {read_key(key): read_value(item) for key, item in value.items()}

    return mapping


def _one_of(choices: Mapping[Any, Any]) -> Reader:
    def one_of(value: Any) -> Any:
        if type(value) is not str or value not in choices:
            raise UnsureError
        return choices[value]

    return one_of


def _single(kind: Any) -> Reader:
    if kind is Any:
        return lambda value: value
    if kind is bool:
        return _boolean
    if kind in (str, int):
        return _exactly(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _member({member.value: member for member in kind}, kind)
    if hasattr(kind, "model_reader"):
        return lambda value: kind.model_reader(value)  # noqa: PLW0108 - asked for late: a spec may hold its own kind
    return _unsure


def _exactly(kind: type) -> Reader:
    def exactly(value: Any) -> Any:
        if type(value) is not kind:
            raise UnsureError
        return value

    return exactly


def _boolean(value: Any) -> bool:
    if type(value) not in (bool, str) or value not in _BOOLEANS:
        raise UnsureError
    return _BOOLEANS[value]


def _member(members: Mapping[Any, Enum], kind: type[Enum]) -> Reader:
    by_value = _one_of(members)
    return lambda value: value if isinstance(value, kind) else by_value(value)


def _unsure(_: Any) -> Any:
    raise UnsureError
