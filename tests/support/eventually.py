"""Waiting with a deadline. Takes a probe that raises AssertionError while it is too early, gives what it gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE = 0.05  # seconds between two looks


def eventually(probe: Callable[[], T], *, within: float = 10.0) -> T:
    """What `probe` gives as soon as it no longer raises AssertionError.

    Raises the probe's own AssertionError once `within` seconds have passed.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            return probe()
        except AssertionError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(PAUSE)
