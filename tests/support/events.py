"""What an engine says that it did. Takes an engine's event stream, gives its events in order, and judges their order.

The judgement (`order_violations`) is pure and knows no engine.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.engine_api import EngineApi, Json
from tests.support.eventually import eventually


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `kind` is the engine's Type (container, image, network, volume), `time` in nanoseconds."""

    kind: str
    action: str
    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    time: int = 0

    @classmethod
    def of(cls, raw: Json) -> Event:
        """The event that the engine's JSON tells of."""
        actor = raw.get("Actor", {})
        return cls(raw["Type"], raw["Action"], actor.get("ID", ""), actor.get("Attributes") or {}, raw["timeNano"])

    def __str__(self) -> str:
        name = self.attributes.get("name", "")
        return f"{self.time} {self.kind} {self.action} {self.id[:19]} {name}".rstrip()


class Recording:
    """The events of one engine since the recording began; complete once its `recorded` block has ended."""

    def __init__(self) -> None:
        self._events: list[Event] = []

    def __iter__(self) -> Iterator[Event]:
        return iter(tuple(self._events))

    def of(self, kind: str, action: str) -> tuple[Event, ...]:
        """The events of one kind and action, in order."""
        return tuple(e for e in self if e.kind == kind and e.action == action)

    def add(self, event: Event) -> None:
        """Take one more event."""
        self._events.append(event)


@contextmanager
def recorded(api: EngineApi) -> Iterator[Recording]:
    """Records what happens on the engine inside the block.

    A stream, since the engine itself remembers its last 256 events only. At the end of the block the recording is
    complete: it is waited for until it holds the newest event that the engine remembers.
    """
    began = time.time_ns()
    recording = Recording()
    since = f"{began // 10**9}.{began % 10**9:09d}"
    patient = EngineApi(api.socket_path, timeout=None)
    with patient.stream("GET", "/events", query={"since": since}) as stream:
        reader = threading.Thread(target=_read, args=(stream, recording), daemon=True)
        reader.start()
        try:
            yield recording
        finally:
            until = time.time_ns()
            past = api.call("GET", "/events", query={"since": since, "until": f"{until // 10**9}.{until % 10**9:09d}"})
            newest = max((e["timeNano"] for e in _as_list(past)), default=0)
            eventually(lambda: _holds(recording, newest))


def _read(stream: Iterator[bytes], recording: Recording) -> None:
    try:
        for line in stream:
            if line.strip():
                recording.add(Event.of(json.loads(line)))
    except (OSError, ValueError, AttributeError):
        return  # the connection was closed at the end of the block


def _as_list(answer: Json) -> list[Json]:
    if not answer:
        return []
    if isinstance(answer, bytes):
        return [json.loads(line) for line in answer.splitlines() if line.strip()]
    return answer if isinstance(answer, list) else [answer]


def _holds(recording: Recording, newest: int) -> None:
    assert newest == 0 or any(e.time >= newest for e in recording), "the event stream lags behind the engine"


def order_violations(
    events: Sequence[Event], *, running: frozenset[str] = frozenset(), image_of: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """What broke the rules of taking down, one sentence each; empty where all is well.

    The rules: a container that runs dies before it is destroyed, and all containers of an image are destroyed before
    that image is deleted. `running` are the ids of the containers that ran before the first event; `image_of` tells
    the image id of each container id that is known.
    """
    alive = set(running)
    deleted: set[str] = set()
    images = image_of or {}
    present = set(images)
    found: list[str] = []
    for event in events:
        match event.kind, event.action:
            case "container", "create":
                present.add(event.id)
            case "container", "start":
                alive.add(event.id)
            case "container", "die":
                alive.discard(event.id)
            case "container", "destroy":
                present.discard(event.id)
                if event.id in alive:
                    found.append(f"container {_name(event)} was destroyed before it died")
                if images.get(event.id) in deleted:
                    found.append(f"container {_name(event)} was destroyed after its image")
            case "image", "delete":
                deleted.add(event.id)
                users = sorted(c[:12] for c in present if images.get(c) == event.id)
                found += [f"image {event.id[:19]} was deleted while container {user} used it" for user in users]
    return tuple(found)


def _name(event: Event) -> str:
    return event.attributes.get("name", event.id[:12])
