"""Waiting for containers by the engine's events, many at a time in one thread.

A wait looks at its container when it begins, at every event of that container, and when its time is over; an engine
sends events for a start, an end and every change of health. Where the stream of events breaks, it is opened again and
every wait looks once more, so that nothing that happened in between is missed.
"""

from __future__ import annotations

import heapq
import itertools
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
        self._waits: dict[str, list[_Wait]] = {}
        self._deadlines: list[tuple[float, int, _Wait]] = []
        self._count = itertools.count()
        self._touched: set[str] = set()
        self._wake = threading.Condition()  # reentrant
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
            self._waits.setdefault(container, []).append(wait)
            heapq.heappush(self._deadlines, (wait.deadline, next(self._count), wait))
            self._touched.add(container)
            self._wake.notify_all()
        return wait.future

    def abandon(self, error: DockerdeclError) -> None:
        """End every wait with an error."""
        with self._wake:
            for wait in itertools.chain(*self._waits.values()):
                self._end(wait, error)
            self._waits, self._deadlines = {}, []

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
                self._touch({*self._waits})

    def _is_closed(self) -> bool:
        return self._closed

    def _touch(self, ids: set[str]) -> None:
        with self._wake:
            waited_for = {container for container in ids if container in self._waits}
            if waited_for:
                self._touched |= waited_for
                self._wake.notify_all()

    def _judge(self) -> None:
        while True:
            with self._wake:
                if not self._closed and not self._touched:
                    self._wake.wait(self._until_next())
                if self._closed:
                    return
                due = self._due()
            for wait in due:
                self._look(wait)
            with self._wake:
                for container in {wait.container for wait in due if wait.future.done()}:
                    self._forget(container)

    def _due(self) -> list[_Wait]:
        "of the containers that something happened to, and those whose time is over"
        touched, self._touched = self._touched, set()
        due = [wait for container in touched for wait in self._waits.get(container, ())]
        now = time.monotonic()
        while self._deadlines and self._deadlines[0][0] <= now:
            _, _, wait = heapq.heappop(self._deadlines)
            if wait.container not in touched and not wait.future.done():
                due.append(wait)
        return due

    def _forget(self, container: str) -> None:
        left = [wait for wait in self._waits.get(container, ()) if not wait.future.done()]
        if left:
            self._waits[container] = left
        else:
            self._waits.pop(container, None)

    def _until_next(self) -> float:
        while self._deadlines and self._deadlines[0][2].future.done():
            heapq.heappop(self._deadlines)
        nearest = self._deadlines[0][0] - time.monotonic() if self._deadlines else _LOOK_AGAIN_SECONDS
        return max(0.0, min(nearest, _LOOK_AGAIN_SECONDS))

    def _look(self, wait: _Wait) -> None:
        ask = partial(containers.inspect_container, self._engine, wait.container)
        try:
            raw = self._patience(ask, ask)
            over = wait.deadline <= time.monotonic()
            if wait.verdict(raw, over):
                self._end(wait, None)
            elif over:
                self._end(wait, fail("not-in-time", "what was waited for did not come in time"))
        except Exception as error:
            self._end(wait, error)

    def _end(self, wait: _Wait, error: Exception | None) -> None:
        with self._wake:
            if wait.future.done():  # abandoned meanwhile
                return
            if error is None:
                wait.future.set_result(None)
            else:
                wait.future.set_exception(error)
