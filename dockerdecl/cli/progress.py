"""What a run says while its steps are executed: a live line per running step, or one plain line per finished one.

Takes the events of the execution, which come from several threads, and prints to stderr. Decides nothing, and
never raises: a terminal that went away must not stop the steps.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from dockerdecl.cli.terminal import Terminal
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.live import Live
    from rich.text import Text

    from dockerdecl.execution.events import Event, StepFinished, StepProgress

_REFRESHES_PER_SECOND = 8
# Lines of the terminal that stay free: what was printed last, and where the cursor rests.
_SPARE_LINES = 3
_SHOW_CURSOR = b"\x1b[?25h\n"


@dataclass(frozen=True, slots=True)
class _Running:
    text: str
    since: float
    detail: str = ""


class Progress:
    """A listener for the events of an execution, and the context in which it may draw.

    `clock` gives seconds that only move forward; with `verbose`, plain output says too when a step starts.
    """

    def __init__(
        self, terminal: Terminal, *, verbose: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._terminal = terminal
        self._clock = clock
        self._says_starts = verbose and not terminal.is_live()
        self._live: Live | None = None
        # Reentrant, since a signal handler may print while its own thread prints. What is running is replaced and
        # never changed, so that the drawing thread reads it without this lock: it holds one of rich's meanwhile.
        self._lock = threading.RLock()
        self._running: Mapping[int, _Running] = MappingProxyType({})
        self._untold: deque[Text] = deque()

    def __enter__(self) -> Progress:
        if self._terminal.is_live():
            from rich.live import Live

            tell = self._tell_above

            class Telling(Live):
                # To print each line by itself would draw the picture for each, which takes longer than most steps.
                def refresh(self) -> None:
                    tell()
                    super().refresh()

            self._live = Telling(
                self,
                console=self._terminal.console(sys.stderr),
                transient=True,
                refresh_per_second=_REFRESHES_PER_SECOND,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            with suppress(OSError):
                self._live.stop()

    def __rich_console__(self, console: Console, _options: ConsoleOptions) -> RenderResult:
        """Is drawn anew each time, so that a step is never shown as running below the line that says it is done."""
        yield self.picture(console)

    def __call__(self, event: Event) -> None:
        """Takes note of one event and shows what it means."""
        from dockerdecl.execution.events import StepFinished, StepProgress, StepStarted

        with self._lock:
            match event:
                case StepStarted():
                    self._running = {**self._running, event.step_id: _Running(event.text, self._clock())}
                    if self._says_starts:
                        self.say(f"  started   {event.text}")
                case StepProgress():
                    self._moved(event)
                case StepFinished():
                    self._finished(event)

    def say(self, text: str, style: str = "") -> None:
        """Prints one line of its own, above the running steps."""
        from rich.text import Text

        from dockerdecl.cli.render.visible import visible

        self._print(Text(visible(text), style=style))
        self._tell_above()

    def abandon(self) -> None:
        """Makes the cursor visible again, without a lock: for a process that ends at once."""
        if self._live is not None:
            with suppress(OSError):
                os.write(sys.stderr.fileno(), _SHOW_CURSOR)

    def picture(self, console: Console) -> Text:
        """The running steps, oldest first, one line each, as many as the terminal has room for."""
        from rich.text import Text

        from dockerdecl.cli.render.report_text import seconds_words
        from dockerdecl.cli.render.values import shorten
        from dockerdecl.cli.render.visible import visible

        running = tuple(self._running.values())
        room = max(console.height - _SPARE_LINES, 1)
        lines = []
        for step in running[:room]:
            ending = f"  {seconds_words(self._clock() - step.since)}"
            text = visible(f"  {step.text}  {step.detail}".rstrip())
            lines.append(Text(shorten(text, console.width - len(ending) - 1, "...")).append(ending, style="dim"))
        if len(running) > room:
            lines.append(Text(f"  and {len(running) - room} more", style="dim"))
        return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)

    def _moved(self, event: StepProgress) -> None:
        known = self._running.get(event.step_id)
        if known is not None:
            detail = f"{event.text} {amount_words(event.current, event.total)}".strip()
            self._running = {**self._running, event.step_id: replace(known, detail=detail)}

    def _finished(self, event: StepFinished) -> None:
        known = self._running.get(event.step_id)
        self._running = {key: step for key, step in self._running.items() if key != event.step_id}
        # What was never begun is in the report, where it stands together.
        if known is not None:
            self._print(_finished_line(event, known.text))

    def _print(self, line: Text) -> None:
        with self._lock, suppress(OSError):
            if self._live is None:
                self._terminal.tell([line])
            else:
                self._untold.append(line)

    def _tell_above(self) -> None:
        "what ended since the last drawing; by the drawing thread too, so that no lock is taken"
        from rich.text import Text

        lines: list[Text] = []
        with suppress(IndexError):
            while True:
                lines.append(self._untold.popleft())
        if lines and self._live is not None:
            with suppress(OSError):
                self._live.console.print(Text("\n").join(lines), soft_wrap=True)


def _finished_line(event: StepFinished, text: str) -> Text:
    from rich.text import Text

    from dockerdecl.cli.render.marks import OUTCOME_STYLES
    from dockerdecl.cli.render.report_text import seconds_words
    from dockerdecl.cli.render.visible import visible

    line = Text("  ").append(f"{event.outcome:<9} ", style=OUTCOME_STYLES[event.outcome])
    line.append(visible(text)).append(f"  ({seconds_words(event.seconds)})", style="dim")
    remark = event.error.problems[0].message if event.error is not None else event.note
    return line.append(f": {visible(remark.splitlines()[0])}") if remark else line


def amount_words(current: int, total: int) -> str:
    """Bytes in words: `12.3 of 45.6 MB`, or `12.3 MB` where nobody knows how many will come."""
    largest = max(current, total)
    if not largest:
        return ""
    size, unit = (10**9, "GB") if largest >= 10**9 else (10**6, "MB") if largest >= 10**6 else (10**3, "kB")
    return f"{current / size:.1f}{f' of {total / size:.1f}' if total else ''} {unit}"
