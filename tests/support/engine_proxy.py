"""A proxy in front of an engine's Unix socket that lets calls go wrong.

Takes an engine's socket and a path for its own; gives a list of the calls that came, and lets faults happen to some of
them. One thread a client's connection. Requests are read one at a time, so kept-alive connections work; each opens a
connection of its own to the engine. What is hijacked (exec) is copied both ways once its head is through.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Self

Send = Callable[[bytes], object]
_CHUNK = 65536


class Kind(StrEnum):
    """What goes wrong. The engine sees nothing of a call with a fault `_BEFORE`, and has done one with `_AFTER`."""

    KILL_BEFORE = "killed before the call"
    KILL_AFTER = "killed before the answer"
    KILL_ANSWERED = "killed after the answer"
    DROP_BEFORE = "connection lost before the call"
    DROP_AFTER = "connection lost before the answer"
    DELAY = "delayed"
    REFUSE = "answered 500"
    DO = "something done before the call"
    CUT = "connection lost in the middle of the answer"
    HOLD = "held up in the middle of the answer"


@dataclass(slots=True)
class Call:
    """A call that came: its number, method, path without the version but with its query, and the client's process."""

    number: int
    method: str
    path: str
    pid: int
    at: float = field(default_factory=time.monotonic)
    status: int | None = None

    @property
    def changes(self) -> bool:
        """Whether it is one that may change something."""
        return self.method not in ("GET", "HEAD")

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


@dataclass(slots=True)
class Fault:
    """What goes wrong, and with which calls: of those that `concerns` holds for, the `nth` and `times - 1` after it.

    `times` 0 is all from the nth on.
    """

    kind: Kind
    concerns: Callable[[Call], bool]
    nth: int = 1
    times: int = 1
    seconds: float = 0
    size: int = 0
    do: Callable[[Call], None] | None = None
    hit: list[Call] = field(default_factory=list)
    _seen: int = 0

    def strikes(self, call: Call) -> bool:
        """Whether it is this call's turn."""
        if not self.concerns(call):
            return False
        self._seen += 1
        if self._seen < self.nth or (self.times and self._seen >= self.nth + self.times):
            return False
        self.hit.append(call)
        return True


def changing(path: str = "") -> Callable[[Call], bool]:
    """The calls that may change something, on a path that this pattern is found in."""
    return lambda call: call.changes and re.search(path, call.path) is not None


class EngineProxy:
    """A way to an engine on which faults can be laid. A context manager."""

    def __init__(self, engine: Path, listen: Path) -> None:
        self.host = f"unix://{listen}"
        self.calls: list[Call] = []
        self._engine, self._listen = engine, listen
        self._fault: Fault | None = None
        self._guard = threading.Lock()
        self._server = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> Self:
        self._server.bind(str(self._listen))
        self._server.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown(socket.SHUT_RDWR)  # wakes who waits for a client
        self._server.close()
        self._listen.unlink()

    def lay(self, fault: Fault | None) -> None:
        """Let this fault happen from now on, or none; the list of calls begins anew."""
        with self._guard:
            self._fault = fault
            self.calls.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        peer = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        pid: int = struct.unpack("3i", peer)[0]
        with client, client.makefile("rb") as source, suppress(OSError):
            while self._one(client, source, pid):
                pass

    def _one(self, client: socket.socket, source: BufferedReader, pid: int) -> bool:
        "one request; whether the client's connection can carry another"
        line, headers = _head(source)
        if not line:
            return False
        call, fault = self._taken(line, pid)
        kind = fault.kind if fault else None
        if fault is not None and not self._goes_on(call, fault, client, source, headers):
            return fault.kind is Kind.REFUSE
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(str(self._engine))
            hijacked = bool(headers.get("upgrade"))
            sent = headers if hijacked else headers.replaced({"expect"}, connection="close")
            engine.sendall(sent.encode(line))
            with suppress(BrokenPipeError):  # refused early: the answer says why
                _copy_body(source, headers, engine.sendall)
            with engine.makefile("rb") as answer:
                return _Answer(call, answer, hijacked).pass_on(client, source, engine, kind, fault.size if fault else 0)

    def _taken(self, line: str, pid: int) -> tuple[Call, Fault | None]:
        method, target, _ = line.split(" ", 2)
        path = re.sub(r"^/v\d+\.\d+(?=/)", "", target)
        with self._guard:
            call = Call(len(self.calls) + 1, method, path, pid)
            self.calls.append(call)
            fault = self._fault if self._fault and self._fault.strikes(call) else None
        return call, fault

    def _goes_on(
        self, call: Call, fault: Fault, client: socket.socket, source: BufferedReader, headers: Headers
    ) -> bool:
        "what happens before the engine sees anything; whether it sees it at all"
        match fault.kind:
            case Kind.KILL_BEFORE:
                _kill(call.pid)
                return False
            case Kind.DROP_BEFORE:
                return False
            case Kind.REFUSE:
                _copy_body(source, headers, lambda _: None)
                body = json.dumps({"message": "injected"}).encode()
                head = f"HTTP/1.1 500 Injected\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                client.sendall(head.encode() + body)
                return False
            case Kind.DELAY:
                time.sleep(fault.seconds)
            case Kind.DO:
                assert fault.do is not None, "what is to be done must be said"
                fault.do(call)
        return True


class Headers(tuple[tuple[str, str], ...]):
    """Headers in order; a name may occur more than once."""

    __slots__ = ()

    def get(self, name: str) -> str:
        """The first value of a header, empty where there is none."""
        return next((value for key, value in self if key.lower() == name), "")

    def replaced(self, without: set[str] | frozenset[str] = frozenset(), **new: str) -> Headers:
        """These headers with others of these names, and `without` some."""
        kept = (pair for pair in self if pair[0].lower() not in {*without, *new})
        return Headers((*kept, *new.items()))

    def encode(self, first_line: str) -> bytes:
        """The head of a message."""
        lines = "".join(f"{key}: {value}\r\n" for key, value in self)
        return f"{first_line}\r\n{lines}\r\n".encode("latin-1")


@dataclass(frozen=True, slots=True)
class _Answer:
    call: Call
    source: BufferedReader
    hijacked: bool

    def pass_on(
        self, client: socket.socket, source: BufferedReader, engine: socket.socket, kind: Kind | None, size: int
    ) -> bool:
        status, reply = _head(self.source)
        if not status:
            return False
        self.call.status = int(status.split()[1])
        if kind in (Kind.DROP_AFTER, Kind.KILL_AFTER):
            if not self.hijacked:
                _drain(self.source)  # until the engine is really through
            if kind is Kind.KILL_AFTER:
                _kill(self.call.pid)
            return False
        raw = self.call.status == 101 or "raw-stream" in reply.get("content-type")
        client.sendall((reply if raw else reply.replaced(connection="keep-alive")).encode(status))
        if raw and self.call.method == "POST":
            victim = self.call.pid if kind is Kind.KILL_ANSWERED else None
            _both_ways(client, source, engine, self.source, victim)
            return False
        return self._body(client, reply, kind, size)

    def _body(self, client: socket.socket, reply: Headers, kind: Kind | None, size: int) -> bool:
        more = True
        if self.call.method != "HEAD" and self.call.status not in (204, 304):
            send: Send = client.sendall
            if kind in (Kind.CUT, Kind.HOLD):
                send = _limited(client, size, hold=kind is Kind.HOLD)
            if reply.get("content-length") or "chunked" in reply.get("transfer-encoding"):
                _copy_body(self.source, reply, send, watch=client)
            else:
                while data := self.source.read1(_CHUNK):
                    send(data)
                more = False
        if kind is Kind.KILL_ANSWERED:
            _kill(self.call.pid)
        return more and kind is not Kind.CUT


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _limited(client: socket.socket, size: int, *, hold: bool) -> Send:
    left = [size]

    def limited(data: bytes) -> None:
        client.sendall(data[: left[0]])
        left[0] -= len(data)
        if left[0] <= 0:
            if hold:
                client.recv(1)  # until the client goes away
            raise OSError("cut")

    return limited


def _head(source: BufferedReader) -> tuple[str, Headers]:
    line = source.readline().decode("latin-1").rstrip("\r\n")
    pairs: list[tuple[str, str]] = []
    while line and (header := source.readline().decode("latin-1").rstrip("\r\n")):
        key, _, value = header.partition(":")
        pairs.append((key, value.strip()))
    return line, Headers(pairs)


def _copy_body(source: BufferedReader, headers: Headers, send: Send, watch: socket.socket | None = None) -> None:
    if "chunked" in headers.get("transfer-encoding"):
        while True:
            if watch is not None and not _alive(watch, source):
                raise OSError("the client went away")  # an idle stream would keep the engine's side open
            line = source.readline()
            size = int(line.split(b";")[0], 16) if line.strip() else 0
            send(line + source.read(size) + source.readline())
            if not size:
                return
    left = int(headers.get("content-length") or 0)
    while left > 0 and (data := source.read1(min(left, _CHUNK))):
        send(data)
        left -= len(data)


def _alive(client: socket.socket, source: BufferedReader) -> bool:
    "waits until the engine has something to say; whether the client is there by then"
    if _buffered(source):
        return True
    ready, _, _ = select.select([source.fileno(), client.fileno()], [], [])
    return source.fileno() in ready or bool(client.recv(1, socket.MSG_PEEK))


def _buffered(source: BufferedReader) -> bool:
    os.set_blocking(source.fileno(), False)
    try:
        return bool(source.peek(1))
    except OSError:
        return False
    finally:
        os.set_blocking(source.fileno(), True)


def _drain(answer: BufferedReader) -> None:
    while answer.read1(_CHUNK):
        pass


def _both_ways(
    client: socket.socket, source: BufferedReader, engine: socket.socket, answer: BufferedReader, victim: int | None
) -> None:
    def up() -> None:
        with suppress(OSError):
            while data := source.read1(_CHUNK):
                engine.sendall(data)
            engine.shutdown(socket.SHUT_WR)  # the end of standard input

    threading.Thread(target=up, daemon=True).start()
    try:
        while data := answer.read1(_CHUNK):
            client.sendall(data)
        if victim is not None:
            _kill(victim)  # before it is told that this was all
    finally:
        for each in (client, engine):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
