"""Calls that give a whole archive: saved images, and the file system of a container. Takes names, gives bytes as they
come; keeps none of them.

An engine that fails amid an archive has answered 200 already, and writes its reason behind what it has sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from dockerdecl.engine.answers import Answer
from dockerdecl.engine.client import Engine, segment
from dockerdecl.engine.errors import from_message
from dockerdecl.errors import fail

_TAIL = 4096
_END = bytes(1024)  # two blocks of zeros: what every tar ends with


def save_images(engine: Engine, names: Sequence[str]) -> Iterator[bytes]:
    """A `docker save` archive of images, given by reference or id.

    Raises `not-found` for what isn't there, and what the engine objects to while it sends.
    """
    answer = engine.request("GET", "/images/get", params={"names": list(names)}, stream=True, timeout=None)
    return _whole(answer)


def export_container(engine: Engine, container: str) -> Iterator[bytes]:
    """The file system of a container as a tar, without what is mounted into it. Raises as `save_images`."""
    answer = engine.request("GET", f"/containers/{segment(container)}/export", stream=True, timeout=None)
    return _whole(answer)


def _whole(answer: Answer) -> Iterator[bytes]:
    tail = b""
    try:
        for chunk in answer.chunks():
            tail = (tail + chunk)[-_TAIL:]
            yield chunk
    finally:
        answer.close()
    if not tail.endswith(_END):
        reason = _reason(tail)
        if reason:
            raise from_message(500, reason)
        raise fail("archive-cut", "the engine ended the archive before its end", hint="the engine's own log says why")


def _reason(tail: bytes) -> str | None:
    "what an engine says behind an archive that it could not finish"
    start = tail.rfind(b'{"errorDetail"')
    try:
        value: Any = json.loads(tail[start:]) if start >= 0 else None
    except ValueError:
        return None
    return str(value.get("error") or "") if isinstance(value, dict) else None
