"""The base of everything that can be declared: frozen, strict about keys, and a table of rows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, field
from functools import cache, cached_property
from inspect import get_annotations
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, dataclass_transform, get_args, get_origin

from dockerdecl.resources.dumping import as_json, as_plain
from dockerdecl.resources.notes import Alias
from dockerdecl.resources.rows import Context, Raw, Row, Since, rows, version_key
from dockerdecl.resources.taking import spec_reader

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema, ErrorDetails

    from dockerdecl.resources.schemas import Schema
    from dockerdecl.resources.taking import Reader


class SpecField:
    """What is known of an attribute: its type, the notes beside it, and what it holds where it isn't written."""

    def __init__(self, owner: SpecKind, name: str, written: Any) -> None:
        self.owner = owner
        self.name = name
        self.factory: Callable[[], Any] | None = owner.spec_factories.get(name)
        self.default: Any = MISSING if self.factory else owner.__dict__.get(name, MISSING)
        self._written = written

    @cached_property
    def whole(self) -> Any:
        """The type with its notes, made of the text when somebody asks: most fields are not even written."""
        known = vars(sys.modules[self.owner.__module__])
        return eval(self._written, known) if isinstance(self._written, str) else self._written

    @property
    def annotation(self) -> Any:
        """The type."""
        return get_args(self.whole)[0] if get_origin(self.whole) is Annotated else self.whole

    @property
    def metadata(self) -> tuple[Any, ...]:
        """The notes beside it."""
        return get_args(self.whole)[1:] if get_origin(self.whole) is Annotated else ()

    @cached_property
    def word(self) -> str:
        """How it is written."""
        if "Alias" not in str(self._written):
            return self.owner.spell(self.name)
        return next(note.word for note in self.metadata if isinstance(note, Alias))

    @cached_property
    def since(self) -> Since | None:
        """The API version that it needs, where it needs one."""
        return next((note for note in self.metadata if isinstance(note, Since)), None)

    @property
    def description(self) -> str | None:
        """The docstring below it."""
        from dockerdecl.resources.docstrings import attribute_docstrings

        return attribute_docstrings(self.owner).get(self.name)

    def is_required(self) -> bool:
        """Whether it must be written."""
        return self.default is MISSING and self.factory is None

    def get_default(self) -> Any:
        """What it holds where it isn't written; None where it must be."""
        if self.factory is not None:
            return self.factory()
        return None if self.default is MISSING else self.default


@cache
def _fields_of(spec: SpecKind) -> Mapping[str, SpecField]:
    found: dict[str, SpecField] = {}
    for owner in reversed(spec.__mro__):
        if isinstance(owner, SpecKind) and owner.__module__ != __name__:
            for name, written in get_annotations(owner).items():
                found[name] = SpecField(owner, name, written)
    return MappingProxyType(found)


@dataclass_transform(eq_default=False, frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class SpecKind(type):
    """What classes of specs are; what is known of one is found out when somebody asks, since many are never needed."""

    @property
    def model_fields(cls) -> Mapping[str, SpecField]:
        """Its attributes, in the order in which they are written down."""
        return _fields_of(cls)

    spec_factories: Mapping[str, Callable[[], Any]]

    def spell(cls, name: str) -> str:
        """The word in a file for an attribute that says nothing else."""
        return name

    @property
    def model_reader(cls) -> Reader:
        """What takes a map of its fields, or raises `UnsureError`."""
        return spec_reader(cls)


class Spec(metaclass=SpecKind):
    """A declared resource in the manifest's words; every attribute with a lens is a row of the field table.

    It holds what was written; the class holds what fills the gaps. Its methods are those of a pydantic model, which is
    made of it where pydantic is needed: for what is wrong, and for the JSON Schema.
    """

    model_checks: ClassVar[tuple[Callable[[Any], Any], ...]] = ()
    spec_factories: ClassVar[Mapping[str, Callable[[], Any]]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        factories: dict[str, Callable[[], Any]] = {}
        checks: list[Callable[[Any], Any]] = [*cls.model_checks]
        for name, value in [*vars(cls).items()]:
            if isinstance(value, Field):
                factories[name] = value.default_factory  # type: ignore[assignment]  # nothing else makes a field here
                setattr(cls, name, factories[name]())
            elif hasattr(value, "checks_spec"):
                checks.append(value)
        cls.spec_factories = factories
        cls.model_checks = tuple(checks)

    def __init__(self, **given: Any) -> None:
        vars(self).update(vars(type(self).model_validate(given)))

    @classmethod
    def model_validate(cls, value: Any) -> Self:
        """The spec that a map means, or one as it is. Raises pydantic's ValidationError with all that is wrong."""
        try:
            made: Self = cls.model_reader(value)
        except (ValueError, AssertionError):  # it isn't sure, or a check says no
            from dockerdecl.resources.models import judged

            return judged(cls, value)
        return made

    @classmethod
    def model_construct(cls, **given: Any) -> Self:
        """The spec that holds these values, which nobody looks at."""
        made = object.__new__(cls)
        vars(made).update(given)
        return made

    @classmethod
    def model_json_schema(cls) -> Schema:
        """Its JSON Schema, as pydantic gives it."""
        from dockerdecl.resources.models import json_schema

        return json_schema(cls)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from dockerdecl.resources.models import core_schema_of

        return core_schema_of(cls, handler)

    @property
    def model_fields_set(self) -> frozenset[str]:
        """The attributes that were written."""
        return frozenset(vars(self))

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """The same with other values, which nobody looks at."""
        made = object.__new__(type(self))
        vars(made).update(vars(self))
        vars(made).update(update)
        return made

    def model_dump(self, *, mode: str = "python", by_alias: bool = False) -> dict[str, Any]:
        """All that it holds as a map, also what wasn't written; in JSON's types with mode `json`."""
        return as_plain(self, for_json=mode == "json", by_alias=by_alias)

    def model_dump_json(self, *, by_alias: bool = False) -> str:
        """All that it holds as JSON in one line."""
        return as_json(self, by_alias=by_alias)

    if not TYPE_CHECKING:  # mypy would take the class itself for something that can't be hashed

        def __eq__(self, other: object) -> bool:
            if type(other) is not type(self):
                return NotImplemented
            one, another = vars(self), vars(other)
            return one == another or all(getattr(self, n) == getattr(other, n) for n in one.keys() | another.keys())

        def __hash__(self) -> int:
            return hash((type(self), *(getattr(self, name) for name in type(self).model_fields)))

    def __repr__(self) -> str:
        said = (f"{name}={getattr(self, name)!r}" for name in type(self).model_fields)
        return f"{type(self).__name__}({', '.join(said)})"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")


def mistakes(error: ValueError) -> list[ErrorDetails]:
    """All that is wrong, of the error of `model_validate`."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        raise error
    return error.errors(include_url=False)


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
    fields, written = type(spec).model_fields, vars(spec)
    changed = {name for name, value in written.items() if value != fields[name].get_default()}
    for name in filter(changed.__contains__, fields):
        value, since = written[name], fields[name].since
        if since and since.concerns(value) and version_key(since.version) > version_key(api_version):
            yield (*path, name), since.version
        for key, part in _parts(value):
            yield from newer_fields(part, api_version, (*path, name, *key))


def foreign_fields(spec: Spec, system: str) -> Iterator[tuple[str, str]]:
    """The declared fields that only engines of another operating system know, and which one that is."""
    for row in _rows_of_one_system(type(spec)):
        if row.only_on != system and getattr(spec, row.name) is not None:
            yield row.name, str(row.only_on)


@cache
def _rows_of_one_system(model: SpecKind) -> tuple[Row, ...]:
    return tuple(row for row in rows(model) if row.only_on is not None)


def _parts(value: Any) -> Iterator[tuple[tuple[str, ...], Spec]]:
    match value:
        case Spec():
            yield (), value
        case tuple():
            yield from (((str(index),), item) for index, item in enumerate(value) if isinstance(item, Spec))
        case dict():
            yield from (((key,), item) for key, item in value.items() if isinstance(item, Spec))
