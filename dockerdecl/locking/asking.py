"""Questions asked side by side of what may be silent for long.

Takes a function and what to call it with, gives its answers in that order. Who is interrupted meanwhile waits for none
of them: the threads are left to themselves, and end with the process. So they must not change anything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

_WORKERS = 8

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


def side_by_side(ask: Callable[[_Asked], _Answer], wanted: Sequence[_Asked]) -> list[_Answer]:
    """The answer for each of `wanted`, several asked for at a time. Raises the first error that comes."""
    waiting: SimpleQueue[int] = SimpleQueue()
    came: SimpleQueue[tuple[int, _Answer | BaseException]] = SimpleQueue()
    for number in range(len(wanted)):
        waiting.put(number)

    def work() -> None:
        while True:
            try:
                number = waiting.get_nowait()
            except Empty:
                return
            try:
                came.put((number, ask(wanted[number])))
            except BaseException as error:  # told where it is waited for
                came.put((number, error))

    for _ in range(min(_WORKERS, len(wanted))):
        threading.Thread(target=work, daemon=True, name="dockerdecl-ask").start()
    answers: dict[int, _Answer] = {}
    while len(answers) < len(wanted):
        number, answer = came.get()
        if isinstance(answer, BaseException):
            raise answer
        answers[number] = answer
    return [answers[number] for number in range(len(wanted))]
