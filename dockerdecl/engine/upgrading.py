"""An HTTP request that turns its connection into a plain stream of bytes in both directions.

Takes a wire that was just connected, gives it back with what came behind the answer's head. The engine's answer is 101,
or 200 through something that knows no upgrade; anything above is its refusal.
"""

from __future__ import annotations

import http.client
import io
from collections.abc import Callable

from dockerdecl.engine.errors import from_answer
from dockerdecl.engine.wires import Wire
from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.values import dataclass

ANSWER_SECONDS = 300.0
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The connection, what came of it already, and what the engine says the bytes are."""

    wire: Wire
    first: bytes
    content_type: str
    explain: Callable[[Exception], DockerdeclError]


def upgrade(wire: Wire, target: str, body: bytes, explain: Callable[[Exception], DockerdeclError]) -> Upgraded:
    """POST `body` to `target`, and go on with the connection. Raises the engine's refusal, or what `explain` makes of
    a connection that died.
    """
    try:
        wire.settimeout(ANSWER_SECONDS)
        wire.send(_request(target, body))
        head, rest = _head(wire)
        status, headers = _parsed(head)
        if status >= 400:
            raise from_answer(status, _content(wire, headers, head + rest))
        wire.settimeout(0)
    except OSError as error:
        raise explain(error) from error
    if status not in (101, 200):
        hint = "Is something between dockerdecl and the engine, a proxy perhaps, that answers in its place?"
        raise fail("bad-answer", f"the engine answered with status {status} where a stream was asked for", hint=hint)
    return Upgraded(wire, rest, headers.get("content-type", ""), explain)


def _request(target: str, body: bytes) -> bytes:
    lines = (
        f"POST {target} HTTP/1.1",
        "Host: docker",
        "User-Agent: dockerdecl",
        "Connection: Upgrade",
        "Upgrade: tcp",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(lines).encode() + _END_OF_HEAD + body


def _more(wire: Wire) -> bytes:
    found = wire.receive()
    if found is None:
        raise TimeoutError("timed out")
    if not found:
        raise ConnectionResetError("the connection ended before the answer did")
    return found


def _head(wire: Wire) -> tuple[bytes, bytes]:
    received = b""
    while _END_OF_HEAD not in received:
        received += _more(wire)
    head, _, rest = received.partition(_END_OF_HEAD)
    return head + _END_OF_HEAD, rest


def _parsed(head: bytes) -> tuple[int, dict[str, str]]:
    first, _, lines = head.partition(b"\r\n")
    words = first.split()
    if len(words) < 2 or not words[1].isdigit():
        raise ConnectionResetError("what answers speaks no HTTP")
    message = http.client.parse_headers(io.BytesIO(lines))
    return int(words[1]), {name.lower(): value for name, value in message.items()}


def _content(wire: Wire, headers: dict[str, str], received: bytes) -> bytes:
    "what the engine says of its refusal: short, and whole before the connection is used again"
    ends = b"0\r\n\r\n" if "chunked" in headers.get("transfer-encoding", "") else None
    length = received.index(_END_OF_HEAD) + 4 + int(headers.get("content-length") or 0)
    while not received.endswith(ends) if ends else len(received) < length:
        received += _more(wire)
    return _Received(received).content()


class _Received:
    """A whole answer, as http.client wants to read it: from something like a socket."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._received)

    def content(self) -> bytes:
        answer = http.client.HTTPResponse(self)  # type: ignore[arg-type]  # of a socket, makefile is all it uses
        answer.begin()
        return answer.read()
