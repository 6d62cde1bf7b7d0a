"""A table of texts: columns aligned, cut only where they would not fit a terminal.

Takes headings, rows of texts and a width, gives styled lines. Knows no document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs
from dockerdecl.cli.render.values import shorten
from dockerdecl.cli.render.visible import visible
from dockerdecl.values import dataclass

_GAP = "  "
_LEAST = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column; numbers stand on the `right`, and what `shrinks` loses its middle where there is no room."""

    heading: str
    right: bool = False
    shrinks: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with a style of its own."""

    text: str
    style: str = ""


Row = Sequence[str | Cell]


def table_lines(columns: Sequence[Column], rows: Iterable[Row], *, width: int | None, glyphs: Glyphs) -> Iterator[Text]:
    """The headings and the rows in lines of at most `width` cells; with None, nothing is cut."""
    body = [[_cell(cell) for cell in row] for row in rows]
    sizes = _sizes(columns, body, width)
    yield _line([Cell(column.heading, "bold") for column in columns], columns, sizes, glyphs)
    for row in body:
        yield _line(row, columns, sizes, glyphs)


def _cell(cell: str | Cell) -> Cell:
    return Cell(visible(cell)) if isinstance(cell, str) else Cell(visible(cell.text), cell.style)


def _sizes(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int | None) -> list[int]:
    sizes = [
        max([cell_len(column.heading), *(cell_len(row[index].text) for row in rows)])
        for index, column in enumerate(columns)
    ]
    too_wide = 0 if width is None else sum(sizes) + len(_GAP) * (len(sizes) - 1) - width
    for _ in range(too_wide):
        index = max(range(len(sizes)), key=lambda i: sizes[i] if columns[i].shrinks else 0)
        if sizes[index] <= _LEAST or not columns[index].shrinks:
            break
        sizes[index] -= 1
    return sizes


def _line(cells: Sequence[Cell], columns: Sequence[Column], sizes: Sequence[int], glyphs: Glyphs) -> Text:
    line = Text()
    for number, (cell, column, size) in enumerate(zip(cells, columns, sizes, strict=True)):
        text = shorten(cell.text, size, glyphs.ellipsis) if column.shrinks else cell.text
        space = " " * (size - cell_len(text))
        line.append(_GAP if number else "")
        line.append(space if column.right else "").append(text, style=cell.style)
        line.append("" if column.right else space)
    line.rstrip()
    return line
