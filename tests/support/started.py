"""Runs of the program that a test does something to while they go on: signals, changes behind their back, other runs.

Takes a folder, arguments and an engine's address; gives a run that was started, and how it ended when it is asked.
"""

from __future__ import annotations

import atexit
import functools
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.program import LIMIT, Run, surroundings
from tests.support.zygote import Zygote

NOTHING: Mapping[str, str] = {}


@dataclass(slots=True)
class Started:
    """A run of the program that may be going on."""

    arguments: tuple[str, ...]
    pid: int
    place: Path
    zygote: Zygote
    began: float = field(default_factory=time.monotonic)
    _ended: Run | None = None

    def signal(self, number: int) -> None:
        """Send a signal to it; one that has ended gets none."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def shown(self) -> str:
        """What it has printed up to now, errors last."""
        return "".join((self.place / name).read_text(errors="replace") for name in ("stdout", "stderr"))

    def ended(self) -> Run:
        """How it ended; waits for that, and kills it where it takes longer than a run may."""
        if self._ended is None:
            watch = threading.Timer(LIMIT, self.signal, (signal.SIGKILL,))
            watch.start()
            code = self.zygote.exit_code()
            late = not watch.is_alive()
            watch.cancel()
            stdout, stderr = ((self.place / name).read_text(errors="replace") for name in ("stdout", "stderr"))
            took = time.monotonic() - self.began
            self._ended = Run(self.arguments, None if late else code, stdout, stderr, took, ())
        return self._ended


@contextmanager
def started(
    arguments: Sequence[str], *, host: str, folder: Path, environment: Mapping[str, str] = NOTHING
) -> Iterator[Started]:
    """A run for the length of a `with` block; one that goes on at the end of it is killed. For one thread."""
    idle = _idle()
    zygote = idle.pop() if idle else _loaded()
    with tempfile.TemporaryDirectory(prefix="dockerdecl-run-") as place:
        output, errors = Path(place) / "stdout", Path(place) / "stderr"
        output.touch()
        errors.touch()
        pid = zygote.run(arguments, folder, surroundings(host, folder, environment), output, errors)
        going = Started(tuple(arguments), pid, Path(place), zygote)
        try:
            yield going
        finally:
            if going._ended is None:
                going.signal(signal.SIGKILL)
                going.ended()
            idle.append(zygote)


@functools.cache
def _idle() -> list[Zygote]:
    "loaded programs that run nothing now"
    return []


def _loaded() -> Zygote:
    zygote = Zygote.loaded()
    atexit.register(zygote.__exit__, None, None, None)
    return zygote
