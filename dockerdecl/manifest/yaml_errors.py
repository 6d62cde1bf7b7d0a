"""What the YAML scanner and parser find wrong, in words that say what to change.

Takes the errors of PyYAML, gives problems with a place and a hint. Reads no file and parses nothing itself.
"""

from __future__ import annotations

from yaml import MarkedYAMLError

from dockerdecl.errors import Problem, Where
from dockerdecl.expressions import expression
from dockerdecl.manifest.texts import split_lines
from dockerdecl.values import dataclass

_INDENT = "check the indentation: what belongs together begins in the same column"


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one message of the parser reads for people. `opened` points to where the unfinished thing began."""

    found: str
    message: str
    hint: str
    opened: bool = False
    code: str = "yaml-syntax"


_READINGS = (
    _Reading(
        "mapping values are not allowed",
        "a `:` is not allowed here",
        'check the indentation of this line, and put a value that holds ": " in quotes',
    ),
    _Reading("did not find expected ',' or ']'", "this list is not closed", "end it with `]`", opened=True),
    _Reading("did not find expected ',' or '}'", "this mapping is not closed", "end it with `}`", opened=True),
    _Reading("unexpected end of stream", "this quote is not closed", "end the text with the same quote", opened=True),
    _Reading(
        "unexpected document indicator", "this quote is not closed", "end the text with the same quote", opened=True
    ),
    _Reading("did not find expected '-' indicator", "a list item must begin with `-` here", _INDENT),
    _Reading("did not find expected key", "a key is expected here", _INDENT),
    _Reading("block sequence entries are not allowed", "a list item can't begin here", "put it on a line of its own"),
    _Reading("did not find expected node content", "a value is expected here", _INDENT),
    _Reading("could not find expected ':'", "this line has no `:` after its key", "write `key: value`"),
    _Reading(
        "unknown escape character",
        "this escape is not known in double quotes",
        r"write the backslash twice (`\\`), or use single quotes",
    ),
    _Reading("hexdecimal number", "this escape needs hexadecimal digits", r"write the backslash twice (`\\`)"),
    _Reading("hexadecimal number", "this escape needs hexadecimal digits", r"write the backslash twice (`\\`)"),
    _Reading(
        "did not find expected alphabetic or numeric",
        "`&` and `*` begin the name of an anchor here",
        "put a value that begins with `&` or `*` in quotes",
        opened=True,
    ),
    _Reading("undefined tag handle", "this tag is not known", "put a value that begins with `!` in quotes"),
    _Reading(
        "unknown directive",
        "this directive is not known",
        "remove it; a value that begins with `%` needs quotes",
        opened=True,
    ),
    _Reading("incompatible YAML document", "this version of YAML is not supported", "remove the line `%YAML`"),
    _Reading("maximum nesting", "the nesting is far too deep", "write it flatter", code="nesting-too-deep"),
)
_INDENTATION = expression(r" *\t")
_RESERVED = "@`%|>!&*,]}"


def syntax_problem(error: MarkedYAMLError, file: str, text: str) -> Problem:
    """The problem that `error` means in `text`."""
    said, mark, opened = error.problem or "", error.problem_mark or error.context_mark, error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = split_lines(text)
    offending = lines[line] if line < len(lines) else ""
    here = Where(file, line + 1, column + 1)
    if (tab := _INDENTATION.match(offending)) is not None:
        where = Where(file, line + 1, tab.end())
        return Problem("tab-indentation", "a tab can't indent YAML", where=where, hint="indent with spaces")
    if "cannot start any token" in said:
        return _reserved(offending[column : column + 1], here)
    if "did not find expected ','" in said and opened and opened.line == line:
        return _unseparated(offending, here, closing=said[-2])
    reading = next((reading for reading in _READINGS if reading.found in said), None)
    if reading is None:
        return Problem("yaml-syntax", said or "the text can't be understood", where=here, hint=_INDENT)
    where = Where(file, opened.line + 1, opened.column + 1) if reading.opened and opened else here
    return Problem(reading.code, reading.message, where=where, hint=reading.hint)


def _unseparated(line: str, where: Where, closing: str) -> Problem:
    """What stands in the way inside `[ ]` or `{ }`; often the brace of a variable."""
    if line[: where.column].endswith("${"):
        where = Where(where.file, where.line, where.column - 1)
        hint = 'put the value in quotes, such as "${NAME}"'
        return Problem("yaml-syntax", "`${` needs quotes inside `[ ]` and `{ }`", where=where, hint=hint)
    message = f"`,` or `{closing}` is expected here"
    return Problem("yaml-syntax", message, where=where, hint="part items with `,`, or put the value in quotes")


def _reserved(character: str, where: Where) -> Problem:
    if character == "\t":
        return Problem("tab-indentation", "a tab can't separate words here", where=where, hint="use spaces")
    hint = "put the value in quotes" if character in _RESERVED else _INDENT
    return Problem("yaml-syntax", f"a value can't begin with `{character}`", where=where, hint=hint)
