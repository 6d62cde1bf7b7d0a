"""What an engine sends of a container's log, as lines: each whole, with its time and its stream.

Takes chunks of a log that was asked for with times, gives lines. Knows no engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from dockerdecl.engine.frames import STDOUT, Chunk
from dockerdecl.expressions import expression
from dockerdecl.operations.moments import nanos_of
from dockerdecl.values import dataclass

PART_BYTES = 16 * 1024
"""Longer lines are kept by engines in parts of this size, each with a time of its own."""

_TIME = expression(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?")


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line without its end. `nanos` is when it was written, since 1970; 0 where the engine doesn't say."""

    nanos: int
    stream: int
    text: bytes


@dataclass(slots=True)
class _Part:
    nanos: int = 0
    text: bytearray = field(default_factory=bytearray)


class LogLines:
    """Lines out of the chunks of one container's log; `tty` is whether it writes to a terminal."""

    def __init__(self, *, tty: bool) -> None:
        self._tty = tty
        self._rest = bytearray()
        self._parts: dict[int, _Part] = {}

    def feed(self, chunk: Chunk) -> Iterator[LogLine]:
        """The lines that are whole now."""
        stream, data = chunk
        if not self._tty:
            yield from self._message(stream, data)
            return
        self._rest += data
        *whole, rest = self._rest.split(b"\n")
        self._rest = bytearray(rest)
        for line in whole:
            yield from self._of_terminal(bytes(line) + b"\n")

    def end(self) -> Iterator[LogLine]:
        """What is left at the end: lines that were never ended."""
        if self._rest:
            yield from self._of_terminal(bytes(self._rest))
        for stream, part in self._parts.items():
            yield LogLine(part.nanos, stream, _without_end(bytes(part.text)))
        self._rest.clear()
        self._parts.clear()

    def _message(self, stream: int, data: bytes) -> Iterator[LogLine]:
        "a message is a line, or a part of one that is longer; what ends with neither was a container's last word"
        time, text = _timed(data)
        part = self._parts.pop(stream, None) or _Part(time)
        part.text += text
        if not text.endswith(b"\n") and len(text) >= PART_BYTES:
            self._parts[stream] = part
        else:
            yield LogLine(part.nanos, stream, _without_end(bytes(part.text)))

    def _of_terminal(self, data: bytes) -> Iterator[LogLine]:
        "where the parts of a long line come without frames, the time of each stands where the one before is full"
        nanos, rest = _timed(data)
        text = bytearray(rest[:PART_BYTES])
        rest = rest[PART_BYTES:]
        while rest:
            _, rest = _timed(rest)
            text += rest[:PART_BYTES]
            rest = rest[PART_BYTES:]
        yield LogLine(nanos, STDOUT, _without_end(bytes(text)))


def _timed(data: bytes) -> tuple[int, bytes]:
    found = _TIME.match(data)
    if not found:
        return 0, data
    return nanos_of(found[1].decode()), data[found.end() :]


def _without_end(text: bytes) -> bytes:
    return text.removesuffix(b"\n").removesuffix(b"\r")
