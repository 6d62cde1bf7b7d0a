"""The fields of one change as lines of text: `path: before → after`, or a difference of lines.

Takes the `fields` of a change in a plan document, gives styled lines that fit a width. Knows no addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs
from dockerdecl.cli.render.values import (
    is_multi_line,
    line_difference,
    lines_of,
    one_line,
    shorten,
    shorten_pair,
)
from dockerdecl.cli.render.visible import visible
from dockerdecl.values import dataclass

Field = Mapping[str, Any]

_UNSET = "(not set)"
_BLOCK_INDENT = 2
_BLOCK_LINES = 24
_LINE_STYLES = {"-": "red", "+": "green", "@": "dim", " ": ""}


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """Where the fields of one change stand: `width` cells in all, of which `indent` stay empty."""

    width: int
    indent: int
    glyphs: Glyphs
    verbose: bool


def field_lines(action: str, fields: Sequence[Field], layout: FieldLayout) -> Iterator[Text]:
    """The lines of `fields`, their values aligned in one column.

    In a creation there is no before, in a removal no after, so each shows one value. Which fields force a
    replacement is said where others don't, since else the action says it already.
    """
    said = action != "create" and any(field.get("forces") != action for field in fields)
    widest = max((cell_len(visible(field["path"])) for field in fields), default=0)
    column = min(widest, max((layout.width - layout.indent) * 2 // 5, 8))
    for field in fields:
        forced = _forced(field) if said else ""
        longest = layout.width - layout.indent - 1 - len(forced)
        label = shorten(visible(field["path"]), longest, layout.glyphs.ellipsis) + ":"
        head = Text(" " * layout.indent + label + " " * (column + 1 - cell_len(label)))
        yield from _one_field(action, field, head, forced, layout)


def _one_field(action: str, field: Field, head: Text, forced: str, layout: FieldLayout) -> Iterator[Text]:
    room = layout.width - cell_len(head.plain) - 1
    inline = None if _wants_block(field) else _inline(action, field, layout.glyphs)
    if inline is not None and cell_len(inline.plain) + cell_len(forced) <= room:
        yield head.append(" ").append_text(inline).append(forced, style="magenta")
        return
    yield Text(head.plain.rstrip()).append(forced, style="magenta")
    yield from _block(action, field, layout)


def _forced(field: Field) -> str:
    forces = field.get("forces")
    if not forces:
        return ""
    return "  (forces replacement)" if forces == "replace" else f"  (forces {visible(str(forces))})"


def _wants_block(field: Field) -> bool:
    return not field.get("sensitive") and (is_multi_line(field.get("before")) or is_multi_line(field.get("after")))


def _sides(action: str, field: Field) -> tuple[str | None, str | None]:
    """Both values on one line; none where the action has no such side."""
    masked = bool(field.get("sensitive"))
    before, after = (
        _UNSET if field.get(side) is None else one_line(field[side], masked=masked) for side in ("before", "after")
    )
    return (None if action == "create" else before), (None if action == "remove" else after)


def _inline(action: str, field: Field, glyphs: Glyphs) -> Text:
    match _sides(action, field):
        case (None, after):
            return Text(after or "", style="green")
        case (before, None):
            return Text(before or "", style="red")
        case (before, after):
            line = Text().append(before or "", "dim" if before == _UNSET else "red")
            line.append(f" {glyphs.arrow} ", "dim")
            return line.append(after or "", "dim" if after == _UNSET else "green")


def _block(action: str, field: Field, layout: FieldLayout) -> Iterator[Text]:
    indent = layout.indent + _BLOCK_INDENT
    room = layout.width - indent - 2
    lines = list(_difference(action, field, room, layout.glyphs.ellipsis))
    shown = lines if layout.verbose or len(lines) <= _BLOCK_LINES + 1 else lines[:_BLOCK_LINES]
    for sign, line in shown:
        yield Text(f"{' ' * indent}{_signed(sign, line, room, layout.glyphs.ellipsis)}".rstrip(), _LINE_STYLES[sign])
    if len(shown) < len(lines):
        yield Text(" " * indent).append(f"  {len(lines) - len(shown)} more lines, with --verbose", style="dim")


def _signed(sign: str, line: str, room: int, ellipsis: str) -> str:
    if sign == "@":
        return f"  {ellipsis} {line} {ellipsis}"
    return f"{sign} {shorten(line, room, ellipsis)}"


def _difference(action: str, field: Field, room: int, ellipsis: str) -> Iterator[tuple[str, str]]:
    before = None if action == "create" else field.get("before")
    after = None if action == "remove" else field.get("after")
    if field.get("sensitive") or not (_has_lines(before) or _has_lines(after)):
        yield from _two_lines(action, field, room, ellipsis)
    else:
        yield from line_difference(before, after)


def _has_lines(value: Any) -> bool:
    return len(lines_of(value)) > 1


def _two_lines(action: str, field: Field, room: int, ellipsis: str) -> Iterator[tuple[str, str]]:
    before, after = _sides(action, field)
    if before is not None and after is not None:
        before, after = shorten_pair(before, after, room, ellipsis)
    if before is not None:
        yield "-", before
    if after is not None:
        yield "+", after
