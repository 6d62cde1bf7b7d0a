"""How many bytes went by, on one line of the terminal that is drawn again, for what takes longer than a moment.

Takes counts, draws on stderr where that is a terminal. It leaves nothing behind.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from dockerdecl.cli.terminal import Terminal

_MOMENT_SECONDS = 0.5
_UNITS = ("B", "kB", "MB", "GB", "TB")


def in_bytes(count: float) -> str:
    """A number of bytes in its largest unit: `12.3 MB`."""
    unit = 0
    while count >= 1000 and unit < len(_UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.1f} {_UNITS[unit]}" if unit else f"{count:.0f} B"


class ByteCount:
    """A count that is seen. A context manager."""

    def __init__(self, terminal: Terminal, verb: str) -> None:
        self.total = 0
        self._verb = verb
        self._live = terminal.is_live()
        self._drawn = time.monotonic()
        self._seen = False

    def add(self, count: int) -> None:
        """So many more."""
        self.total += count
        now = time.monotonic()
        if self._live and now - self._drawn >= _MOMENT_SECONDS:
            self._drawn, self._seen = now, True
            sys.stderr.write(f"\r\x1b[K{self._verb} {in_bytes(self.total)}")
            sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._seen:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
