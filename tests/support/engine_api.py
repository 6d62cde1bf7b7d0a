"""The Engine API by hand, over its Unix socket, so that checks from outside share no code with the program they judge.

Takes paths and bodies, gives the engine's own JSON. Keeps no connection between calls.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

Json = Any
Query = Mapping[str, str | int | Sequence[str]]
Headers = Mapping[str, str]
NO_HEADERS: Headers = {}


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path, timeout: float | None) -> None:
        super().__init__("docker", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class EngineRefusedError(AssertionError):
    """The engine answered with an error; `status` is the HTTP status, `message` the engine's own words."""

    def __init__(self, call: str, status: int, message: str) -> None:
        super().__init__(f"{call}: {status} {message}")
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class EngineApi:
    """One engine's API at the Unix socket `socket_path`, in the newest version that the engine speaks."""

    socket_path: Path
    timeout: float | None = 60.0  # seconds without a byte

    def call(
        self, method: str, path: str, *, query: Query | None = None, body: object = None, headers: Headers = NO_HEADERS
    ) -> Json:
        """The decoded answer: JSON where the engine sends JSON, a list for a JSON stream, else bytes.

        `body` is sent as it is when bytes, as JSON otherwise. Raises EngineRefusedError for a status of 400 or above.
        """
        with self.stream(method, path, query=query, body=body, headers=headers) as answer:
            content = answer.read()
            kind = answer.headers.get("Content-Type", "")
        return _decoded(content) if "json" in kind else content

    @contextmanager
    def stream(
        self, method: str, path: str, *, query: Query | None = None, body: object = None, headers: Headers = NO_HEADERS
    ) -> Iterator[HTTPResponse]:
        """The answer as it arrives. Raises EngineRefusedError for a status of 400 or above."""
        target = f"{path}?{urlencode(query, doseq=True)}" if query else path
        raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        kind = "application/x-tar" if isinstance(body, bytes) else "application/json"
        sent = {**headers, **({"Content-Type": kind} if raw is not None else {})}
        connection = _UnixConnection(self.socket_path, self.timeout)
        connection.connect()
        line = connection.sock
        try:
            with suppress(BrokenPipeError):  # some uploads are refused before they are read; the answer is there
                connection.request(method, target, body=raw, headers=sent)
            answer = connection.getresponse()
            if answer.status >= 400:
                raise EngineRefusedError(
                    f"{method} {target}", answer.status, answer.read().decode(errors="replace").strip()
                )
            yield answer
        finally:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)  # wakes a thread that still reads; closing alone would wait for it
            with suppress(AttributeError):  # the thread that was woken may close it at the same moment
                connection.close()


def _decoded(content: bytes) -> Json:
    if not content.strip():
        return None
    try:
        return json.loads(content)
    except json.JSONDecodeError:
        return [json.loads(line) for line in content.splitlines() if line.strip()]
