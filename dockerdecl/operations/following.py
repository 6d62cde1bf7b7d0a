"""Logs as they grow: through restarts, and over to the container that takes the place of one that goes.

Takes an engine and which containers are meant, gives lines as they come, and remarks on who ended and who began. A log
that is opened again goes on behind the last line that was given, so that none is lost or comes twice at the seam.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from dockerdecl.errors import DockerdeclError
from dockerdecl.operations.log_lines import LogLine
from dockerdecl.operations.logs import Line, OpenLog, Wanted, open_log, without_tail
from dockerdecl.operations.moments import nanos_of
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.answers import Json
    from dockerdecl.engine.client import Engine
    from dockerdecl.engine.events import ContainerEvents
    from dockerdecl.operations.found import FoundContainer

_GONE = ("not-found", "removal-in-progress")
_AT_ONCE = 1000
_REMEMBERED = 256
_AHEAD = 20_000
"""How many lines may be read ahead of who reads them here."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that happened to a container, in words."""

    container: FoundContainer
    text: str


@dataclass(frozen=True, slots=True)
class _Started:
    container: FoundContainer


@dataclass(frozen=True, slots=True)
class _Ended:
    container: FoundContainer


@dataclass(slots=True)
class _Place:
    """How far a container's log was given: the last lines, by time and stream, and who reads it now.

    An engine may keep two lines of two streams in another order than that of their times, by a hair. So it is asked
    again for a little more than what follows the last line, and what was given already is left out.
    """

    recent: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    given: Counter[tuple[int, int]] = field(default_factory=Counter)
    since: int | None = None
    reading: OpenLog | None = None
    again: bool = False

    def is_new(self, line: LogLine) -> bool:
        key = (line.nanos, line.stream)
        if self.given[key]:
            self.given[key] -= 1
            return False
        self.recent.append(key)
        return True

    def from_here(self) -> int | None:
        self.given = Counter(self.recent)
        times = [nanos for nanos, _ in self.recent]
        if len(times) == _REMEMBERED:
            return max(times[: _REMEMBERED // 2])
        return min(times, default=self.since)


@dataclass(slots=True)
class Following:
    """The logs that are followed. Iterate it, and close it when done."""

    engine: Engine
    wanted: Wanted
    belongs: Callable[[FoundContainer], bool]
    events: ContainerEvents
    _told: SimpleQueue[Line | _Started | _Ended | DockerdeclError] = field(default_factory=SimpleQueue)
    _room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_AHEAD))
    _places: dict[str, _Place] = field(default_factory=dict)
    _closed: bool = False

    def begin(self, containers: Sequence[FoundContainer]) -> None:
        """Open the logs that are there, and listen for others. Raises where one of them can't be read."""
        try:
            for container in containers:
                self._open(container, self.wanted)
        except DockerdeclError:
            self.close()
            raise
        threading.Thread(target=self._listen, daemon=True).start()

    def __iter__(self) -> Iterator[list[Line | Remark]]:
        """What has come, in portions, without an end. Raises `connection-lost`."""
        while True:
            portion = [self._told.get()]
            try:
                while len(portion) < _AT_ONCE:
                    portion.append(self._told.get_nowait())
            except Empty:
                pass
            yield [each for told in portion for each in self._heard(told)]

    def close(self) -> None:
        """Listen and read no more."""
        self._closed = True
        self.events.close()
        for place in self._places.values():
            if place.reading:
                place.reading.stream.close()

    def _heard(self, told: Line | _Started | _Ended | DockerdeclError) -> Iterator[Line | Remark]:
        match told:
            case DockerdeclError():
                raise told
            case Line():
                self._room.release()
                if self._places[told.container.id].is_new(told.line):
                    yield told
            case _Started():
                yield from self._started(told.container)
            case _Ended():
                yield from self._ended(told.container)

    def _started(self, container: FoundContainer) -> Iterator[Remark]:
        place = self._places.get(container.id)
        if place is None:
            yield Remark(container, "is there anew")
            self._open_later(container, without_tail(self.wanted))
        elif place.reading:
            place.again = True  # the end of what it wrote before is still on its way
        else:
            yield Remark(container, "started again")
            self._go_on(container, place)

    def _ended(self, container: FoundContainer) -> Iterator[Remark]:
        from dockerdecl.engine.calls.containers import inspect_container

        place = self._places[container.id]
        place.reading = None
        try:
            state: Json = inspect_container(self.engine, container.id).get("State") or {}
        except DockerdeclError as error:
            if error.code not in _GONE:
                raise
            yield Remark(container, "was removed")
            return
        if not state.get("FinishedAt", "0001").startswith("0001"):
            place.since = nanos_of(state["FinishedAt"])  # counts where it wrote nothing that was asked for
        if state.get("Running"):
            yield Remark(container, "started again")
        if place.again or state.get("Running"):
            place.again = False
            self._go_on(container, place)
        elif state.get("Status") == "exited":
            yield Remark(container, f"ended with {state.get('ExitCode')}")

    def _go_on(self, container: FoundContainer, place: _Place) -> None:
        self._open_later(container, without_tail(self.wanted, place.from_here()))

    def _open_later(self, container: FoundContainer, wanted: Wanted) -> None:
        try:
            self._open(container, wanted)
        except DockerdeclError as error:
            if error.code not in _GONE:
                raise

    def _open(self, container: FoundContainer, wanted: Wanted) -> None:
        place = self._places.setdefault(container.id, _Place())
        place.reading = open_log(self.engine, container, wanted, follow=True)
        threading.Thread(target=self._read, args=(place.reading,), daemon=True).start()

    def _read(self, log: OpenLog) -> None:
        try:
            for line in log:
                self._room.acquire()
                self._told.put(line)
        except Exception as error:  # of a connection that was closed under it, in several ways
            if self._closed:
                return
            if isinstance(error, DockerdeclError):
                self._told.put(error)
                return
            raise
        self._told.put(_Ended(log.container))

    def _listen(self) -> None:
        try:
            for event in self.events:
                container = _container(event)
                if container.id in self._places or self.belongs(container):
                    self._told.put(_Started(container))
        except DockerdeclError as error:
            self._told.put(error)


def follow_logs(
    engine: Engine,
    choose: Callable[[], Sequence[FoundContainer]],
    wanted: Wanted,
    *,
    all_of: str | None = None,
) -> Following:
    """Follow the containers that `choose` gives and those that take their place, or every one of the project `all_of`.

    Raises where one of them can't be read.
    """
    from dockerdecl.engine.events import ContainerEvents

    events = ContainerEvents(engine, filters={"event": ["start"]})
    try:
        containers = choose()
    except BaseException:
        events.close()
        raise
    ids = {container.id for container in containers}
    names = {container.name for container in containers if container.address is None}
    addresses = {(container.project, container.address) for container in containers if container.address}

    def belongs(container: FoundContainer) -> bool:
        owned = container.address is not None
        if all_of is not None:
            return owned and container.project == all_of
        return container.id in ids or container.name in names or (container.project, container.address) in addresses

    following = Following(engine, wanted, belongs, events)
    following.begin(containers)
    return following


def _container(event: Json) -> FoundContainer:
    from dockerdecl.operations.found import FoundContainer
    from dockerdecl.resources.ownership import owned_address, owner

    actor = event.get("Actor") or {}
    attributes = actor.get("Attributes") or {}
    project = owner(attributes)
    address = owned_address(attributes, project) if project else None
    name = attributes.get("name") or ""
    return FoundContainer(
        str(actor.get("ID") or ""), name, "running", attributes.get("image") or "", attributes, project, address
    )
