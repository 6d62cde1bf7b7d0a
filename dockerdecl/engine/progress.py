"""How far a pull, push, load or build is: the engine's stream of layers and bytes as one line.

Takes the messages of a stream, gives a `Progress` for each. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from dockerdecl.engine.answers import Json
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done, and how many bytes of how many; `total` is 0 where that isn't known."""

    text: str
    current: int = 0
    total: int = 0


OnProgress = Callable[[Progress], None]
"""Is told about every step forward, in the thread that makes the call."""

_WAITING = {"Pulling fs layer", "Waiting", "Preparing"}
_WHOLE = {"Verifying Checksum", "Download complete", "Extracting", "Pull complete", "Pushed"}
_DONE = {"Pull complete", "Already exists", "Pushed", "Layer already exists"}
_MOVING = {"Downloading", "Pushing", "Loading layer"}


class Layers:
    """The layers of one transfer, as its stream tells of them."""

    def __init__(self) -> None:
        self._status: dict[str, str] = {}
        self._bytes: dict[str, tuple[int, int]] = {}
        self._text = ""

    def told(self, message: Json) -> Progress:
        """Where the whole transfer stands after this message."""
        status = str(message.get("status", "")).strip()
        layer = str(message.get("id", ""))
        if layer and (status in _MOVING | _WHOLE | _DONE | _WAITING):
            self._status[layer] = status
            self._count(layer, status, message.get("progressDetail") or {})
        elif status:
            self._text = status
        return Progress(self._line(), *self._sums())

    def _count(self, layer: str, status: str, detail: Json) -> None:
        current, total = self._bytes.get(layer, (0, 0))
        if status in _MOVING:
            # A push has been seen to report more bytes than it had announced.
            total = int(detail.get("total") or total)
            current = min(int(detail.get("current") or 0), total) if total else int(detail.get("current") or 0)
        elif status in _WHOLE:
            current = total
        self._bytes[layer] = (current, total)

    def _line(self) -> str:
        if not self._status:
            return self._text
        done = sum(status in _DONE for status in self._status.values())
        return f"{done} of {len(self._status)} layers"

    def _sums(self) -> tuple[int, int]:
        return sum(current for current, _ in self._bytes.values()), sum(total for _, total in self._bytes.values())
