"""Private engines: what a test may rely on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.engines import PrivateEngine
from tests.support.eventually import eventually
from tests.support.images import import_busybox, import_http_server, save
from tests.support.registry import registry

ROOT = Path(__file__).parents[3]
OWNER = """
import sys, time
from pathlib import Path
from tests.support.engines import PrivateEngine
with PrivateEngine(Path(sys.argv[1])) as engine:
    print(engine.pid, engine.folder, flush=True)
    time.sleep(60)
"""


def test_a_killed_owner_takes_its_engine_along_and_the_next_one_sweeps_its_folder(engine: PrivateEngine) -> None:
    command = [sys.executable, "-c", OWNER, str(engine.binaries)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as owner:
        assert owner.stdout
        pid, folder = owner.stdout.readline().split()
        os.kill(owner.pid, signal.SIGKILL)
    eventually(lambda: _ended(pid))
    with PrivateEngine(engine.binaries):
        assert not Path(folder).exists()


def test_a_closed_engine_leaves_no_folder_and_no_control_group(engine: PrivateEngine) -> None:
    with PrivateEngine(engine.binaries) as own:
        image = import_busybox(own, "bb:1")
        body = {"Image": image, "Cmd": ["sleep", "60"]}
        own.api("POST", f"/containers/{own.api('POST', '/containers/create', body=body)['Id']}/start")
    left = list(Path("/sys/fs/cgroup").glob(f"*/{own.folder.name}"))
    assert (own.folder.exists(), left) == (False, [])


def test_settings_arrive_in_the_engine(engine: PrivateEngine) -> None:
    with PrivateEngine(engine.binaries, {"labels": ["side=left"]}) as own:
        assert own.api("GET", "/info")["Labels"] == ["side=left"]


def test_a_published_port_answers_from_inside_the_box(engine: PrivateEngine) -> None:
    import_http_server(engine, "www:unit", page="hello\n")
    body = {
        "Image": "www:unit",
        "HostConfig": {"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8099"}]}},
    }
    container = engine.api("POST", "/containers/create", body=body)["Id"]
    try:
        with engine.events() as events:
            engine.api("POST", f"/containers/{container}/start")
            assert eventually(lambda: engine.http(8099)).text == "hello\n"
            eventually(lambda: _healthy(engine, container))
        assert [event.id for event in events.of("container", "start")] == [container]
    finally:
        engine.api("DELETE", f"/containers/{container}", query={"force": 1, "v": 1})


def test_nothing_answers_on_a_port_that_is_not_published(engine: PrivateEngine) -> None:
    with pytest.raises(AssertionError, match="8098 gives no answer"):
        engine.http(8098)


@pytest.mark.parametrize("protected", [False, True])
def test_a_registry_takes_an_image_and_gives_it_back(engine: PrivateEngine, protected: bool) -> None:
    with registry(engine, protected=protected) as own:
        reference = f"{own.address}/team/bb:1"
        image = import_busybox(engine, reference)
        own.push(reference)
        assert engine.api("GET", f"/images/{reference}/json")["Id"] == image
        assert len(save(engine, [reference])) > 1_000_000
        engine.api("DELETE", f"/images/{reference}")


def _ended(pid: str) -> None:
    with suppress(FileNotFoundError):
        assert Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] == "Z"


def _healthy(engine: PrivateEngine, container: str) -> None:
    assert engine.api("GET", f"/containers/{container}/json")["State"]["Health"]["Status"] == "healthy"
