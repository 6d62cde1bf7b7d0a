"""Waiting for containers by the engine's events, many at a time in one thread.

A wait looks at its container when it begins, at every event of that container, and when its time is over; an engine
sends events for a start, an end and every change of health. Where the stream of events breaks, it is opened again and
every wait looks once more, so that nothing that happened in between is missed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import field
from functools import partial

from dockerdecl.engine.answers import Json
from dockerdecl.engine.calls import containers
from dockerdecl.engine.client import Engine
from dockerdecl.engine.events import ContainerEvents
from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.execution.repeating import PAUSES, Patience
from dockerdecl.values import dataclass

Verdict = Callable[[Json, bool], bool]
"""Looks at an inspection, and whether the time is over; True when the wait is over. Raises where it is lost."""

_LOOK_AGAIN_SECONDS = 5.0


@dataclass(slots=True)
class _Wait:
    container: str
    verdict: Verdict
    deadline: float
    future: Future[None] = field(default_factory=Future)


class Waiting:
    """All waits of one apply. Use it as a context; leaving it ends its threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waits: list[_Wait] = []
        self._touched: set[str] = set()
        self._wake = threading.Condition()
        self._closed = False
        self._events: ContainerEvents | None = None
        self._threads: list[threading.Thread] = []
        self._patience = Patience()

    def __enter__(self) -> Waiting:
        return self

    def __exit__(self, *_: object) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        if self._events is not None:
            self._events.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def until(self, container: str, verdict: Verdict, seconds: float) -> Future[None]:
        """Begin a wait of at most so many seconds; the future ends when the verdict is there, or with its error."""
        wait = _Wait(container, verdict, time.monotonic() + seconds)
        with self._wake:
            if not self._threads:
                self._events = ContainerEvents(self._engine)
                self._threads = [
                    threading.Thread(target=target, name=f"dockerdecl-{name}", daemon=True)
                    for name, target in (("waits", self._judge), ("events", self._listen))
                ]
                for thread in self._threads:
                    thread.start()
            self._waits.append(wait)
            self._touched.add(container)
            self._wake.notify_all()
        return wait.future

    def abandon(self, error: DockerdeclError) -> None:
        """End every wait with an error."""
        with self._wake:
            for wait in self._waits:
                if not wait.future.done():
                    wait.future.set_exception(error)
            self._waits = []

    def _listen(self) -> None:
        failures = 0
        while not self._closed:
            try:
                events = self._events or ContainerEvents(self._engine)
                self._events = events
                for event in events:
                    failures = 0
                    self._touch({event.get("id") or (event.get("Actor") or {}).get("ID", "")})
            except DockerdeclError as error:
                self._events = None
                failures += 1
                if self._is_closed():
                    return
                if failures > len(PAUSES):
                    self.abandon(error)
                    return
                time.sleep(PAUSES[failures - 1])
                self._touch({wait.container for wait in list(self._waits)})

    def _is_closed(self) -> bool:
        return self._closed

    def _touch(self, ids: set[str]) -> None:
        with self._wake:
            self._touched |= ids
            self._wake.notify_all()

    def _judge(self) -> None:
        while True:
            with self._wake:
                if not self._closed and not self._touched & {wait.container for wait in self._waits}:
                    self._wake.wait(self._until_next())
                if self._closed:
                    return
                touched, self._touched = self._touched, set()
                now = time.monotonic()
                due = [wait for wait in self._waits if wait.container in touched or wait.deadline <= now]
            for wait in due:
                self._look(wait)
            with self._wake:
                self._waits = [wait for wait in self._waits if not wait.future.done()]

    def _until_next(self) -> float:
        nearest = min((wait.deadline for wait in self._waits), default=time.monotonic() + _LOOK_AGAIN_SECONDS)
        return max(0.0, min(nearest - time.monotonic(), _LOOK_AGAIN_SECONDS))

    def _look(self, wait: _Wait) -> None:
        ask = partial(containers.inspect_container, self._engine, wait.container)
        try:
            raw = self._patience(ask, ask)
            over = wait.deadline <= time.monotonic()
            if wait.verdict(raw, over):
                wait.future.set_result(None)
            elif over:
                wait.future.set_exception(fail("not-in-time", "what was waited for did not come in time"))
        except Exception as error:
            wait.future.set_exception(error)
