"""The table of what containers use, read again and again until it is enough.

Takes what is to be watched, prints to stdout: a table that is drawn anew in a terminal, else one below the other.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from dockerdecl.operations.stats import Order
    from dockerdecl.reach import Reached
    from dockerdecl.reconcile import Request

Document = Mapping[str, Any]

_SPARE_LINES = 3


@dataclass(frozen=True, slots=True)
class Watch:
    """What is to be watched: those that `words` name, or all that run; every `interval` seconds, or `once`."""

    words: tuple[str, ...]
    order: Order
    interval: float
    everyone: bool
    once: bool


def watch(terminal: Terminal, request: Request, wanted: Watch, output_format: DocumentFormat) -> int:
    """Prints readings until it is interrupted, or one."""
    from dockerdecl.cli.interruption import stoppable
    from dockerdecl.reach import reach

    with stoppable(), reach(request) as reached:
        documents = readings(reached, wanted)
        if output_format is DocumentFormat.JSON:
            for document in documents:
                terminal.show_text(json.dumps(document, ensure_ascii=False))
        elif sys.stdout.isatty() and terminal.environment.get("TERM") != "dumb" and not wanted.once:
            _draw(terminal, documents)
        else:
            _print(terminal, documents)
    return ExitCode.DONE


def readings(reached: Reached, wanted: Watch) -> Iterator[Document]:
    """Documents of what the containers use. What is started meanwhile comes in, unless containers are named."""
    from dockerdecl.operations.listing import seen
    from dockerdecl.operations.sampling import Sampler
    from dockerdecl.operations.stats import stats_document

    with Sampler(reached.engine) as sampler:
        while True:
            began = time.monotonic()
            found = seen(reached.engine, wanted.words, reached.project, everyone=wanted.everyone)
            chosen = found if wanted.words else tuple(one for one in found if one.running)
            sampler.watch(one.id for one in chosen)
            sampler.wait()
            moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            yield stats_document(chosen, sampler.usages(), wanted.order, moment)
            if wanted.once:
                return
            time.sleep(max(wanted.interval - (time.monotonic() - began), 0.05))


def _print(terminal: Terminal, documents: Iterator[Document]) -> None:
    from rich.text import Text

    from dockerdecl.cli.render.stats_text import stats_lines

    for number, document in enumerate(documents):
        lines = stats_lines(document, width=terminal.table_width, glyphs=terminal.glyphs())
        terminal.show([*([Text()] if number else []), *lines])


def _draw(terminal: Terminal, documents: Iterator[Document]) -> None:
    "on a screen of its own, which no change of the window's size can tear; the last table stays when that is gone"
    from rich.live import Live

    from dockerdecl.cli.render.stats_text import stats_lines

    picture = _Picture(terminal)
    console = terminal.console(sys.stdout)
    try:
        with Live(picture, console=console, screen=True, auto_refresh=False) as live:
            for picture.document in documents:
                live.refresh()
    finally:
        if picture.document is not None:
            terminal.show(stats_lines(picture.document, width=terminal.width, glyphs=terminal.glyphs()))


@dataclass(slots=True)
class _Picture:
    """The newest table, made anew for the size that the terminal has by now."""

    terminal: Terminal
    document: Document | None = None

    def __rich_console__(self, console: Console, _options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        from dockerdecl.cli.render.stats_text import stats_lines

        if self.document is not None:
            rows = max(console.height - _SPARE_LINES, 1)
            lines = stats_lines(self.document, width=console.width - 1, glyphs=self.terminal.glyphs(), rows=rows)
            yield Text("\n", no_wrap=True, overflow="ellipsis").join(lines)
