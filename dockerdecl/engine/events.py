"""What happens on an engine, as it happens. Takes an engine, gives events until it is closed.

An engine's stream that ends says that the engine went away: it is an error, never a silent end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType

from dockerdecl.engine.answers import Json
from dockerdecl.engine.client import Engine, filter_parameter
from dockerdecl.engine.unreachable import CONNECTION_LOST, unreachable
from dockerdecl.errors import DockerdeclError


class ContainerEvents:
    """An open stream of container events, in the engine's order and words. Close it when done."""

    kinds: Sequence[str] = ("container",)

    def __init__(
        self,
        engine: Engine,
        *,
        since: int | str | None = None,
        until: str | None = None,
        filters: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Begin to listen.

        `since` is a time by the engine's own clock (`Engine.clock()`); by default it is now, so nothing that happens
        after this call is missed, though events of the second or two before it may come too. An engine remembers
        256 events only. At `until` the stream ends. `filters` are filters of the API (`label`, `container`, `event`).
        """
        self._closed = False
        self._ends = until is not None
        self._host = engine.host
        self._answer = engine.request(
            "GET",
            "/events",
            # The engine answers before it listens, so what happens in between is asked for by time.
            params={
                "since": engine.clock() if since is None else since,
                "until": until,
                "filters": filter_parameter({**(filters or {}), "type": self.kinds}),
            },
            stream=True,
            timeout=None,
        )

    def __iter__(self) -> Iterator[Json]:
        """The events, until `close` is called. Raises `connection-lost` when the engine goes away."""
        try:
            yield from self._answer.lines()
        except (DockerdeclError, ValueError, AttributeError):
            # The reader may see a socket that was closed under it in several ways.
            if not self._closed:
                raise
        if not self._closed and not self._ends:
            raise unreachable(
                CONNECTION_LOST,
                f"the engine at {self._host} ended its stream of events",
                "It stopped or restarted: run again when it is back.",
            )

    def close(self) -> None:
        """End the stream, and for a thread that waits for an event, its wait. Safe from any thread, at any time."""
        self._closed = True
        self._answer.interrupt()

    def __enter__(self) -> ContainerEvents:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class EngineEvents(ContainerEvents):
    """The same of everything that can be declared."""

    kinds = ("container", "image", "network", "volume")
