"""What a signal means while steps run: the first lets them finish, the second ends everything at once.

Gives a `threading.Event` that the execution looks at before each step. Knows nothing of steps.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from dockerdecl.collector import wake
from dockerdecl.errors import ExitCode

# A connection that broke (SIGHUP) is a reason to finish what runs, and none to leave it half done.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible(*, announce: Callable[[], None], restore: Callable[[], None]) -> Iterator[threading.Event]:
    """An event that the first signal sets, after which `announce` is called; a second one ends the process.

    `restore` is called before that, to leave the terminal as it was. The process ends without waiting for its
    threads, since one of them may be in a call that never returns.
    """
    wake()
    interrupt = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if not interrupt.is_set():
            interrupt.set()
            announce()
            return
        restore()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, RuntimeError):  # the reader went away, or the signal came amid a write
                continue
        os._exit(ExitCode.INTERRUPTED)

    # A signal that is ignored was so on purpose (nohup), and stays so.
    replaced = {number: signal.getsignal(number) for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN}
    try:
        for number in replaced:
            signal.signal(number, handle)
        yield interrupt
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)


@contextmanager
def stoppable() -> Iterator[None]:
    """Makes every signal that ends a process do so as Ctrl-C does, so that what was begun is cleared away."""
    wake()

    def handle(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP)
    replaced = {number: signal.getsignal(number) for number in numbers if signal.getsignal(number) != signal.SIG_IGN}
    try:
        for number in replaced:
            signal.signal(number, handle)
        yield
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)
