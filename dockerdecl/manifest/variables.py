"""The variables of Compose: `$X`, `${X}`, `${X:-default}`, `${X:?message}`, `${X:+other}` and `$$`.

Takes a text and a way to look names up, gives the text with the variables replaced. Knows neither YAML nor files: a
mistake is told by its offset in the text, which the caller turns into a place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import TypeAlias

from dockerdecl.expressions import expression
from dockerdecl.values import dataclass

Lookup: TypeAlias = Callable[[str], str | None]
"""Gives the value of a name, or None where it is not set."""

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_OUTSIDE = expression(rf"\$(?:\$|\{{|{_NAME})")
_INSIDE = expression(rf"\$(?:\$|\{{|{_NAME})|[{{}}]")
_HEAD = expression(rf"(?P<name>{_NAME})(?P<operator>:?[-?+])?")
_MAX_NESTING = 20
_RIGHT_FORMS = (
    "write `${NAME}`, `${NAME:-default}`, `${NAME:?message}` or `${NAME:+other}`; `$$` is a plain dollar sign"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One variable in a text. `operator` is empty or one of `:-` `-` `:?` `?` `:+` `+`, and `word` what follows it."""

    name: str
    operator: str
    word: Template
    offset: int


Template: TypeAlias = tuple["str | Reference", ...]
"""A text cut into plain parts and references."""


class VariableSyntaxError(Exception):
    """A variable that is not well formed; `offset` is where it begins in the text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = _RIGHT_FORMS


@dataclass(frozen=True, slots=True)
class Missing:
    """A variable that must be set and is not, with the message that the text has for it."""

    name: str
    message: str
    offset: int


@dataclass(slots=True)
class Expansion:
    """The text with its variables replaced, and what was met on the way."""

    text: str = ""
    names: set[str] = field(default_factory=set)
    unset: list[Reference] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


def parse_template(text: str) -> Template:
    """`text` cut at its variables. A `$` that begins none stays as it is.

    Raises VariableSyntaxError for a `${` that does not go on as it must.
    """
    return _parts(text, 0, depth=0)[0]


def expand(template: Template, lookup: Lookup) -> Expansion:
    """The text of `template` with every name looked up; a default is only looked at where it is needed."""
    expansion = Expansion()
    expansion.text = _expand(template, lookup, expansion)
    return expansion


def _parts(text: str, start: int, depth: int) -> tuple[Template, int]:
    """The parts from `start` to the end of the text or, inside braces, to the brace that closes them."""
    parts: list[str | Reference] = []
    plain, at, braces = start, start, 0
    pattern = _INSIDE if depth else _OUTSIDE
    while token := pattern.search(text, at):
        at = token.end()
        match token.group():
            case "{":
                braces += 1
                continue
            case "}" if braces:
                braces -= 1
                continue
        parts.append(text[plain : token.start()])
        match token.group():
            case "}":
                return _joined(parts), token.start()
            case "$$":
                parts.append("$")
            case "${":
                reference, at = _braced(text, token.start(), depth)
                parts.append(reference)
            case name:
                parts.append(Reference(name[1:], "", (), token.start()))
        plain = at
    parts.append(text[plain:])
    return _joined(parts), len(text)


def _braced(text: str, start: int, depth: int) -> tuple[Reference, int]:
    if depth >= _MAX_NESTING:
        raise VariableSyntaxError(f"variables are nested deeper than {_MAX_NESTING} levels", start)
    head = _HEAD.match(text, start + 2)
    if head is None:
        raise VariableSyntaxError("`${` must be followed by the name of a variable", start)
    name, operator = head["name"], head["operator"] or ""
    word: Template = ()
    end = head.end()
    if operator:
        word, end = _parts(text, end, depth + 1)
    if end >= len(text):
        raise VariableSyntaxError(f"`${{{name}{operator}` is not closed with `}}`", start)
    if text[end] != "}":
        raise VariableSyntaxError(f"`${{{name}` is followed by `{text[end]}`, which means nothing here", start)
    return Reference(name, operator, word, start), end + 1


def _joined(parts: list[str | Reference]) -> Template:
    """The same parts, neighbouring plain ones as one and empty ones left out."""
    joined: list[str | Reference] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def _expand(template: Template, lookup: Lookup, expansion: Expansion) -> str:
    return "".join(part if isinstance(part, str) else _value(part, lookup, expansion) for part in template)


def _value(reference: Reference, lookup: Lookup, expansion: Expansion) -> str:
    expansion.names.add(reference.name)
    value = lookup(reference.name)
    counts = bool(value) if reference.operator.startswith(":") else value is not None
    match reference.operator[-1:]:
        case "-":
            return value or "" if counts else _expand(reference.word, lookup, expansion)
        case "+":
            return _expand(reference.word, lookup, expansion) if counts else ""
        case "?" if not counts:
            message = _expand(reference.word, lookup, expansion)
            expansion.missing.append(Missing(reference.name, message, reference.offset))
        case "" if value is None:
            expansion.unset.append(reference)
    return value or ""
