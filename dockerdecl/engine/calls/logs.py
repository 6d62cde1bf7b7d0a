"""A container's log, as the engine keeps it and as it grows. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.engine.answers import Answer
from dockerdecl.engine.client import Engine, segment
from dockerdecl.engine.frames import Chunk, Frames


class LogStream:
    """An open log, each message with its time. Read it to its end, or close it."""

    def __init__(
        self,
        engine: Engine,
        container: str,
        *,
        tty: bool,
        follow: bool = False,
        since: str | None = None,
        until: str | None = None,
        tail: int | None = None,
    ) -> None:
        """`since` and `until` are seconds since 1970 by the engine's clock; what was written just then is in.

        Raises `not-found`, and `logs-unreadable` for a log driver that can't be read.
        """
        self._tty = tty
        self._answer: Answer = engine.request(
            "GET",
            f"/containers/{segment(container)}/logs",
            params={
                "stdout": True,
                "stderr": True,
                "timestamps": True,
                "follow": follow,
                "since": since,
                "until": until,
                "tail": "all" if tail is None else tail,
            },
            stream=True,
            timeout=None,
        )

    def __iter__(self) -> Iterator[Chunk]:
        """The messages; of one that is followed, until the container ends. Raises `connection-lost`."""
        frames = Frames(tty=self._tty)
        for received in self._answer.chunks():
            yield from frames.feed(received)

    def close(self) -> None:
        """Read no more; a thread that waits for more is woken. Safe from any thread."""
        self._answer.interrupt()
