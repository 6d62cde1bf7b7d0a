"""What was looked up on an engine, to where it is wanted: as JSON, or as tables for the terminal at hand.

Takes documents and a format, prints. Renders nothing itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_json
from dockerdecl.cli.terminal import Terminal

if TYPE_CHECKING:
    from dockerdecl.reach import Reached
    from dockerdecl.resources.address import Address

Document = Mapping[str, Any]


def show_containers(
    terminal: Terminal, document: Document, wanted: DocumentFormat, *, quiet: bool, hidden: int
) -> None:
    """Prints a list of containers to stdout; `hidden` is how many more there are that don't run."""
    from dockerdecl.cli.render.container_list_text import container_list_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    elif quiet:
        show_ids(terminal, document["containers"])
    else:
        others = f", though {hidden} {'is' if hidden == 1 else 'are'} there (-a shows all)" if hidden else ""
        whose = f"of {document['project']} " if document["project"] else ""
        lines = container_list_lines(
            document,
            width=terminal.table_width,
            glyphs=terminal.glyphs(),
            now=datetime.now(UTC),
            when_empty=f"No container {whose}runs{others}.",
        )
        terminal.show(lines)


def show_ids(terminal: Terminal, entries: Iterable[Document]) -> None:
    """Prints the ids of things, one a line."""
    ids = [entry["id"] for entry in entries if entry["id"]]
    if ids:
        terminal.show_text("\n".join(ids))


def show_processes(terminal: Terminal, document: Document, wanted: DocumentFormat) -> None:
    """Prints the processes in containers to stdout."""
    from dockerdecl.cli.render.processes_text import processes_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(processes_lines(document, width=terminal.table_width, glyphs=terminal.glyphs()))


def show_ports(terminal: Terminal, document: Document, wanted: DocumentFormat, *, one: bool) -> None:
    """Prints where ports are published to stdout; of `one` port, the places alone."""
    from dockerdecl.cli.render.processes_text import ports_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(ports_lines(document, one=one))


def show_limits(terminal: Terminal, document: Document, wanted: DocumentFormat) -> None:
    """Prints what containers may use and do use to stdout."""
    from dockerdecl.cli.render.limits_text import limits_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        width, glyphs = terminal.table_width, terminal.glyphs()
        terminal.show(limits_lines(document, width=width, glyphs=glyphs, wrap=terminal.width))


@contextmanager
def telling_seconds(terminal: Terminal, whole: float) -> Iterator[Callable[[float], None]]:
    """Something to tell how many of the `whole` seconds are over, shown on stderr where a terminal is."""
    if not terminal.is_live() or not whole:
        yield lambda _over: None
        return
    from rich.status import Status

    with Status("", console=terminal.console(sys.stderr)) as status:
        yield lambda over: status.update(f"watching, {over:.0f} of {whole:.0f} s")


def show_inspection(terminal: Terminal, document: Document, wanted: DocumentFormat, *, raw: bool) -> None:
    """Prints what things are to stdout; `raw` prints the engine's own list."""
    from dockerdecl.cli.render.inspection_text import inspection_lines

    if raw:
        terminal.show_text(json.dumps([thing["raw"] for thing in document["things"]], indent=2, ensure_ascii=False))
    elif wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(inspection_lines(document))


def reference_of(reached: Reached) -> Callable[[Address], str]:
    """What gives the reference of an image's address: the manifest's entry; an address can hold one itself, too."""

    def reference(address: Address) -> str:
        from dockerdecl.errors import DockerdeclError

        try:
            images = reached.manifest().desired("").images
        except DockerdeclError as error:
            if error.code != "manifest-not-found":
                raise
            return address.key
        return images[address].reference if address in images else address.key

    return reference


def show_images(terminal: Terminal, document: Document, wanted: DocumentFormat, *, quiet: bool) -> None:
    """Prints images to stdout."""
    from dockerdecl.cli.render.disk_text import images_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    elif quiet:
        show_ids(terminal, document["images"])
    else:
        width, glyphs = terminal.table_width, terminal.glyphs()
        terminal.show(images_lines(document, width=width, glyphs=glyphs, now=datetime.now(UTC)))


def show_disk(terminal: Terminal, document: Document, wanted: DocumentFormat) -> None:
    """Prints what is held on disk to stdout."""
    from dockerdecl.cli.render.disk_text import disk_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(disk_lines(document, width=terminal.table_width, glyphs=terminal.glyphs()))
