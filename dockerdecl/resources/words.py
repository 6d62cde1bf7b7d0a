"""The words for quantities in a manifest, read into exact numbers and written back.

Takes what the user wrote (text, as the manifest room hands over every scalar as text, or a Python value), gives bytes,
nanoseconds, nano CPUs, modes. The grammars are those of the Compose Specification; a `ValueError` says what is wrong
and what would be right.
"""

from __future__ import annotations

import re
import shlex
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

from dockerdecl.expressions import expression
from dockerdecl.resources.notes import AfterValidator, BeforeValidator, WithJsonSchema
from dockerdecl.resources.rows import Show
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler

_SIZE = expression(r"(\d+(?:\.\d+)?)\s*(b|k|kb|kib|m|mb|mib|g|gb|gib|t|tb|tib|)", re.IGNORECASE)
_SIZE_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_DURATION_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_DURATION = expression(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+")
_DURATION_PART = expression(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_INTEGER = expression(r"[+-]?(0|[1-9][0-9]*)")


def read_size(value: Any) -> int:
    """Bytes of `64m`, `1.5g`, `512kb` or a plain number; `-1` stays -1 (unlimited)."""
    text = str(value).strip()
    if text == "-1":
        return -1
    match = _SIZE.fullmatch(text)
    if isinstance(value, bool) or match is None:
        raise ValueError(f"{text!r} is no size; write a number with a unit, such as 512k, 64m or 1.5g")
    number, unit = match.groups()
    return int(Decimal(number) * _SIZE_UNITS[unit.lower()[:1]])


def show_size(value: int) -> str:
    """The shortest exact spelling of so many bytes."""
    for unit in ("t", "g", "m", "k"):
        if value > 0 and value % _SIZE_UNITS[unit] == 0:
            return f"{value // _SIZE_UNITS[unit]}{unit}"
    return str(value)


def read_duration(value: Any) -> int:
    """Nanoseconds of `1m30s`, `500ms`, `1.5h`; a plain `0` is zero."""
    text = str(value).strip()
    if text == "0":
        return 0
    if isinstance(value, bool) or not _DURATION.fullmatch(text):
        raise ValueError(f"{text!r} is no duration; write a number with a unit, such as 500ms, 30s or 1m30s")
    return int(sum(Decimal(number) * _DURATION_UNITS[unit] for number, unit in _DURATION_PART.findall(text)))


def show_duration(value: int) -> str:
    """The usual spelling of so many nanoseconds, such as `1m30s`."""
    if value <= 0:
        return "0s"
    parts = []
    for unit in ("h", "m", "s", "ms", "us", "ns"):
        count, value = divmod(value, _DURATION_UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def read_cpus(value: Any) -> int:
    """Nano CPUs of a decimal number of CPUs, exactly (0.1 is 100,000,000)."""
    text = str(value).strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if isinstance(value, bool) or not re.fullmatch(r"\d*\.?\d+|\d+\.", text) or number < 0:
        raise ValueError(f"{text!r} is no number of CPUs; write a plain decimal such as 0.5 or 2")
    return int(number * 10**9)


def show_cpus(value: int) -> str:
    """A decimal number of CPUs."""
    return f"{Decimal(value) / 10**9:f}"


def read_boolean(value: Any) -> bool:
    """True or False. Only those two words: what YAML 1.1 also took for booleans stays text."""
    match value:
        case bool():
            return value
        case "true" | "True" | "TRUE":
            return True
        case "false" | "False" | "FALSE":
            return False
    raise ValueError(f"{value!r} is neither true nor false; write true or false")


def read_integer(value: Any) -> int:
    """A whole number in plain decimal digits; a leading zero is refused, since some tools read it as octal."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"{text!r} is no whole number; write plain digits such as 8080{_leading_zero(text)}")
    return int(text)


def _leading_zero(text: str) -> str:
    return (
        f" (a leading zero would mean octal to some tools: write {text.lstrip('0') or '0'})" if text.isdigit() else ""
    )


def read_mode(value: Any) -> int:
    """Permission bits of an octal text such as `0440` or `"440"`; a Python int is taken as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip().removeprefix("0o")
    if not re.fullmatch(r"[0-7]{1,5}", text) or int(text, 8) > 0o7777:
        raise ValueError(f"{str(value)!r} is no file mode; write octal digits such as 0440")
    return int(text, 8)


def read_microseconds(value: Any) -> int:
    """Microseconds: a plain number of them, or a duration such as `50ms`."""
    text = str(value).strip()
    return int(text) if _INTEGER.fullmatch(text) and not isinstance(value, bool) else read_duration(value) // 1000


def show_mode(value: int) -> str:
    """Four octal digits."""
    return f"{value:04o}"


def read_text(value: Any) -> str:
    """Text as written; numbers and booleans given by a program become their plain spelling."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return str(value)
    raise ValueError(f"a text is expected here, not {_kind_of(value)}")


def split_words(value: Any) -> Any:
    """A string split like a shell does (Compose: shell words, no expansion); anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return shlex.split(value)
    except ValueError as error:
        raise ValueError(f"the command can't be split into words ({error}); close the quote or write a list") from error


def as_list(value: Any) -> Any:
    """One text alone is a list of one."""
    return [value] if isinstance(value, str) else value


def as_map(value: Any) -> Any:
    """A list of `KEY=value` as a map; a key without `=` has None. Of a repeated key the last one holds."""
    if not isinstance(value, list | tuple):
        return value
    pairs = [
        (key, text if equals else None) for key, equals, text in (read_text(item).partition("=") for item in value)
    ]
    if any(not key for key, _ in pairs):
        raise ValueError("an entry of the list has no name before its `=`")
    return dict(pairs)


def as_full_map(value: Any) -> Any:
    """As `as_map`, but a key without a value has an empty one."""
    value = as_map(value)
    return {key: "" if item is None else item for key, item in value.items()} if isinstance(value, dict) else value


def sorted_set(value: tuple[str, ...]) -> tuple[str, ...]:
    """A list whose order and repetitions mean nothing."""
    return tuple(sorted(set(value)))


def _kind_of(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a map"
        case list() | tuple():
            return "a list"
    return f"{value!r}"


@dataclass(frozen=True, slots=True)
class OrShort:
    """In the JSON Schema: the value's own form, or one of these short ones."""

    types: tuple[str, ...] = ("string",)

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        short: dict[str, Any] = {"type": self.types[0] if len(self.types) == 1 else list(self.types)}
        if "array" in self.types:
            short["items"] = {"type": ["string", "number", "boolean"]}
        return {"anyOf": [short, handler(core_schema)]}


def _schema(*types: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": types[0] if len(types) == 1 else list(types), **more})


_LIST = {"type": "array", "items": {"type": ["string", "number", "boolean"]}}
_MAP = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}

Text = Annotated[str, BeforeValidator(read_text), _schema("string", "number", "boolean")]
Boolean = Annotated[bool, BeforeValidator(read_boolean), _schema("boolean", "string")]
Integer = Annotated[int, BeforeValidator(read_integer), _schema("integer", "string")]
Size = Annotated[
    int, BeforeValidator(read_size), Show(show_size), _schema("string", "integer", examples=["64m", "1.5g"])
]
Duration = Annotated[
    int,
    BeforeValidator(read_duration),
    Show(show_duration),
    WithJsonSchema({"anyOf": [{"type": "string", "examples": ["1m30s"]}, {"const": 0}]}),
]
Microseconds = Annotated[
    int, BeforeValidator(read_microseconds), _schema("integer", "string", examples=[50000, "50ms"])
]
Cpus = Annotated[int, BeforeValidator(read_cpus), Show(show_cpus), _schema("number", "string", examples=[0.5])]
Mode = Annotated[int, BeforeValidator(read_mode), Show(show_mode), _schema("string", "integer", examples=["0440"])]
_TEXTS = WithJsonSchema({"anyOf": [{"type": "string"}, _LIST]})
_MAPS = WithJsonSchema({"anyOf": [_MAP, _LIST]})

Words = Annotated[tuple[Text, ...], BeforeValidator(split_words), _TEXTS]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list), _TEXTS]
TextSet = Annotated[tuple[Text, ...], AfterValidator(sorted_set), BeforeValidator(as_list), _TEXTS]
TextMap = Annotated[dict[str, Text], BeforeValidator(as_full_map), _MAPS]
OptionalTextMap = Annotated[dict[str, Text | None], BeforeValidator(as_map), _MAPS]
