"""Lines of logs as they are shown: who wrote them before each, in a colour of its own, and the time where wanted.

Takes lines of bytes and gives lines of bytes: what a container wrote is handed on as it is, its own colours too.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime

from rich.cells import cell_len

from dockerdecl.cli.render.visible import visible
from dockerdecl.values import dataclass

_COLOURS = (*(36, 33, 32, 35, 34), *(96, 93, 92, 95, 94))
_RED, _DIM = 31, 2


def colours_of(labels: Iterable[str]) -> Mapping[str, int]:
    """A colour for each, by its name, the same one in every run; two share one only when all are taken."""
    taken: dict[str, int] = {}
    for label in sorted(set(labels)):
        first = zlib.crc32(label.encode(errors="replace"))
        order = [_COLOURS[(first + step) % len(_COLOURS)] for step in range(len(_COLOURS))]
        used = set(taken.values())
        taken[label] = next((colour for colour in order if colour not in used), order[0])
    return taken


@dataclass(slots=True)
class LogText:
    """How the lines of a run look. `prefixed` is whether each says who wrote it."""

    prefixed: bool
    colour: bool
    colours: Mapping[str, int] = field(default_factory=dict)
    width: int = 0

    def line(self, label: str, text: bytes, *, time: datetime | None = None, wrong: bool = False) -> bytes:
        """One line, with its end; `wrong` is one that was written to stderr."""
        return b"".join((self._before(label, wrong=wrong), self._time(time), text, b"\n"))

    def _before(self, label: str, *, wrong: bool) -> bytes:
        if not self.prefixed:
            return b""
        shown = visible(label)
        self.width = max(self.width, cell_len(shown))
        name = shown + " " * (self.width - cell_len(shown))
        colour = self.colours.get(label) or colours_of([label])[label]
        return f"{self._in(colour, name)} {self._in(_RED if wrong else colour, '|')} ".encode(errors="replace")

    def _time(self, time: datetime | None) -> bytes:
        if time is None:
            return b""
        text = time.isoformat(sep=" ", timespec="milliseconds")
        return f"{self._in(_DIM, text)} ".encode()

    def _in(self, colour: int, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colour else text
