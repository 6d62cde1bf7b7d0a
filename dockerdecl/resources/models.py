"""Specs as pydantic models: for all that is wrong with what was written, and for the JSON Schema.

Takes a spec's class, gives pydantic's word about it. Loaded where something is wrong or described only; `taking` takes
the rest.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, TypeAdapter, create_model
from pydantic_core import core_schema

from dockerdecl.resources.notes import Alias

if TYPE_CHECKING:
    from dockerdecl.resources.schemas import Schema
    from dockerdecl.resources.spec import Spec

_Spec = TypeVar("_Spec", bound="Spec")


def judged(spec: type[_Spec], value: Any) -> _Spec:
    """The spec that a value means. Raises ValidationError with all that is wrong."""
    made: _Spec = _adapter(spec).validate_python(value)
    return made


def json_schema(spec: type[Spec]) -> Schema:
    """The JSON Schema of what may be written."""
    return model_of(spec).model_json_schema()


def core_schema_of(spec: type[Spec], handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
    """What pydantic does with a value that is to be such a spec: takes it as a model, and makes the spec of that."""

    def read(value: Any, as_model: core_schema.ValidatorFunctionWrapHandler) -> Any:
        if isinstance(value, spec):
            return value
        model = as_model(value)
        made = spec.model_construct(**{name: getattr(model, name) for name in model.model_fields_set})
        for check in spec.model_checks:
            made = check(made)
        return made

    return core_schema.no_info_wrap_validator_function(read, handler.generate_schema(model_of(spec)))


@cache
def model_of(spec: type[Spec]) -> type[BaseModel]:
    """The pydantic model that a spec's attributes describe."""
    fields: dict[str, Any] = {}
    for name, known in spec.model_fields.items():
        notes = tuple(note for note in known.metadata if not isinstance(note, Alias))
        kind = Annotated[(known.annotation, *notes)] if notes else known.annotation
        settings: dict[str, Any] = {
            "alias": known.word if known.word != name else None,
            "description": known.description,
        }
        if known.factory is not None:
            settings["default_factory"] = known.factory
        elif not known.is_required():
            settings["default"] = known.default
        fields[name] = (kind, Field(**settings))
    # Its schema is made when all models are: they hold each other.
    config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    model: type[BaseModel] = create_model(
        spec.__name__, __config__=config, __module__=spec.__module__, __doc__=spec.__doc__, **fields
    )
    return model


@cache
def _adapter(spec: type[Spec]) -> TypeAdapter[Any]:
    return TypeAdapter(spec)
