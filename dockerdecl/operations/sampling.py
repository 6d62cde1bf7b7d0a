"""What containers use, read again and again: a stream is kept open for each, since a single reading takes a second.

Takes an engine, gives the newest reading of every container that is watched. A container that ends meanwhile has none
any more, and one that is started again has one again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dockerdecl.errors import DockerdeclError
from dockerdecl.operations.usage import Usage, usage
from dockerdecl.resources.rows import Raw
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.answers import Answer
    from dockerdecl.engine.client import Engine

FIRST_SECONDS = 4.0
"""How long the first readings are waited for; they come after a second where the engine is not very busy."""
_LOOK_SECONDS = 0.05


@dataclass(slots=True)
class _Stream:
    """One container that is watched. `usage` is replaced by its thread and read by others."""

    answer: Answer
    usage: Usage | None = None
    peak: Usage | None = None
    ready: bool = False
    """Whether CPU time is known, for which two readings are needed, or that it doesn't run."""
    ended: bool = False
    error: DockerdeclError | None = None


@dataclass(slots=True)
class Sampler:
    """Streams of readings, by the containers' ids. A context manager: at its end all are closed."""

    engine: Engine
    _streams: dict[str, _Stream] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._streams.values():
            stream.ended = True
            stream.answer.interrupt()

    def watch(self, ids: Iterable[str]) -> None:
        """Watch these containers from now on, and no others; one that is gone is let be."""
        wanted = set(ids)
        for gone in [known for known in self._streams if known not in wanted]:
            stream = self._streams.pop(gone)
            stream.ended = True
            stream.answer.interrupt()
        for identity in sorted(wanted - self._streams.keys()):
            self._begin(identity)

    def wait(self, seconds: float = FIRST_SECONDS) -> None:
        """Wait until every container has a whole reading, but no longer than this.

        Raises DockerdeclError where a stream broke.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not all(s.ready or s.ended for s in self._streams.values()):
            time.sleep(_LOOK_SECONDS)
        self._raise_lost()

    def usages(self) -> dict[str, Usage]:
        """The newest readings; none of a container that doesn't run. Raises DockerdeclError where a stream broke."""
        self._raise_lost()
        return {key: stream.usage for key, stream in self._streams.items() if stream.usage is not None}

    def peaks(self) -> dict[str, Usage]:
        """The most that was seen of each, number by number."""
        return {key: stream.peak for key, stream in self._streams.items() if stream.peak is not None}

    def _begin(self, identity: str) -> None:
        from dockerdecl.engine.calls.stats import stats_stream

        try:
            answer = stats_stream(self.engine, identity)
        except DockerdeclError as error:
            if error.code == "not-found":
                return
            raise
        stream = self._streams[identity] = _Stream(answer)
        threading.Thread(target=_follow, args=(stream,), name=f"stats-{identity[:12]}", daemon=True).start()

    def _raise_lost(self) -> None:
        for stream in self._streams.values():
            if stream.error is not None:
                raise stream.error


def _follow(stream: _Stream) -> None:
    before: Raw | None = None
    try:
        for reading in stream.answer.lines():
            seen = usage(reading, before)
            before = reading if seen else None
            stream.usage = seen
            stream.peak = peak_of(stream.peak, seen)
            stream.ready = seen is None or seen.cpus is not None
    except DockerdeclError as error:
        # What breaks because it is no longer wanted is no error; a container's removal ends its stream.
        if not stream.ended:
            stream.error = error
    finally:
        stream.ended, stream.usage = True, None
        with suppress(OSError):
            stream.answer.close()


def peak_of(peak: Usage | None, seen: Usage | None) -> Usage | None:
    """The larger of each number."""
    if peak is None or seen is None:
        return seen or peak
    return Usage(
        cpus=max((c for c in (peak.cpus, seen.cpus) if c is not None), default=None),
        memory=max(peak.memory, seen.memory),
        memory_limit=seen.memory_limit,
        received=seen.received,
        sent=seen.sent,
        block_read=seen.block_read,
        block_written=seen.block_written,
        pids=max(peak.pids, seen.pids),
        pids_limit=seen.pids_limit,
    )
