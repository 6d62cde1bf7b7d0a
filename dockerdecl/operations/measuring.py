"""The limits of all that runs on an engine, and what it uses over a time.

Takes an engine, gives the document of `limits`. Changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from dockerdecl.errors import DockerdeclError
from dockerdecl.operations.found import FoundContainer, find_containers
from dockerdecl.operations.limits import (
    LimitsDocument,
    Subject,
    allowance_of,
    limits_document,
    with_peak,
)
from dockerdecl.operations.sampling import Sampler

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine

_WORKERS = 8
_TELL_SECONDS = 0.5


def measured(
    engine: Engine,
    chosen: Sequence[FoundContainer],
    project: str | None,
    seconds: float,
    tell: Callable[[float], None],
) -> LimitsDocument:
    """The limits of the chosen containers that run, and what they use: once, or the most of it in so many seconds.

    `tell` hears how many of the seconds are over.
    """
    from dockerdecl.engine.calls.stats import host_info

    ids = {one.id for one in chosen}
    running = _subjects(engine, [one for one in find_containers(engine) if one.running])
    subjects = [subject for subject in running if subject.container.id in ids]
    subjects.sort(key=lambda subject: [one.id for one in chosen].index(subject.container.id))
    with Sampler(engine) as sampler:
        sampler.watch(subject.container.id for subject in subjects)
        sampler.wait()
        began = time.monotonic()
        while (over := time.monotonic() - began) < seconds:
            tell(over)
            time.sleep(min(_TELL_SECONDS, seconds - over))
        usages, peaks = sampler.usages(), sampler.peaks()
    read = [with_peak(one, usages.get(one.container.id), peaks.get(one.container.id)) for one in subjects]
    others = [subject.allowance for subject in running if subject.container.id not in ids]
    return limits_document(read, others, host_info(engine), project, seconds)


def _subjects(engine: Engine, running: Sequence[FoundContainer]) -> list[Subject]:
    from dockerdecl.engine.calls.containers import inspect_container

    def subject(container: FoundContainer) -> Subject | None:
        try:
            return Subject(container, allowance_of(inspect_container(engine, container.id)))
        except DockerdeclError as error:
            if error.code == "not-found":
                return None
            raise

    with ThreadPoolExecutor(_WORKERS) as pool:
        return [found for found in pool.map(subject, running) if found is not None]
