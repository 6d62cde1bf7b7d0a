"""What was found in a registry as a table that fits the terminal.

Takes a `dockerdecl/search/v1` document and a width, gives styled lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs
from dockerdecl.cli.render.tables import Column, table_lines

Document = Mapping[str, Any]


def search_lines(document: Document, *, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """Names with their tags, or, of the public index, with what it says of them."""
    images = document["images"]
    if all(image["stars"] is None for image in images):
        columns = (Column("NAME"), Column("TAGS", shrinks=True))
        rows = [(image["name"], ", ".join(image["tags"]) or "-") for image in images]
        yield from table_lines(columns, rows, width=width, glyphs=glyphs)
        return
    further = (Column("NAME"), Column("STARS", right=True), Column("OFFICIAL"), Column("DESCRIPTION", shrinks=True))
    told = [(i["name"], str(i["stars"]), "yes" if i["official"] else "-", i["description"]) for i in images]
    yield from table_lines(further, told, width=width, glyphs=glyphs)
