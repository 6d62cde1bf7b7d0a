"""Lines of logs to stdout, as text or as JSON lines, and remarks about them to stderr.

Takes lines, prints. What is shown is `cli.render.log_text`'s.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.cli.render.log_text import LogText
    from dockerdecl.operations.following import Remark
    from dockerdecl.operations.found import FoundContainer
    from dockerdecl.operations.logs import Line

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class LogOutput:
    """Where the lines of a run go. `text` is how they look; without it they are JSON. `times` shows when each was."""

    terminal: Terminal
    text: LogText | None
    times: bool

    def write(self, lines: Iterable[Line]) -> None:
        """Prints lines as soon as they can be had, many at once where there are many."""
        iterator = iter(lines)
        while portion := list(islice(iterator, _AT_ONCE)):
            sys.stdout.buffer.write(b"".join(self._shown(line) for line in portion))
            sys.stdout.buffer.flush()

    def write_live(self, portions: Iterable[Sequence[Line | Remark]]) -> None:
        """Prints portions of lines as they come, and remarks between them."""
        from dockerdecl.operations.following import Remark

        for portion in portions:
            self.write(each for each in portion if not isinstance(each, Remark))
            for remark in portion:
                if isinstance(remark, Remark):
                    tell_text(self.terminal, f"{label_of(remark.container)} {remark.text}")

    def _shown(self, line: Line) -> bytes:
        if self.text is None:
            from dockerdecl.operations.logs import line_document

            return json.dumps(line_document(line), ensure_ascii=False).encode(errors="replace") + b"\n"
        from dockerdecl.engine.frames import STDERR

        written = line.line
        time = datetime.fromtimestamp(written.nanos / 1e9, UTC).astimezone() if self.times and written.nanos else None
        return self.text.line(label_of(line.container), written.text, time=time, wrong=written.stream == STDERR)


def log_output(
    terminal: Terminal,
    wanted: DocumentFormat,
    named: Iterable[FoundContainer],
    *,
    shown: Iterable[FoundContainer],
    prefixed: bool,
    times: bool,
) -> LogOutput:
    """The output of a run. `named` are all whose colours must differ, `shown` those whose lines are expected."""
    from dockerdecl.cli.render.log_text import LogText, colours_of

    if wanted is DocumentFormat.JSON:
        return LogOutput(terminal, None, times)
    colours = colours_of(label_of(container) for container in named)
    text = LogText(prefixed, terminal.has_colour(sys.stdout), colours)
    text.width = max((len(label_of(container)) for container in shown), default=0)
    return LogOutput(terminal, text, times)


def label_of(container: FoundContainer) -> str:
    """What to call a container where it is clear that it is one: `web`, `web[2]`, or its name on the engine."""
    return container.label.removeprefix("container.") if container.address else container.name
