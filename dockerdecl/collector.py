"""Python's cyclic collector, at rest while much is made at once and nothing of it goes.

Measured for a plan of 1,000 containers: it would take a fifth of the time, to find nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collector() -> Iterator[None]:
    """Stops the collector for a while."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def rest() -> None:
    """Stops the collector: most commands have ended before it would be of use."""
    gc.disable()


def wake() -> None:
    """Lets the collector work again, on what is made from now on: the command may go on for any time."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def leave() -> None:
    """Spares the collector its last round, for a process that ends."""
    gc.freeze()
