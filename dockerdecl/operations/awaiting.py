"""Waiting for containers: to end, to run, to be healthy, to be gone.

Takes an engine, containers and what to wait for, gives what became of each. Changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import TypedDict

from dockerdecl.errors import DockerdeclError
from dockerdecl.resources.schemas import documented
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.calls.streams import Waiting
    from dockerdecl.engine.client import Engine
    from dockerdecl.operations.found import FoundContainer

_PAUSES = (0.1, 0.2, 0.5)


class Until(StrEnum):
    """What can be waited for."""

    EXITED = "exited"
    RUNNING = "running"
    HEALTHY = "healthy"
    REMOVED = "removed"


@documented
class WaitedDocument(TypedDict):
    """What became of one container."""

    project: str | None
    """The project that it belongs to."""
    address: str | None
    """Its address in it."""
    name: str
    """Its name on the engine."""
    id: str
    """Its id."""
    outcome: Literal["reached", "impossible", "timed-out"]
    """Whether it came to what was waited for, can't any more, or hadn't in time."""
    exit_code: int | None
    """With which code it ended, where that is known."""
    reason: str | None
    """Why it can't come to it."""


@documented
class WaitDocument(TypedDict):
    """What `dockerdecl wait` saw."""

    format: Literal["dockerdecl/wait/v1"]
    """The format of this document."""
    until: Literal["exited", "running", "healthy", "removed"]
    """What was waited for."""
    containers: list[WaitedDocument]
    """The containers, in the order in which they were named."""


@dataclass(frozen=True, slots=True)
class _Found:
    outcome: Literal["reached", "impossible", "timed-out"]
    exit_code: int | None = None
    reason: str | None = None


def wait_for(engine: Engine, containers: Sequence[FoundContainer], until: Until, seconds: float | None) -> WaitDocument:
    """Wait until all of them have come to it, can't any more, or the time is up. Raises `connection-lost`."""
    deadline = None if seconds is None else time.monotonic() + seconds
    if until in (Until.EXITED, Until.REMOVED):
        found = _told(engine, containers, until, deadline)
    else:
        found = _watched(engine, containers, until, deadline)
    return {
        "format": "dockerdecl/wait/v1",
        "until": until.value,
        "containers": [_document(each, found.get(each.id, _Found("timed-out"))) for each in containers],
    }


def _document(container: FoundContainer, found: _Found) -> WaitedDocument:
    return {
        "project": container.project,
        "address": str(container.address) if container.address else None,
        "name": container.name,
        "id": container.id,
        "outcome": found.outcome,
        "exit_code": found.exit_code,
        "reason": found.reason,
    }


def _told(
    engine: Engine, containers: Sequence[FoundContainer], until: Until, deadline: float | None
) -> dict[str, _Found]:
    "the engine itself tells, so that no short moment is missed"
    from dockerdecl.engine.calls.streams import Waiting

    condition = "removed" if until is Until.REMOVED else "not-running"
    answers: SimpleQueue[tuple[str, _Found | DockerdeclError]] = SimpleQueue()
    found: dict[str, _Found] = {}
    waiting: list[Waiting] = []
    for container in containers:
        if until is Until.EXITED and container.state == "created":
            found[container.id] = _Found("impossible", reason="it was never started")
            continue
        try:
            waiting.append(Waiting(engine, container.id, condition))
        except DockerdeclError as error:
            if error.code != "not-found":
                raise
            gone = until is Until.REMOVED
            found[container.id] = _Found("reached" if gone else "impossible", reason=None if gone else "it is gone")
        else:
            threading.Thread(target=_listen, args=(container.id, waiting[-1], answers), daemon=True).start()
    try:
        while len(found) < len(containers):
            identity, answer = answers.get(timeout=_left(deadline))
            if isinstance(answer, DockerdeclError):
                raise answer
            found[identity] = answer
    except Empty:
        pass
    finally:
        for each in waiting:
            each.close()
    return found


def _listen(identity: str, waiting: Waiting, answers: SimpleQueue[tuple[str, _Found | DockerdeclError]]) -> None:
    try:
        answers.put((identity, _Found("reached", waiting.exit_code())))
    except DockerdeclError as error:
        answers.put((identity, error))


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(deadline - time.monotonic(), 0.0)


def _watched(
    engine: Engine, containers: Sequence[FoundContainer], until: Until, deadline: float | None
) -> dict[str, _Found]:
    from dockerdecl.engine.calls.containers import inspect_container

    found: dict[str, _Found] = {}
    pauses = iter(_PAUSES)
    pause = next(pauses)
    while True:
        for container in containers:
            if container.id not in found:
                try:
                    raw: Mapping[str, Any] | None = inspect_container(engine, container.id)
                except DockerdeclError as error:
                    if error.code != "not-found":
                        raise
                    raw = None
                if judged := judge(raw, until):
                    found[container.id] = judged
        left = _left(deadline)
        if len(found) == len(containers) or left == 0.0:
            return found
        time.sleep(pause if left is None else min(pause, left))
        pause = next(pauses, pause)


def judge(raw: Mapping[str, Any] | None, until: Until) -> _Found | None:
    """Whether a container runs, or is healthy, or never will be; None where that is open. `raw` is its inspection."""
    if raw is None:
        return _Found("impossible", reason="it is gone")
    state = raw.get("State") or {}
    if until is Until.RUNNING:
        return _Found("reached") if state.get("Running") and not state.get("Restarting") else None
    health = state.get("Health")
    if health and health.get("Status") == "healthy" and state.get("Running"):
        return _Found("reached")
    if state.get("Status") in ("exited", "dead"):
        code = state.get("ExitCode")
        return _Found("impossible", code, f"it ended with {code}")
    if state.get("Running") and not health:
        return _Found("impossible", reason="it has no health check")
    return None
