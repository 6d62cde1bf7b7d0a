"""The program at a terminal of its own, or between pipes, while it runs.

Takes a command line and an environment, gives a process to talk with. It is forked from this one, in which everything
is loaded already, so that it begins at once.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import docker.transport  # noqa: F401 - loaded before the fork  # what runs need anyway, so that each is spared it
import requests  # noqa: F401 - loaded before the fork

from dockerdecl import reach, reconcile  # noqa: F401 - loaded before the fork
from dockerdecl.cli import person, presentation  # noqa: F401 - loaded before the fork
from dockerdecl.cli.app import main
from dockerdecl.engine import connection  # noqa: F401 - loaded before the fork
from dockerdecl.manifest import load  # noqa: F401 - loaded before the fork
from dockerdecl.operations import copying, debugging, found  # noqa: F401 - loaded before the fork

_PATIENCE_SECONDS = 30.0


@dataclass(slots=True)
class AtTerminal:
    """A run of the program, and the other end of its terminal."""

    pid: int
    terminal: int
    modes: list[object]
    seen: str = ""

    def expect(self, text: str) -> str:
        """What is on the screen when `text` is, since it was last asked. Raises AssertionError where it never comes."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while text not in self.seen:
            assert time.monotonic() < until and self._read(), f"{text!r} never came, but {self.seen!r}"
        before, reached, self.seen = self.seen.partition(text)
        return before + reached

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.terminal, text.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Pull at the corner of the window."""
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def exit(self) -> int:
        """How it ended, once it has; the terminal must be as it was then."""
        while self._read():
            pass
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.pid = 0
        return code

    def is_as_it_was(self) -> bool:
        """Whether the terminal is in the modes that it began in."""
        return bool(termios.tcgetattr(self.terminal) == self.modes)

    def _read(self) -> bool:
        ready, _, _ = select.select([self.terminal], [], [], _PATIENCE_SECONDS)
        data = b""
        with suppress(OSError):  # that is how a terminal says that nobody is there any more
            data = os.read(self.terminal, 1 << 16) if ready else b""
        self.seen += data.decode(errors="replace")
        return bool(data)


@contextmanager
def at_terminal(
    arguments: Sequence[str], environ: Mapping[str, str], *, columns: int = 90, lines: int = 30
) -> Iterator[AtTerminal]:
    """The program at a terminal of that size; it is ended at the end, if it wasn't by then."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    modes = termios.tcgetattr(ours)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        _become(arguments, environ, (theirs, theirs, theirs))
    os.close(theirs)
    run = AtTerminal(pid, ours, modes)
    try:
        yield run
    finally:
        if run.pid:
            os.kill(run.pid, signal.SIGKILL)
            os.waitpid(run.pid, 0)
        os.close(ours)


@dataclass(frozen=True, slots=True)
class Done:
    """What a run came to."""

    code: int
    output: bytes
    errors: str


def piped(
    arguments: Sequence[str], environ: Mapping[str, str], given: bytes = b"", *, interrupt: float | None = None
) -> Done:
    """The program with no terminal, from its start to its end; `interrupt` is after how long Ctrl-C is pressed."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        stdin.write(given)
        stdin.seek(0)
        pid = os.fork()
        if pid == 0:
            _become(arguments, environ, (stdin.fileno(), stdout.fileno(), stderr.fileno()))
        if interrupt is not None:
            time.sleep(interrupt)
            os.kill(pid, signal.SIGINT)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        stdout.seek(0)
        stderr.seek(0)
        return Done(code, stdout.read(), stderr.read().decode(errors="replace"))


def _become(arguments: Sequence[str], environ: Mapping[str, str], streams: tuple[int, int, int]) -> None:
    "the program, in a process that ends with it whatever happens"
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115 - open until the end
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.update(environ)
        code = main(arguments)
    except BaseException as error:
        os.write(2, f"{error!r}\n".encode())
        code = 99
    os._exit(code)
