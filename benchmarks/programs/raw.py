"""The bare minimum: makes only the API calls that are necessary, at their best concurrency.

    raw.py DESCRIPTION WORKERS WORK     with DOCKER_HOST=unix:///...

Standard library only, and of it as little as possible. Each container is one chain of calls, so that nothing waits for
a stage; what is read is asked for on two connections, 32 questions ahead. It checks nothing and undoes nothing.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

Json = Any
AHEAD = 32
CONNECTIONS = 2


class Connection:
    """One kept-alive connection; questions may be sent ahead of their answers."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(os.environ["DOCKER_HOST"].removeprefix("unix://"))
        self.file = self.socket.makefile("rb", 1 << 16)

    def call(self, method: str, path: str, body: Json = None) -> Json:
        """One call's decoded answer. Raises RuntimeError where the engine refuses it."""
        content = json.dumps(body).encode() if body is not None else b""
        kind = "Content-Type: application/json\r\n" if content else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: d\r\n{kind}Content-Length: {len(content)}\r\n\r\n"
        self.socket.sendall(head.encode() + content)
        return self.answer()

    def answer(self) -> Json:
        """The next answer."""
        status = int(self.file.readline().split()[1])
        size, chunked = 0, False
        while (line := self.file.readline().strip().lower()) != b"":
            name, _, value = line.partition(b":")
            if name == b"content-length":
                size = int(value)
            elif name == b"transfer-encoding":
                chunked = True
        content = self._chunks() if chunked else self.file.read(size)
        if status >= 400:
            raise RuntimeError(f"{status} {content.decode()}")
        return json.loads(content) if content else None

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self.file.readline(), 16):
            parts.append(self.file.read(size))
            self.file.readline()
        self.file.readline()
        return b"".join(parts)

    def read(self, paths: Sequence[str]) -> list[Json]:
        """The answers to many questions, which are sent ahead."""
        found: list[Json] = []
        sent = 0
        while len(found) < len(paths):
            if sent - len(found) <= AHEAD // 2 and sent < len(paths):
                more = paths[sent : len(found) + AHEAD]
                self.socket.sendall("".join(f"GET {path} HTTP/1.1\r\nHost: d\r\n\r\n" for path in more).encode())
                sent += len(more)
            found.append(self.answer())
        return found


def side_by_side(count: int, run: Callable[[int], None]) -> None:
    """Run it in that many threads, each told its number; ends the program where one fails."""
    failures: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            run(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(f"raw.py: {failures[0]!r}")


def each(workers: int, things: Sequence[Json], chain: Callable[[Connection, Json], None]) -> None:
    """One chain of calls a thing, by that many workers, each with a connection of its own."""
    waiting = iter(things)
    guard = threading.Lock()

    def work(_: int) -> None:
        connection = Connection()
        while True:
            with guard:
                thing = next(waiting, None)
            if thing is None:
                return
            chain(connection, thing)

    side_by_side(min(workers, len(things)), work)


class Raw:
    """The works, on what a description says."""

    def __init__(self, description: Json, workers: int) -> None:
        self.wanted: list[Json] = description["containers"]
        self.network: Json = description["network"]
        self.started: bool = description["started"]
        self.workers = workers

    def apply(self) -> None:
        """From nothing: the network, then every container."""
        Connection().call("POST", "/networks/create", self.network)
        each(self.workers, self.wanted, self._make)

    def _make(self, connection: Connection, one: Json) -> None:
        made = connection.call("POST", f"/containers/create?name={one['name']}", one["body"])
        if self.started:
            connection.call("POST", f"/containers/{made['Id']}/start")

    def plan(self) -> list[Json]:
        """The containers that aren't as described; every one is inspected."""
        listed = [one["Id"] for one in Connection().call("GET", "/containers/json?all=1")]
        found: dict[str, Json] = {}

        def read(number: int) -> None:
            for one in Connection().read([f"/containers/{key}/json" for key in listed[number::CONNECTIONS]]):
                found[one["Name"][1:]] = one

        side_by_side(CONNECTIONS, read)
        return [{**one, "old": found[one["name"]]["Id"]} for one in self.wanted if self._differs(one, found)]

    def _differs(self, one: Json, found: dict[str, Json]) -> bool:
        return not set(one["body"]["Env"]) <= set(found[one["name"]]["Config"]["Env"])

    def replace(self) -> None:
        """What differs is replaced: the new one is made under another name first."""
        each(self.workers, self.plan(), self._replace)

    def _replace(self, connection: Connection, one: Json) -> None:
        made = connection.call("POST", f"/containers/create?name={one['name']}.new", one["body"])["Id"]
        if self.started:
            connection.call("POST", f"/containers/{one['old']}/stop?t=0")
        connection.call("DELETE", f"/containers/{one['old']}")
        connection.call("POST", f"/containers/{made}/rename?name={one['name']}")
        if self.started:
            connection.call("POST", f"/containers/{made}/start")

    def destroy(self) -> None:
        """Every container, then the network."""
        each(self.workers, self.wanted, self._take_down)
        Connection().call("DELETE", f"/networks/{self.network['Name']}")

    def _take_down(self, connection: Connection, one: Json) -> None:
        if self.started:
            connection.call("POST", f"/containers/{one['name']}/stop?t=0")
        connection.call("DELETE", f"/containers/{one['name']}")


def main(arguments: Sequence[str]) -> None:
    """Do one work."""
    with open(arguments[0], encoding="utf-8") as file:  # noqa: PTH123 - pathlib takes as long to load as all the rest
        raw = Raw(json.load(file), int(arguments[1]))
    {"apply": raw.apply, "plan": raw.plan, "replace": raw.replace, "destroy": raw.destroy}[arguments[2]]()


if __name__ == "__main__":
    main(sys.argv[1:])
