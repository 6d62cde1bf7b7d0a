"""The logs of containers: of what they wrote, in the order of time.

Takes an engine, containers and which lines are wanted; gives lines, each with the container that it is of. How they are
followed is in `following`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from dockerdecl.engine.frames import STDERR, STDOUT
from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.operations.log_lines import LogLine, LogLines
from dockerdecl.operations.moments import engine_time, iso_time
from dockerdecl.resources.schemas import documented
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.calls.logs import LogStream
    from dockerdecl.engine.client import Engine
    from dockerdecl.operations.found import FoundContainer

STREAMS = {"stdout": STDOUT, "stderr": STDERR}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: those between two points in time, the last `tail` of each container, of one stream or both."""

    since: int | None = None
    until: int | None = None
    tail: int | None = None
    stream: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and the container that wrote it."""

    container: FoundContainer
    line: LogLine


@documented
class LogLineDocument(TypedDict):
    """A line of a container's log, as `dockerdecl logs --format json` prints it: one document a line."""

    format: Literal["dockerdecl/log-line/v1"]
    """The format of this document."""
    time: str | None
    """When it was written, in UTC; none where the engine doesn't know."""
    project: str | None
    """The project that the container belongs to."""
    address: str | None
    """The container's address in it."""
    name: str
    """The container's name on the engine."""
    id: str
    """The container's id."""
    stream: Literal["stdout", "stderr"]
    """`stdout` or `stderr`; what was written to a terminal is all `stdout`."""
    text: str
    """The line, without its end."""


def line_document(line: Line) -> LogLineDocument:
    """A line as JSON."""
    container, written = line.container, line.line
    return {
        "format": "dockerdecl/log-line/v1",
        "time": iso_time(written.nanos) if written.nanos else None,
        "project": container.project,
        "address": str(container.address) if container.address else None,
        "name": container.name,
        "id": container.id,
        "stream": "stderr" if written.stream == STDERR else "stdout",
        "text": written.text.decode(errors="replace"),
    }


def open_log(engine: Engine, container: FoundContainer, wanted: Wanted, *, follow: bool = False) -> OpenLog:
    """Begin to read a log. Raises `not-found`, `logs-unreadable`, bound to the container."""
    from dockerdecl.engine.calls.containers import inspect_container
    from dockerdecl.engine.calls.logs import LogStream

    try:
        tty = bool((inspect_container(engine, container.id).get("Config") or {}).get("Tty"))
        stream = LogStream(
            engine,
            container.id,
            tty=tty,
            follow=follow,
            since=None if wanted.since is None else engine_time(wanted.since),
            until=None if wanted.until is None else engine_time(wanted.until),
            tail=wanted.tail,
        )
    except DockerdeclError as error:
        raise error.at(container.label) from error
    return OpenLog(container, stream, tty, wanted.stream)


@dataclass(frozen=True, slots=True)
class OpenLog:
    """A log that is being read."""

    container: FoundContainer
    stream: LogStream
    tty: bool
    only: int | None

    def __iter__(self) -> Iterator[Line]:
        """Its lines, as they come. Raises `connection-lost`."""
        lines = LogLines(tty=self.tty)
        for chunk in self.stream:
            yield from self._of(lines.feed(chunk))
        yield from self._of(lines.end())

    def _of(self, lines: Iterator[LogLine]) -> Iterator[Line]:
        return (Line(self.container, line) for line in lines if self.only in (None, line.stream))


@dataclass(frozen=True, slots=True)
class ReadLogs:
    """Logs that were opened, and why others could not be. A context manager."""

    opened: tuple[OpenLog, ...]
    problems: tuple[Problem, ...]

    def lines(self) -> Iterator[Line]:
        """The lines of all of them in the order of time. Raises `connection-lost`."""
        return heapq.merge(*self.opened, key=lambda line: line.line.nanos)

    def close(self) -> None:
        """Read no more."""
        for each in self.opened:
            each.stream.close()


def read_logs(engine: Engine, containers: Sequence[FoundContainer], wanted: Wanted) -> ReadLogs:
    """Begin to read logs. Raises where none of them can be read; where some can, they say why others can't."""
    opened: list[OpenLog] = []
    problems: list[Problem] = []
    with ExitStack() as undo:
        for container in containers:
            try:
                opened.append(open_log(engine, container, wanted))
            except DockerdeclError as error:
                problems += error.problems
            else:
                undo.callback(opened[-1].stream.close)
        if problems and not opened:
            raise DockerdeclError(*problems)
        undo.pop_all()
    return ReadLogs(tuple(opened), tuple(problems))


def without_tail(wanted: Wanted, since: int | None = None) -> Wanted:
    """The same for what was not there before: all of it, from a time on."""
    return replace(wanted, tail=None, since=since)
