"""The person at this terminal, or what stands in its place, for a process in a container to talk with.

Takes the standard streams of this run, gives what `operations.sessions` calls a person. As long as it lasts, the
terminal may be raw and signals may be caught; both are as before at its end, whatever ends it.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, Self

from dockerdecl.engine.frames import STDERR

_LETHAL = (signal.SIGTERM, signal.SIGHUP)
_BLOCK_BYTES = 256


class AtTerminal:
    """Standard input, output and error as they are. A context manager; it belongs to the main thread."""

    def __init__(self, *, reads: bool, raw: bool, caught: Sequence[int] = ()) -> None:
        """`reads` is whether stdin is read at all, `raw` whether its terminal hands on every key as it is.

        The signals that are `caught` are told by `signals`; others that end a process end this one as Ctrl-C does.
        """
        self.keyboard = sys.stdin.fileno() if reads else None
        self._raw = raw
        self._caught = frozenset({*caught, signal.SIGWINCH})
        self._waker, self._woken = socket.socketpair()
        self.wakes = self._woken.fileno()
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            for each in (self._waker, self._woken):
                each.setblocking(False)
                undo.callback(each.close)
            undo.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False))
            for number in self._caught:
                _until_then(undo, number, _told)
            for number in _LETHAL:
                if number not in self._caught:
                    _until_then(undo, number, _interrupted)
            if self._raw:
                _make_raw(undo, sys.stdin.fileno())
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def show(self, stream: int, data: bytes) -> None:
        """Writes what came, at once."""
        target = sys.stderr.buffer if stream == STDERR else sys.stdout.buffer
        target.write(data)
        target.flush()

    def signals(self) -> Iterator[int]:
        """The signals that were caught since it was asked last."""
        with suppress(BlockingIOError):
            while numbers := self._woken.recv(_BLOCK_BYTES):
                yield from (number for number in numbers if number in self._caught)

    def size(self) -> tuple[int, int] | None:
        """Columns and lines of the terminal."""
        for stream in (sys.stdout, sys.stdin):
            with suppress(OSError, ValueError):
                columns, lines = os.get_terminal_size(stream.fileno())
                return columns, lines
        return None


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """As long as it lasts, signals that would end the process at once do so as Ctrl-C does."""
    with ExitStack() as undo:
        for number in _LETHAL:
            _until_then(undo, number, _interrupted)
        yield


def _until_then(undo: ExitStack, number: int, handler: Any) -> None:
    before = signal.getsignal(number)
    if before == signal.SIG_IGN:  # ignored on purpose (nohup), and stays so
        return
    signal.signal(number, handler)
    undo.callback(signal.signal, number, before)


def _told(_number: int, _frame: FrameType | None) -> None:
    "the number comes by the wakeup descriptor"


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _make_raw(undo: ExitStack, descriptor: int) -> None:
    import termios
    import tty

    before = termios.tcgetattr(descriptor)
    undo.callback(termios.tcsetattr, descriptor, termios.TCSADRAIN, before)
    tty.setraw(descriptor, termios.TCSADRAIN)
