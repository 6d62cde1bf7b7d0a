"""How a value looks on one line, cut to a width, or as a difference of lines.

Takes the plain values of a document, gives text in which nothing can move the cursor, reorder the line or pass
for something else. Knows no colour and no layout.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any

from rich.cells import cell_len

from dockerdecl.cli.render.visible import is_visible, visible
from dockerdecl.expressions import expression

# What YAML would read as something else than this string, or a reader as no value at all.
_NOT_BARE = expression(
    r"""^$|^\s|\s$|^["'\[{]|^(null|true|false|~|-?(infinity|nan|\d+(\.\d*)?(e[+-]?\d+)?))$|^\((not set|sensitive)\)$""",
    re.I,
)

_CONTEXT_LINES = 1
_NO_LAST_LINE_FEED = "(no line feed at the end)"


def one_line(value: Any, *, masked: bool = False) -> str:
    """`value` on one line: words stay bare, what could be mistaken for another value is quoted as JSON."""
    if masked:
        return str(value)
    if isinstance(value, str):
        bare = not _NOT_BARE.search(value) and is_visible(value)
        return value if bare else visible(json.dumps(value, ensure_ascii=False))
    return visible(json.dumps(value, ensure_ascii=False))


def is_multi_line(value: Any) -> bool:
    """Whether `value` is a text of several lines, such as the content of a file."""
    return isinstance(value, str) and "\n" in value.strip("\n")


def lines_of(value: Any) -> list[str]:
    """`value` as lines that can be compared: lines of a text, elements of a list, entries of a mapping."""
    match value:
        case None:
            return []
        case list():
            return [one_line(item) for item in value]
        case dict():
            return [f"{one_line(key)}: {one_line(item)}" for key, item in value.items()]
        case str() if is_multi_line(value):
            return [visible(line) for line in value.removesuffix("\n").split("\n")]
        case _:
            return [one_line(value)]


def line_difference(before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """The lines of two values with `-`, `+` or a space before each; `@` stands for equal lines that are left out."""
    old, new = lines_of(before), lines_of(after)
    if is_multi_line(before) and is_multi_line(after) and before.endswith("\n") != after.endswith("\n"):
        (new if before.endswith("\n") else old).append(_NO_LAST_LINE_FEED)
    opcodes = SequenceMatcher(None, old, new).get_opcodes()
    for position, (tag, start, end, new_start, new_end) in enumerate(opcodes):
        if tag == "equal":
            head = _CONTEXT_LINES if position > 0 else 0
            tail = _CONTEXT_LINES if position < len(opcodes) - 1 else 0
            yield from _equal_lines(old[start:end], head, tail)
            continue
        yield from (("-", line) for line in old[start:end])
        yield from (("+", line) for line in new[new_start:new_end])


def _equal_lines(lines: list[str], head: int, tail: int) -> Iterator[tuple[str, str]]:
    left_out = len(lines) - head - tail
    if left_out <= 1:
        yield from ((" ", line) for line in lines)
        return
    yield from ((" ", line) for line in lines[:head])
    yield "@", f"{left_out} equal lines"
    yield from ((" ", line) for line in lines[len(lines) - tail :])


def shorten(text: str, width: int, ellipsis: str) -> str:
    """`text` in at most `width` cells; what is too long loses its middle, since both ends tell most."""
    if cell_len(text) <= width:
        return text
    room = max(width - cell_len(ellipsis), 0)
    tail = _take(text[::-1], room // 2)[::-1]
    return _take(text, room - cell_len(tail)) + ellipsis[: max(width, 0)] + tail


def shorten_pair(before: str, after: str, width: int, ellipsis: str) -> tuple[str, str]:
    """Both texts in at most `width` cells, cut so that where they first differ stays in sight."""
    cut_before, cut_after = shorten(before, width, ellipsis), shorten(after, width, ellipsis)
    if cut_before != cut_after or before == after:
        return cut_before, cut_after
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    kept = max(common - width // 4, 0)
    return shorten(ellipsis + before[kept:], width, ellipsis), shorten(ellipsis + after[kept:], width, ellipsis)


def _take(text: str, cells: int) -> str:
    taken = 0
    for index, character in enumerate(text):
        taken += cell_len(character)
        if taken > cells:
            return text[:index]
    return text
