"""Pseudo terminals for tests: what the program reads is typed here, and what it prints is seen here."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class Screen:
    """A pseudo terminal: what the program reads is typed here, and what it prints is seen here."""

    def __init__(self, person: int) -> None:
        self._person = person

    def type(self, text: str) -> None:
        os.write(self._person, text.encode())

    def seen(self, until: str) -> str:
        """All that was printed so far, as soon as `until` is among it."""
        text = ""
        while until not in text:
            assert select.select([self._person], [], [], 30)[0], f"only this was printed: {text!r}"
            text += os.read(self._person, 4096).decode()
        return text


@contextmanager
def a_screen() -> Iterator[Screen]:
    """Sits down before a terminal; within a test, since pytest sets the streams again before each."""
    person, program = os.openpty()
    with (
        os.fdopen(person, "wb", buffering=0),
        os.fdopen(os.dup(program), encoding="utf-8") as keyboard,
        os.fdopen(program, "w", encoding="utf-8") as output,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("sys.stdin", keyboard)
        patch.setattr("sys.stderr", output)
        yield Screen(person)
