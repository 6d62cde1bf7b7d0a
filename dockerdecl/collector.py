"""Python's cyclic collector, at rest while much is made at once and nothing of it goes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collector() -> Iterator[None]:
    """Stops the collector, which would walk what grows again and again to find nothing.

    Measured for 1,000 containers: a third of the time of reading a manifest, two thirds of that of reading an engine.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
