"""What happens when the connection to a real engine breaks, and when many threads use it at once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from dockerdecl.engine.calls import containers, volumes
from dockerdecl.engine.client import WORKERS, Engine
from dockerdecl.engine.connection import connect
from dockerdecl.engine.events import ContainerEvents
from dockerdecl.errors import DockerdeclError, ExitCode
from tests.support.engines import PrivateEngine


class BreakingProxy:
    """Hands bytes on between a socket of its own and an engine's; `breaks` many answers are cut at their first byte."""

    def __init__(self, folder: Path, engine: PrivateEngine) -> None:
        self.host = f"unix://{folder}/p.sock"
        self.breaks = 0
        self.accepted = 0
        self._engine = str(engine.socket)
        self._open: list[socket.socket] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(f"{folder}/p.sock")
        self._server.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def break_all(self) -> None:
        """Cut every connection there is."""
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._server.close()
        self.break_all()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                self.accepted += 1
                engine = socket.socket(socket.AF_UNIX)
                engine.connect(self._engine)
                self._open += [client, engine]
                threading.Thread(target=self._copy, args=(client, engine, False), daemon=True).start()
                threading.Thread(target=self._copy, args=(engine, client, True), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if answers and self.breaks:
                    self.breaks -= 1
                    break
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(engine: PrivateEngine, tmp_path: Path) -> Iterator[BreakingProxy]:
    proxy = BreakingProxy(tmp_path, engine)
    yield proxy
    proxy.close()


@pytest.fixture
def through(proxy: BreakingProxy) -> Iterator[Engine]:
    """The engine, reached through the proxy."""
    with connect(proxy.host, None, {}) as connection:
        yield connection


def test_a_question_is_asked_again_once(through: Engine, proxy: BreakingProxy) -> None:
    proxy.breaks = 1
    assert containers.list_containers(through) == []
    proxy.breaks = 2
    with pytest.raises(DockerdeclError) as caught:
        containers.list_containers(through)
    assert (caught.value.code, caught.value.exit_code) == ("connection-lost", ExitCode.UNREACHABLE)


def test_an_order_is_given_once_and_its_outcome_left_open(through: Engine, proxy: BreakingProxy) -> None:
    proxy.breaks = 1
    with pytest.raises(DockerdeclError) as caught:
        volumes.create_volume(through, {"Name": "lost"})
    assert caught.value.code == "connection-lost"
    assert proxy.breaks == 0
    volumes.remove_volume(through, "lost")  # it was made: the answer was lost, not the order


def test_connections_that_died_while_idle_are_made_anew(through: Engine, proxy: BreakingProxy) -> None:
    proxy.break_all()
    volumes.create_volume(through, {"Name": "idle"})
    volumes.remove_volume(through, "idle")


def test_one_connection_serves_every_question_and_every_order(through: Engine, proxy: BreakingProxy) -> None:
    containers.list_containers(through)
    volumes.list_volumes(through)
    volumes.create_volume(through, {"Name": "kept"})
    volumes.remove_volume(through, "kept")
    assert proxy.accepted == 1


def test_an_engine_that_went_away_is_said(through: Engine, proxy: BreakingProxy) -> None:
    proxy.close()
    Path(proxy.host.removeprefix("unix://")).unlink()
    with pytest.raises(DockerdeclError) as caught:
        volumes.create_volume(through, {"Name": "gone"})
    assert caught.value.code == "socket-missing"


def test_events_of_a_lost_engine_end_in_an_error(through: Engine, proxy: BreakingProxy) -> None:
    events = ContainerEvents(through)
    threading.Timer(0.2, proxy.break_all).start()
    with pytest.raises(DockerdeclError) as caught:
        list(events)
    assert caught.value.code == "connection-lost"


def test_events_tell_what_happens_after_they_were_asked_for(connected: Engine, busybox: str) -> None:
    with ContainerEvents(connected, filters={"label": ["asked-for=1"]}) as events:
        body = {"Image": busybox, "Cmd": ["true"], "Labels": {"asked-for": "1"}}
        web, _ = containers.create_container(connected, "web", body)
        containers.start(connected, web)
        seen = []
        for event in events:
            seen.append(event["Action"])
            if event["Action"] == "die":
                break
        assert seen == ["create", "start", "die"]
        assert event["Actor"]["Attributes"]["exitCode"] == "0"


def test_events_of_the_past_are_found_by_the_engines_clock(connected: Engine, busybox: str) -> None:
    before = connected.clock()
    containers.create_container(connected, "early", {"Image": busybox, "Labels": {"past": "1"}})
    with ContainerEvents(connected, since=before, filters={"label": ["past=1"]}) as events:
        assert next(iter(events))["Action"] == "create"


def test_events_can_be_closed_while_a_thread_waits_for_one(connected: Engine) -> None:
    events = ContainerEvents(connected, filters={"label": ["never"]})
    ended: list[list[object]] = []
    thread = threading.Thread(target=lambda: ended.append(list(events)))
    thread.start()
    events.close()
    thread.join(timeout=5)
    events.close()
    assert ended == [[]]


def test_as_many_threads_as_there_are_workers_use_one_engine(connected: Engine) -> None:
    names = [f"many{number}" for number in range(WORKERS * 4)]

    def make_and_remove(name: str) -> str:
        made = volumes.create_volume(connected, {"Name": name})["Name"]
        volumes.inspect_volume(connected, name)
        volumes.remove_volume(connected, name)
        return str(made)

    with ThreadPoolExecutor(WORKERS) as pool:
        assert list(pool.map(make_and_remove, names)) == names


def test_the_engine_says_who_it_is(connected: Engine, engine: PrivateEngine) -> None:
    assert (connected.host, connected.server_version) == (engine.host, engine.version)
    assert connected.api_version == engine.api("GET", "/version")["ApiVersion"]
