"""What the annotations of a spec's attributes may say beside its type: how a value is read, and how it is described.

They are pydantic's own notes of the same names, told to whoever asks: pydantic, when it has to say what is wrong or to
describe a model, and the readers of `taking`, which need no pydantic to take what is right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema

_Check = TypeVar("_Check", bound=Callable[[Any], Any])


@dataclass(frozen=True, slots=True)
class BeforeValidator:
    """Applied to what was written, before its type is looked at; of several, the last one comes first."""

    read: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self.read, handler(source))


@dataclass(frozen=True, slots=True)
class AfterValidator:
    """Applied to a value of the right type."""

    read: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.read, handler(source))


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The least that a number may be."""

    least: int

    def read(self, value: int) -> int:
        """The value. Raises ValueError where it is less."""
        if value < self.least:
            raise ValueError(f"{value} is too few; write {self.least} or more")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.int_schema(ge=self.least)


@dataclass(frozen=True, slots=True, eq=False)
class WithJsonSchema:
    """The JSON Schema of the value, instead of its type's."""

    schema: dict[str, Any]

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)


@dataclass(frozen=True, slots=True)
class Alias:
    """The word in a manifest, where Python has taken it."""

    word: str


def model_validator(check: _Check) -> _Check:
    """Marks a method of a spec that looks at all of it when it is read; gives the spec, or another one.

    What it raises as ValueError is told at the spec.
    """
    check.checks_spec = True  # type: ignore[attr-defined]  # the mark
    return check
