"""A text that the user wrote: bytes to characters, and the lines that problems point to.

Takes bytes or problems, gives text, lines, or the same problems with their line. Opens no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from pathlib import Path

from dockerdecl.errors import DockerdeclError, Problem, Where, invalid
from dockerdecl.expressions import expression
from dockerdecl.values import dataclass

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What YAML 1.1 takes for the end of a line; str.splitlines knows some more, and would count other lines.
_LINE_END = expression("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class SourceText:
    """One file as it was read. `name` is how the user would call it, `sha256` the digest of its bytes in hex.

    `shown` is False where a line of it must not come out in a message: an env file holds passwords.
    """

    name: str
    path: Path
    content: str = field(repr=False)
    sha256: str
    shown: bool = True


def decode(data: bytes, name: str) -> str:
    """The characters of `data`, less a byte order mark.

    Raises DockerdeclError with the place of the first byte that is not UTF-8.
    """
    data = data.removeprefix(_BYTE_ORDER_MARK)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(data, error.start, name) from error


def place(text: str, position: int, name: str) -> Where:
    """The line and column of the character at `position` in `text`."""
    before = split_lines(text[:position])
    return Where(name, len(before), len(before[-1]) + 1)


def split_lines(text: str) -> list[str]:
    """The lines of `text`, counted as YAML counts them."""
    return _LINE_END.split(text)


def with_lines(problems: Iterable[Problem], contents: Mapping[str, str]) -> tuple[Problem, ...]:
    """The same problems, each with the line that it points to; `contents` has the texts by file name."""
    wanted = tuple(problems)
    files = {problem.where.file for problem in wanted if problem.where} & contents.keys()
    lines = {file: split_lines(contents[file]) for file in files}
    return tuple(_with_line(problem, lines) for problem in wanted)


def _with_line(problem: Problem, lines: Mapping[str, list[str]]) -> Problem:
    where = problem.where
    if where is None or problem.line is not None or where.file not in lines:
        return problem
    in_file = lines[where.file]
    return replace(problem, line=in_file[where.line - 1] if where.line <= len(in_file) else "")


def _not_utf8(data: bytes, position: int, name: str) -> DockerdeclError:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        message, encoding = "the file is UTF-16, not UTF-8", "UTF-16"
    else:
        message, encoding = f"byte 0x{data[position]:02X} is not valid UTF-8", "ISO-8859-1"
    before = data[:position].decode("utf-8")
    line = split_lines(before)[-1] + split_lines(data[position:].decode("utf-8", errors="replace"))[0]
    hint = f"save the file as UTF-8, for example with `iconv -f {encoding} -t UTF-8`"
    return invalid(Problem("not-utf-8", message, where=place(before, len(before), name), hint=hint, line=line))
