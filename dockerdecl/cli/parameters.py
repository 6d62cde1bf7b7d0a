"""Parameters that take their values themselves, where that needs no library.

typer asks pydantic for a reader of every parameter, given or not, which takes longer than most commands run. Here what
was not given stays nothing, defaults stay what they are, and texts, paths and what a parser of ours reads are taken at
once. Any other value goes typer's way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

_MAKERS: Mapping[Any, Callable[[Any], Any]] = {str: str, Path: Path}


def take_plainly(command: Any, function: Callable[..., Any]) -> None:
    """Lets the parameters of a typer command that runs `function` take plain values at once."""
    hints = get_type_hints(function, include_extras=True)
    for parameter in command.params:
        parameter.process_value = _processing(parameter, _maker(hints.get(parameter.name)))
    find_help = command.get_help_option

    def get_help_option(context: Any) -> Any:
        option = find_help(context)
        if option is not None and "process_value" not in vars(option):
            option.process_value = _processing(option, None)
        return option

    command.get_help_option = get_help_option


def _processing(parameter: Any, make: Callable[[Any], Any] | None) -> Callable[[Any, Any], Any]:
    usual = parameter.process_value

    def process_value(context: Any, value: Any) -> Any:
        try:
            taken, result = _taken(parameter, make, value)
        except typer.BadParameter as error:
            error.ctx, error.param = context, parameter
            raise
        if not taken:
            return usual(context, value)
        return result if parameter.callback is None else parameter.callback(context, parameter, result)

    return process_value


def _taken(parameter: Any, make: Callable[[Any], Any] | None, value: Any) -> tuple[bool, Any]:
    "whether the value is one that needs no library, and what becomes of it"
    several = parameter.multiple or parameter.nargs == -1
    if value is None:
        return not parameter.required, () if several else None
    if isinstance(value, list | tuple):
        plain = several and make is not None and (bool(value) or not parameter.required)
        return plain, [make(item) for item in value] if make and plain else None
    if not isinstance(value, str) or isinstance(value, Enum):
        return True, value  # a flag, or a default, which is of the right type
    return make is not None and not several, make(value) if make and not several else None


def _maker(hint: Any) -> Callable[[Any], Any] | None:
    """What makes the value, of a hint such as `Annotated[list[Path] | None, option(...)]`, where that is plain."""
    if get_origin(hint) is not Annotated:
        return None
    inner, *notes = get_args(hint)
    for note in notes:
        if parser := getattr(note, "parser", None):
            made: Callable[[Any], Any] = parser
            return made
        if getattr(note, "exists", False):
            return None
    kinds = [kind for kind in get_args(inner) if kind is not type(None)] if type(None) in get_args(inner) else [inner]
    kind = get_args(kinds[0])[0] if get_origin(kinds[0]) is list else kinds[0]
    return _MAKERS.get(kind) if len(kinds) == 1 else None
