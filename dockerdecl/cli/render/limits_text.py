"""What containers may use and do use, as a table, with sums, warnings, and limits to paste into a manifest.

Takes a `dockerdecl/limits/v1` document, gives styled lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs
from dockerdecl.cli.render.sizes import NOTHING, memory_words
from dockerdecl.cli.render.tables import Column, Row, table_lines
from dockerdecl.cli.render.visible import visible
from dockerdecl.cli.render.wrapping import wrapped
from dockerdecl.operations.limits import largest
from dockerdecl.resources.words import read_size

Document = Mapping[str, Any]

_NO_LIMIT = "no limit"


def limits_lines(document: Document, *, width: int | None, glyphs: Glyphs, wrap: int) -> Iterator[Text]:
    """The table of those that run, the sums, what is worth a look, and the suggestions where it was sampled."""
    if not document["containers"]:
        yield Text("No container runs.")
        return
    word = "PEAK" if document["seconds"] else "USED"
    columns = (
        Column("CONTAINER", shrinks=True),
        *(Column(heading, right=True) for heading in ("MEMORY", word, "CPUS", word, "PIDS", word)),
    )
    yield from table_lines(columns, map(_row, document["containers"]), width=width, glyphs=glyphs)
    yield Text()
    yield from _sums(document)
    for warning in document["warnings"]:
        yield from _warning(warning, wrap)
    yield from _suggestions(document)


def _row(container: Document) -> Row:
    may, seen = container["limits"], container["peak"] or container["used"]
    return (
        container["address"] or container["name"],
        _NO_LIMIT if may["memory"] is None else memory_words(may["memory"]),
        memory_words(seen["memory"]),
        _NO_LIMIT if may["cpus"] is None else f"{may['cpus']:g}",
        NOTHING if seen["cpus"] is None else f"{seen['cpus']:.2f}",
        _NO_LIMIT if may["pids"] is None else str(may["pids"]),
        NOTHING if seen["pids"] is None else str(seen["pids"]),
    )


def _sums(document: Document) -> Iterator[Text]:
    host = document["host"]
    yield Text(f"Host: {memory_words(host['memory'])} of memory, {host['cpus']} CPUs.")
    for sums, whose in ((document["sum"], "Limits of these"), (document["others"], "Limits of others")):
        if sums["containers"]:
            without = [
                f"{sums[key]} without a limit of {what}"
                for key, what in (("without_memory", "memory"), ("without_cpus", "CPUs"))
                if sums[key]
            ]
            amounts = f"{memory_words(sums['memory'])} of memory, {sums['cpus']:g} CPUs"
            yield Text("; ".join([f"{whose}: {amounts}", *without]) + ".")


def _warning(warning: Document, width: int) -> Iterator[Text]:
    whose = f"{warning['address']} " if warning["address"] else ""
    yield from wrapped(
        f"warning: {visible(whose + warning['message'])}", width, indent=2, style="yellow", first_indent=0
    )
    if warning["hint"]:
        yield from wrapped(f"hint: {visible(warning['hint'])}", width, indent=4, style="cyan", first_indent=2)


def _suggestions(document: Document) -> Iterator[Text]:
    found: dict[str, list[Any]] = {}
    for container in document["containers"]:
        if container["suggestion"] and container["address"]:
            key = container["address"].removeprefix("container.").partition("[")[0]
            found.setdefault(key, []).append(container["suggestion"])
    if not found:
        return
    yield Text()
    yield Text(f"# what was seen in {document['seconds']:g} s, with a margin", style="dim")
    yield Text("containers:")
    for key, suggestions in found.items():
        yield Text(f"  {visible(key)}:")
        for word, value in largest(suggestions, read_size).items():
            yield Text(f"    {word}: {value}")
