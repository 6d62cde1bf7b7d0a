"""What goes wrong around an apply: an engine that dies, a full disk, a registry that breaks off, somebody else's hands.

Each time the error says what it was, and the next apply finishes. CI tries what is quick; all of it:
`pytest -m slow tests/faults/test_disturbances.py`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.bench import Bench
from tests.faults.cases import CASES, Case
from tests.faults.conftest import BenchMaker
from tests.support.checks import absent, environment, running, says
from tests.support.engine_proxy import EngineProxy, Fault, Kind, changing
from tests.support.engines import PrivateEngine
from tests.support.image_checks import no_image
from tests.support.program import Run
from tests.support.registry import registry
from tests.support.scenario import Scenario, ScenarioMaker

REPLACE = next(case for case in CASES if case.name == "replace")
DATA = """
volumes: {data: {}}
containers:
  db: {<<: *stays, labels: {version: "1"}, volumes: ["data:/data"], restart: unless-stopped}
  web: {<<: *stays, labels: {version: "1"}, depends_on: [db]}
"""
KEPT_DATA = Case("data", DATA, DATA.replace('"1"', '"2"'))
LOADED = "images: {big: {ref: 'big:1', load: big.tar}}\nvolumes: {data: {}}\n"
PULLED = """
images: {app: {ref: 'REGISTRY/shop/app:1'}}
containers:
  app: {image: app, command: sleep 9, stop_signal: KILL}
"""


def changed(at: Bench, do: Callable[[], None], concerns: str) -> Run:
    """The change of the bench's case, with something done just before the first call on this path."""
    at.reset()
    fault = Fault(Kind.DO, changing(concerns), do=lambda _: do())
    done = at.change(fault)
    assert fault.hit, f"there was no call on {concerns}:\n{done}"
    assert "Traceback" not in done.stderr, f"{done}"
    return done


@pytest.mark.parametrize("concerns", ["/stop$", "/rename", "/start$"])
def test_a_container_that_somebody_removes_meanwhile_is_missed_by_name(bench: BenchMaker, concerns: str) -> None:
    """The run fails at it, and says so; the next one makes what is missing, with the data that was there."""
    at = bench(KEPT_DATA)

    def remove() -> None:
        for one in at.engine.docker("ps", "-aq", "--filter", "label=dockerdecl.address").split():
            at.engine.docker("rm", "-f", one)

    done = changed(at, remove, concerns)
    assert (done.exit == 1 and "error" in f"{done.stdout}{done.stderr}".lower()) or "failed" in done.stdout, f"{done}"
    at.finish()


def test_a_container_that_somebody_renames_meanwhile_gets_its_name_back(bench: BenchMaker) -> None:
    """By what it is, and not by what it is called."""
    at = bench(REPLACE)

    def rename() -> None:
        for one in at.engine.docker("ps", "-q", "--filter", "label=dockerdecl.address").split():
            at.engine.docker("rename", one, f"odd-{one}")

    assert changed(at, rename, "/stop$").exit in (0, 1)
    at.finish()


def test_an_engine_that_takes_its_time_is_waited_for(bench: BenchMaker) -> None:
    """A delay at every call changes nothing but the time it takes."""
    at = bench(REPLACE)
    at.parallelism = 6
    at.reset()
    assert at.change(Fault(Kind.DELAY, lambda _: True, times=0, seconds=0.1)).exit == 0
    at.assert_done()


@pytest.fixture
def mortal(engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """An engine of the same version that may be killed."""
    with PrivateEngine(engine.binaries) as own:
        yield own


@pytest.mark.slow
@pytest.mark.parametrize("concerns", ["/containers/create", "/stop$", "/rename", "/start$"])
def test_an_engine_that_is_killed_and_comes_back_is_gone_on_with(
    mortal: PrivateEngine, tmp_path: Path, concerns: str
) -> None:
    """With the data that was there, whether the run has lived through it or failed for it."""
    with (
        tempfile.TemporaryDirectory(prefix="px-", dir="/tmp") as sockets,
        EngineProxy(mortal.socket, Path(sockets) / "p.sock") as proxy,
    ):
        at = Bench(mortal, proxy, tmp_path, KEPT_DATA)
        back, over = threading.Event(), threading.Event()

        def crash() -> None:
            mortal.crash()
            back.set()
            over.wait()  # an engine ends with the thread that started it

        try:
            done = changed(at, threading.Thread(target=crash, daemon=True).start, concerns)
            assert done.exit in (0, 1, 4), f"{done}"
            assert back.wait(60), "the engine did not come back"
            at.finish()
        finally:
            over.set()


@pytest.mark.slow
def test_an_engine_without_room_says_so_and_keeps_nothing_half(engine: PrivateEngine, tmp_path: Path) -> None:
    """An archive that doesn't fit fails by name; one that does is loaded by the next apply."""
    with PrivateEngine(engine.binaries, disk="96m") as small:
        folder = tmp_path / "full"
        folder.mkdir()
        s = Scenario(small, "full", folder).start_from(LOADED)
        s.write("big.tar", archive(200 << 20)).apply(expect=1).check(says("no space left|disk"), no_image("big:1"))
        assert "Traceback" not in s.last.stderr
        s.write("big.tar", archive(1 << 20)).apply()


@pytest.mark.slow
def test_a_registry_that_breaks_off_is_asked_again_by_the_next_apply(scenario: ScenarioMaker) -> None:
    """What comes only in part is no image; when the registry is whole again, the next apply has it."""
    s = scenario("broken-off", PULLED)
    with registry(s.engine) as hub:
        app = f"{hub.address}/shop/app:1"
        s.edit(old="REGISTRY", new=hub.address)
        hub.offer(app, "1")
        stored = {path: path.read_bytes() for path in s.engine.folder.rglob("blobs/sha256/*/*/data")}
        whole = {path: content for path, content in stored.items() if b'"rootfs"' in content}
        for path, content in whole.items():
            path.write_bytes(content[: len(content) // 2])
        s.apply(expect=1).check(no_image(app), absent("container.app"))
        assert "Traceback" not in s.last.stderr
        for path, content in whole.items():
            path.write_bytes(content)
        s.apply(running("app"), environment("app", RELEASE="1"))


def archive(size: int) -> bytes:
    """An image in an archive as `docker save` writes it, its only layer as large as this and not to be compressed."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as inner:
        entry = tarfile.TarInfo("content")
        entry.size = size
        inner.addfile(entry, io.BytesIO(os.urandom(size)))
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer.getvalue()).hexdigest()}"]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}).encode()
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["big:1"], "Layers": ["layer.tar"]}]).encode()
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as outer:
        for name, content in (("config.json", config), ("layer.tar", layer.getvalue()), ("manifest.json", manifest)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            outer.addfile(entry, io.BytesIO(content))
    return whole.getvalue()
