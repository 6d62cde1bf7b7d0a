"""What containers use, as a table.

Takes a `dockerdecl/stats/v1` document, gives styled lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs
from dockerdecl.cli.render.sizes import NOTHING, memory_words, percent_words, size_words
from dockerdecl.cli.render.tables import Cell, Column, Row, table_lines

Document = Mapping[str, Any]

_COLUMNS = (
    Column("CONTAINER", shrinks=True),
    Column("CPU", right=True),
    Column("MEMORY", right=True),
    Column("LIMIT", right=True),
    Column("MEM", right=True),
    Column("NET IN", right=True),
    Column("NET OUT", right=True),
    Column("READ", right=True),
    Column("WRITTEN", right=True),
    Column("PIDS", right=True),
)
_NARROW = (0, 1, 2, 3, 4, 9)
_WHOLE_WIDTH = 96
_TIGHT_PERCENT = 90


def stats_lines(document: Document, *, width: int | None, glyphs: Glyphs, rows: int | None = None) -> Iterator[Text]:
    """The table, without network and block I/O where it would not fit; of so many `rows` at most."""
    containers = document["containers"]
    if not containers:
        yield Text("No container runs.")
        return
    shown = containers if rows is None or len(containers) <= rows else containers[: max(rows - 1, 1)]
    columns = range(len(_COLUMNS)) if width is None or width >= _WHOLE_WIDTH else _NARROW
    table = [[row[index] for index in columns] for row in map(_row, shown)]
    yield from table_lines([_COLUMNS[index] for index in columns], table, width=width, glyphs=glyphs)
    if len(shown) < len(containers):
        yield Text(f"and {len(containers) - len(shown)} more", style="dim")


def _row(container: Document) -> Row:
    label = container["address"] or container["name"]
    if container["memory"] is None:
        return (label, Cell(container["state"], "dim"), *([NOTHING] * (len(_COLUMNS) - 2)))
    share = container["memory_percent"]
    pids, most = container["pids"], container["pids_limit"]
    return (
        label,
        percent_words(container["cpu_percent"]),
        memory_words(container["memory"]),
        memory_words(container["memory_limit"]),
        Cell(percent_words(share), "bold red" if share is not None and share >= _TIGHT_PERCENT else ""),
        size_words(container["network_received"]),
        size_words(container["network_sent"]),
        size_words(container["block_read"]),
        size_words(container["block_written"]),
        f"{pids}/{most}" if most else str(pids),
    )
