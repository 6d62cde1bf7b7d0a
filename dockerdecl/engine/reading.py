"""Calls through a Unix socket, with as little around them as can be: many GETs at once, pipelined, and single requests.

Takes the path of a socket and what to ask for, gives the answers in their order. Knows as much of HTTP/1.1 as engines
speak. Asks again where a connection ended between answers, since a GET may be sent twice; a single request is sent
once. What is sent is a whole; where it streams, it goes through the session of `client`.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field
from io import BufferedReader
from typing import cast

from dockerdecl.values import dataclass

# So many requests are on their way at once on a connection: measured, more gain nothing, and they fit any buffer.
_DEPTH = 32
_WORTH_TWO = 4
_END_OF_HEAD = b"\r\n\r\n"
_LONGEST_HEAD = 1 << 16
_BLOCK = 1 << 16
_NO_BODY = (204, 304)


class BrokenAnswerError(OSError):
    """What came is no whole HTTP answer: the other side hung up, or speaks something else."""


@dataclass(frozen=True, slots=True)
class Single:
    """A request, all of it. `target` is a path with its query."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encode(self) -> bytes:
        """As it is sent."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        first = f"{self.method} {self.target} HTTP/1.1\r\nHost: docker\r\nUser-Agent: dockerdecl\r\n"
        length = "" if self.method == "GET" else f"Content-Length: {len(self.body)}\r\n"
        return f"{first}{lines}{length}\r\n".encode("latin-1") + self.body


@dataclass(frozen=True, slots=True)
class Read:
    """One answer, all of it; the names of its headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Connection:
    wire: socket.socket
    file: BufferedReader

    def has_ended(self) -> bool:
        """Whether the engine hung up while nothing was asked, or said something that nobody asked for."""
        self.wire.settimeout(0)
        try:
            self.wire.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def send(self, request: Single) -> None:
        with suppress(BrokenPipeError):  # refused before it was read whole: the answer says why
            self.wire.sendall(request.encode())

    def interrupt(self) -> None:
        with suppress(OSError):
            self.wire.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self.file.close()
        self.wire.close()


@dataclass(slots=True)
class Streamed:
    """An answer whose body comes by and by; the names of its headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    _connection: _Connection

    def chunks(self) -> Iterator[bytes]:
        """The body as it comes. Raises OSError where it breaks off, or nothing comes for too long."""
        file, headers = self._connection.file, self.headers
        if self.status in _NO_BODY:
            return
        if _is_chunked(headers):
            yield from _chunks(file)
        elif "content-length" in headers:
            left = _number(headers["content-length"], 10)
            while left:
                piece = file.read1(min(left, _BLOCK))
                if not piece:
                    raise BrokenAnswerError("the answer broke off")
                left -= len(piece)
                yield piece
        else:
            while piece := file.read1(_BLOCK):
                yield piece

    def interrupt(self) -> None:
        """For who waits for more of it, let the connection end. Safe from any thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.interrupt()  # another thread that reads would hold the file until something comes
        self._connection.close()


@dataclass(slots=True)
class Reader:
    """Connections to one socket, kept for the next call. Thread-safe. Close it when done."""

    path: str
    connect_seconds: float
    _idle: list[_Connection] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, path: str, timeout: float | None) -> Read:
        """One answer. Raises as `read_all`."""
        return next(iter(self.read_all((path,), timeout)))

    def read_all(self, paths: Sequence[str], timeout: float | None) -> list[Read]:
        """The answers to a GET of each path. `timeout` is how long the engine may be silent, in seconds.

        Raises OSError where the socket can't be reached, the engine is silent, or its answers break off twice.
        """
        if len(paths) < _WORTH_TWO:
            return self._on_one(paths, timeout)
        odd: list[Read] = []
        failed: list[BaseException] = []

        def read_odd() -> None:
            try:
                odd.extend(self._on_one(paths[1::2], timeout))
            except BaseException as error:
                failed.append(error)

        # Two connections use two cores of the engine; a pool of threads would take longer to load than this to read.
        beside = threading.Thread(target=read_odd, daemon=True)
        beside.start()
        try:
            even = self._on_one(paths[::2], timeout)
        finally:
            beside.join()
        if failed:
            raise failed[0]
        return [(odd if index % 2 else even)[index // 2] for index in range(len(paths))]

    def send(self, request: Single, timeout: float | None) -> Read:
        """The answer to a request, which is sent once. `timeout` as for `read_all`.

        Raises OSError where the socket can't be reached, the engine is silent, or there is no whole answer: whether it
        did what it was asked is then not known.
        """
        connection = self._take(timeout, unbroken=True)
        with self._lost_with(connection):
            connection.send(request)
            answer = read_answer(connection.file)
        self._give_back(connection, answer)
        return answer

    def stream(self, request: Single, timeout: float | None) -> Streamed:
        """As `send`, with the answer's body left on the wire, to be read or closed."""
        connection = self._take(timeout, unbroken=True)
        with self._lost_with(connection):
            connection.send(request)
            return Streamed(*_head_of_answer(connection.file), connection)

    @contextmanager
    def _lost_with(self, connection: _Connection) -> Iterator[None]:
        try:
            yield
        except BaseException:
            connection.close()
            self.close()  # what was kept beside it is as old
            raise

    def close(self) -> None:
        """Let go of every connection that isn't in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _on_one(self, paths: Sequence[str], timeout: float | None) -> list[Read]:
        answers: list[Read] = []
        failed = False
        while len(answers) < len(paths):
            before = len(answers)
            connection = self._take(timeout)
            try:
                for answer in _pipelined(connection, paths[before:]):
                    answers.append(answer)
            except TimeoutError:
                connection.close()
                raise
            except OSError:
                connection.close()
                self.close()  # what was kept beside it is as old
                gave_nothing = len(answers) == before
                if gave_nothing and failed:
                    raise
                failed = gave_nothing
            else:
                self._give_back(connection, answers[-1])
        return answers

    def _take(self, timeout: float | None, *, unbroken: bool = False) -> _Connection:
        connection = self._kept()
        while unbroken and connection is not None and connection.has_ended():
            connection.close()
            connection = self._kept()
        if connection is None:
            wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            wire.settimeout(self.connect_seconds)
            try:
                wire.connect(self.path)
            except BaseException:
                wire.close()
                raise
            connection = _Connection(wire, cast("BufferedReader", wire.makefile("rb", buffering=_BLOCK)))
        connection.wire.settimeout(timeout)
        return connection

    def _kept(self) -> _Connection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _give_back(self, connection: _Connection, last: Read) -> None:
        if last.headers.get("connection", "").lower() == "close":
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)


def _pipelined(connection: _Connection, paths: Sequence[str]) -> Iterator[Read]:
    sent = 0
    for index in range(len(paths)):
        if sent - index <= _DEPTH // 2 and sent < len(paths):  # so that the engine never waits for us
            asked = paths[sent : index + _DEPTH]
            connection.wire.sendall(b"".join(map(_request, asked)))
            sent += len(asked)
        answer = read_answer(connection.file)
        yield answer
        if answer.headers.get("connection", "").lower() == "close" and index + 1 < len(paths):
            raise BrokenAnswerError("the engine closed the connection")


def _request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: docker\r\nUser-Agent: dockerdecl\r\n\r\n".encode("ascii")


def read_answer(file: BufferedReader) -> Read:
    """The next answer in a stream. Raises BrokenAnswerError where it is no whole one."""
    status, headers = _head_of_answer(file)
    if status in _NO_BODY:
        return Read(status, headers, b"")
    if _is_chunked(headers):
        return Read(status, headers, b"".join(_chunks(file)))
    if "content-length" in headers:
        return Read(status, headers, _exactly(file, _number(headers["content-length"], 10)))
    return Read(status, {**headers, "connection": "close"}, file.read())


def _head_of_answer(file: BufferedReader) -> tuple[int, dict[str, str]]:
    while True:
        status, headers = _head(file)
        if status >= 200:  # what is below comes before the real one
            return status, headers


def _is_chunked(headers: Mapping[str, str]) -> bool:
    return headers.get("transfer-encoding", "").lower() == "chunked"


def _head(file: BufferedReader) -> tuple[int, dict[str, str]]:
    lines = _head_lines(file)
    first = lines[0].split(None, 2)
    if len(first) < 2 or not first[0].startswith("HTTP/1."):
        raise BrokenAnswerError("no HTTP answer")
    headers = {"connection": "close"} if first[0] == "HTTP/1.0" else {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return _number(first[1], 10), headers


def _head_lines(file: BufferedReader) -> list[str]:
    "the lines up to the empty one; mostly all of them are there already"
    size = file.peek(1).find(_END_OF_HEAD)
    if size >= 0:
        head = file.read(size + len(_END_OF_HEAD))
        return head[:size].decode("latin-1").split("\r\n")
    lines = [_line(file)]
    while line := _line(file):
        lines.append(line)
    return [line.decode("latin-1") for line in lines]


def _line(file: BufferedReader) -> bytes:
    line = file.readline(_LONGEST_HEAD)
    if not line.endswith(b"\n"):
        raise BrokenAnswerError("the answer broke off")
    return line.rstrip(b"\r\n")


def _chunks(file: BufferedReader) -> Iterable[bytes]:
    while size := _number(_line(file).decode("latin-1").partition(";")[0], 16):
        yield _exactly(file, size)
        _line(file)
    while _line(file):  # trailers
        pass


def _exactly(file: BufferedReader, size: int) -> bytes:
    body = file.read(size)
    if len(body) != size:
        raise BrokenAnswerError("the answer broke off")
    return body


def _number(text: str, base: int) -> int:
    try:
        number = int(text, base)
    except ValueError:
        raise BrokenAnswerError("no HTTP answer") from None
    if number < 0:
        raise BrokenAnswerError("no HTTP answer")
    return number
