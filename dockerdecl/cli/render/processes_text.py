"""The processes in containers as tables, and the places where ports are published as lines.

Takes a `dockerdecl/processes/v1` or a `dockerdecl/ports/v1` document, gives styled lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs
from dockerdecl.cli.render.tables import Column, table_lines
from dockerdecl.cli.render.visible import visible

Document = Mapping[str, Any]


def processes_lines(document: Document, *, width: int | None, glyphs: Glyphs) -> Iterator[Text]:
    """A table a container, below its address or name; the last column is cut where it doesn't fit."""
    if not document["containers"]:
        yield Text("No container runs.")
    for number, container in enumerate(document["containers"]):
        if number:
            yield Text()
        yield Text(visible(container["address"] or container["name"]), style="bold")
        *first, last = container["titles"]
        columns = [*(Column(title) for title in first), Column(last, shrinks=True)]
        yield from table_lines(columns, container["processes"], width=width, glyphs=glyphs)


def ports_lines(document: Document, *, one: bool) -> Iterator[Text]:
    """A line a place, as the docker CLI writes it; of `one` port, the places alone, for use in a command."""
    for port in document["ports"]:
        ip = f"[{port['host_ip']}]" if ":" in port["host_ip"] else port["host_ip"]
        place = f"{ip}:{port['host_port']}"
        yield Text(visible(place if one else f"{port['port']}/{port['protocol']} -> {place}"))
