"""Calls through a socket, however an answer comes or does not: real sockets, and no engine behind them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from dockerdecl.engine.reading import BrokenAnswerError, Reader, Single

Pieces = tuple[bytes, ...]

PLAIN = (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",)
CHUNKED = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: 1\r\n\r\n",)
CLOSING = (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",)
UNTIL_THE_END = (b"HTTP/1.0 200 OK\r\n\r\nhello",)


class Server:
    """Answers each request on a Unix socket with the next of `answers`; an answer without pieces hangs up.

    After one that says it is closing, or is no whole answer, the connection is closed.
    """

    def __init__(self, path: Path, answers: list[Pieces], pause: float = 0.0) -> None:
        self.answers = answers
        self.pause = pause
        self.requests = 0
        self.bodies: list[bytes] = []
        self.clients: list[socket.socket] = []
        self.connections = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def hang_up(self) -> None:
        """End every connection."""
        for client in self.clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.clients.append(client)
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as requests:
            while request := requests.readline():
                length = 0
                while (line := requests.readline()) != b"\r\n":
                    if line.startswith(b"Content-Length: "):
                        length = int(line.split()[1])
                assert request.startswith((b"GET /", b"POST /"))
                self.bodies.append(requests.read(length))
                self.requests += 1
                pieces = self.answers.pop(0) if self.answers else ()
                with suppress(BrokenPipeError):  # who waits for it may have given up
                    for piece in pieces:
                        client.sendall(piece)
                        time.sleep(self.pause)
                if pieces not in (PLAIN, CHUNKED) and b"204" not in b"".join(pieces):
                    return


@contextmanager
def served(folder: Path, *answers: Pieces, pause: float = 0.0) -> Iterator[tuple[Reader, Server]]:
    path = folder / "socket"
    server = Server(path, list(answers), pause)
    reader = Reader(str(path), 5.0)
    try:
        yield reader, server
    finally:
        reader.close()
        server.listener.close()


@pytest.mark.parametrize("answer", [PLAIN, CHUNKED, CLOSING, UNTIL_THE_END])
def test_a_body_is_read_whole_however_its_length_is_told(answer: Pieces, tmp_path: Path) -> None:
    with served(tmp_path, answer) as (reader, _):
        read = reader.read("/x", 5.0)
        assert (read.status, read.body) == (200, b"hello")


def test_an_answer_that_trickles_in_is_waited_for(tmp_path: Path) -> None:
    pieces = tuple(bytes([byte]) for byte in PLAIN[0])
    with served(tmp_path, pieces, pause=0.002) as (reader, _):
        assert reader.read("/x", 1.0).body == b"hello"


def test_an_answer_without_a_body_ends_with_its_head(tmp_path: Path) -> None:
    empty = (b"HTTP/1.1 204 No Content\r\nApi-Version: 1.45\r\n\r\n",)
    with served(tmp_path, empty, PLAIN) as (reader, server):
        assert reader.read("/x", 5.0).headers["api-version"] == "1.45"
        assert reader.read("/x", 5.0).body == b"hello"
        assert server.connections == 1


def test_many_are_answered_in_their_order(tmp_path: Path) -> None:
    with served(tmp_path, *(PLAIN for _ in range(200))) as (reader, server):
        assert [one.body for one in reader.read_all([f"/{n}" for n in range(199)], 5.0)] == [b"hello"] * 199
        assert (server.requests, server.connections) == (199, 2)


def test_the_next_ones_are_asked_before_the_last_ones_are_answered(tmp_path: Path) -> None:
    """An engine that has answered half of what it was asked has more to do already; but never too much at once."""
    most: list[int] = []

    def serve(wire: socket.socket) -> None:
        wire.settimeout(5)
        asked = answered = 0
        while answered < 64:
            wanted = min(64, answered + 32)
            while asked < wanted:
                asked += wire.recv(65536).count(b"GET ")
            most.append(asked - answered)
            wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * 16)
            answered += 16
        wire.close()

    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        listening.listen()
        reader = Reader(str(tmp_path / "socket"), 5)

        def accept() -> None:
            for _ in range(2):
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        answers = reader.read_all([f"/{number}" for number in range(128)], 5)
        reader.close()
    assert [answer.status for answer in answers] == [200] * 128
    assert max(most) == 32


def test_what_was_not_answered_before_a_close_is_asked_for_again(tmp_path: Path) -> None:
    with served(tmp_path, PLAIN, CLOSING, PLAIN, CHUNKED) as (reader, server):
        reader.read("/x", 5.0)
        assert [one.body for one in reader.read_all(["/1", "/2"], 5.0)] == [b"hello"] * 2
        assert server.connections == 2


def test_a_kept_connection_that_the_engine_closed_is_no_failure(tmp_path: Path) -> None:
    with served(tmp_path, PLAIN, (), PLAIN) as (reader, server):
        reader.read("/x", 5.0)
        assert reader.read("/x", 5.0).body == b"hello"
        assert server.connections == 2


@pytest.mark.parametrize(
    "broken",
    [
        (),
        (b"HTTP/1.1 200 OK\r\nContent-Le",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",),
        (b"SSH-2.0-OpenSSH\r\n",),
    ],
)
def test_an_answer_that_breaks_off_is_asked_for_once_more(broken: Pieces, tmp_path: Path) -> None:
    with served(tmp_path, broken, PLAIN) as (reader, _):
        assert reader.read("/x", 5.0).body == b"hello"
    (tmp_path / "socket").unlink()
    with served(tmp_path, broken, broken, PLAIN) as (reader, server):
        with pytest.raises(BrokenAnswerError):
            reader.read("/x", 5.0)
        assert server.requests == 2


def test_silence_is_a_timeout(tmp_path: Path) -> None:
    with served(tmp_path, (PLAIN[0][:20], b"x"), pause=1.0) as (reader, _), pytest.raises(TimeoutError):
        reader.read("/x", 0.05)


def test_no_socket_is_told_as_the_system_tells_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Reader(str(tmp_path / "none"), 5.0).read("/x", 5.0)


POST = Single("POST", "/x", {"Content-Type": "application/json"}, b"{}")


def test_what_is_written_goes_over_a_connection_that_was_kept(tmp_path: Path) -> None:
    with served(tmp_path, PLAIN, PLAIN, CHUNKED) as (reader, server):
        reader.read("/x", 5.0)
        assert [reader.send(POST, 5.0).body for _ in range(2)] == [b"hello"] * 2
        assert (server.connections, server.bodies) == (1, [b"", b"{}", b"{}"])


@pytest.mark.parametrize("broken", [(), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",)])
def test_what_is_written_is_never_sent_twice(broken: Pieces, tmp_path: Path) -> None:
    with served(tmp_path, PLAIN, broken, PLAIN) as (reader, server):
        reader.read("/x", 5.0)
        with pytest.raises(OSError, match="broke off"):
            reader.send(POST, 5.0)
        assert server.requests == 2


def test_what_is_written_takes_no_connection_that_the_engine_closed_meanwhile(tmp_path: Path) -> None:
    with served(tmp_path, UNTIL_THE_END, PLAIN, PLAIN) as (reader, server):
        reader.read("/x", 5.0)
        reader.read("/x", 5.0)
        server.hang_up()
        assert reader.send(POST, 5.0).body == b"hello"
        assert (server.requests, server.connections) == (3, 3)


def test_what_is_written_is_answered_though_it_was_not_read_whole(tmp_path: Path) -> None:
    refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
    path, listener = tmp_path / "socket", socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def refuse() -> None:
        client, _ = listener.accept()
        with client:
            client.recv(100)
            client.sendall(refusal)
            client.shutdown(socket.SHUT_RDWR)

    with listener:
        threading.Thread(target=refuse, daemon=True).start()
        came = Reader(str(path), 5.0).send(Single("POST", "/x", {}, b"x" * (1 << 22)), 5.0)
    assert (came.status, came.body) == (400, b"no")


@pytest.mark.parametrize("answer", [PLAIN, CHUNKED, CLOSING, UNTIL_THE_END])
def test_a_body_that_streams_is_whole_in_the_end(answer: Pieces, tmp_path: Path) -> None:
    with served(tmp_path, answer) as (reader, _):
        assert b"".join(reader.stream(Single("GET", "/x"), 5.0).chunks()) == b"hello"


def test_of_a_body_that_streams_each_piece_comes_at_once(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with served(tmp_path, (head, b"3\r\nhel\r\n", b"2\r\nlo\r\n", b"0\r\n\r\n"), pause=0.2) as (reader, _):
        began = time.monotonic()
        chunks = reader.stream(Single("GET", "/x"), 5.0).chunks()
        assert (next(chunks), time.monotonic() - began < 0.4) == (b"hel", True)
        assert [*chunks] == [b"lo"]


@pytest.mark.parametrize("cut", [PLAIN[0][:-1], CHUNKED[0][:-30]])
def test_a_body_that_streams_and_breaks_off_is_an_error(cut: bytes, tmp_path: Path) -> None:
    with served(tmp_path, (cut,)) as (reader, _), pytest.raises(BrokenAnswerError):
        list(reader.stream(Single("GET", "/x"), 5.0).chunks())


def test_who_waits_for_more_of_a_body_is_woken(tmp_path: Path) -> None:
    with served(tmp_path, (CHUNKED[0][:-30], b""), pause=20.0) as (reader, _):
        streamed = reader.stream(Single("GET", "/x"), None)
        threading.Timer(0.1, streamed.interrupt).start()
        with pytest.raises(BrokenAnswerError):
            list(streamed.chunks())
        streamed.close()
