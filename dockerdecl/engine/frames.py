"""What a container writes, as the engine sends it: frames that say which of two streams it is, or plain bytes of a tty.

Takes bytes as they arrive, gives chunks. Knows no connection.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

STDOUT = 1
STDERR = 2

Chunk = tuple[int, bytes]
"""`STDOUT` or `STDERR`, and what was written to it."""

_HEAD_BYTES = 8


class Frames:
    """Chunks out of the bytes of one stream; what a tty wrote is all `STDOUT`."""

    def __init__(self, *, tty: bool) -> None:
        self._tty = tty
        self._rest = bytearray()

    def feed(self, received: bytes) -> Iterator[Chunk]:
        """Every chunk that is whole now, in order."""
        if self._tty:
            if received:
                yield STDOUT, received
            return
        self._rest += received
        while len(self._rest) >= _HEAD_BYTES:
            stream, length = struct.unpack_from(">BxxxL", self._rest)
            if len(self._rest) < _HEAD_BYTES + length:
                return
            content = bytes(self._rest[_HEAD_BYTES : _HEAD_BYTES + length])
            del self._rest[: _HEAD_BYTES + length]
            # An engine that fails in the middle of it says so on a third stream, the system's.
            yield (STDOUT if stream == STDOUT else STDERR), content
