"""Images and file systems in files: out of the engine, and back into it."""

from __future__ import annotations

import lzma
import signal
import tarfile
import tempfile
from pathlib import Path

import pytest
import zstandard

from tests.support.checks import running
from tests.support.engine_proxy import EngineProxy, Fault, Kind
from tests.support.eventually import eventually
from tests.support.scenario import Scenario, ScenarioMaker
from tests.support.started import started

pytestmark = pytest.mark.newest

SHOP = """
images:
  web: {ref: "www:1", tags: ["shop/www:latest"]}
  gone: {ref: "old:1", state: absent}
containers:
  web: {image: web, network_mode: bridge}
  job: {image: "busybox:1", state: created, command: [sleep, "1"], network_mode: bridge}
"""


def names(path: Path) -> list[str]:
    with zstandard.open(path) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
        return archive.getnames()


def says(s: Scenario, *texts: str) -> None:
    for text in texts:
        assert text in s.last.stdout + s.last.stderr, f"nothing says {text!r}:\n{s.last}"


def test_what_is_saved_is_loaded_and_what_is_exported_is_imported(scenario: ScenarioMaker) -> None:
    """By address, key and reference; the same images give the same bytes; what failed leaves no file."""
    s = scenario("carried", SHOP).apply(running("web"))
    folder = s.folder / "out"
    folder.mkdir()
    s.run("save", "-o", "out/all.tar.zst")
    says(s, "Saved 3 images to out/all.tar.zst")
    s.run("save", "image.web", "--out", "out/one.tar").run(
        "save", "web", "-o", "out/again.tar.zst", "--compress", "none"
    )
    assert (folder / "one.tar").read_bytes() == (folder / "again.tar.zst").read_bytes()
    assert (folder / "one.tar").stat().st_mode & 0o777 == 0o600
    s.run("export", "container.job", "-o", "out/job.tar.zst")
    assert {"bin/busybox", "etc/passwd"} <= set(names(folder / "job.tar.zst"))
    (folder / "one.tar.xz").write_bytes(lzma.compress((folder / "one.tar").read_bytes(), preset=0))

    s.run("save", "image.nope", "-o", "out/none.tar", expect=1)
    says(s, "address-unknown", "image.busybox:1, image.web")
    s.run("save", "nope:1", "-o", "out/none.tar", expect=1).run("export", "jo", "-o", "out/none.tar", expect=1)
    s.run("save", "web", "-o", "out", expect=64).run("save", "web", "-o", "out/one.tar.xz", expect=64)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("again.tar.zst", "all.tar.zst", "job.tar.zst", "one.tar", "one.tar.xz")
    ]

    s.destroy().by_hand("docker rmi shop/www:latest")
    s.run("load", "out/one.tar.xz", "out/all.tar.zst")
    says(s, "Loaded www:1 (sha256:", "Loaded shop/www:latest (sha256:", "Loaded busybox:1 (sha256:")
    s.run("import", "out/job.tar.zst", "carried/job:1", "--change", "ENV A=1", "-m", "by hand")
    says(s, "Imported carried/job:1 (sha256:")
    found = s.engine.api("GET", "/images/carried/job:1/json")
    assert (found["Config"]["Env"], found["Comment"]) == (["A=1"], "by hand")
    (folder / "cut.tar").write_bytes((folder / "one.tar").read_bytes()[:100_000])
    s.run("load", "out/cut.tar", expect=1)
    says(s, "archive-invalid")
    s.run("load", "out/none.tar", expect=1)
    says(s, "archive-missing")
    s.by_hand("docker rmi shop/www:latest carried/job:1")


@pytest.mark.slow
def test_an_image_by_its_id_has_no_name(scenario: ScenarioMaker) -> None:
    """As with `docker save`, what is saved by id is loaded without a name."""
    s = scenario("nameless", SHOP)
    image = s.engine.api("GET", "/images/busybox:1/json")["Id"]
    s.run("save", image, "-o", "one.tar").run("load", "one.tar")
    says(s, f"Loaded {image} (")


def test_what_is_interrupted_leaves_no_half_file(scenario: ScenarioMaker) -> None:
    """Ctrl-C or SIGTERM while an archive is written: what was there before is all that is there."""
    s = scenario("interrupted", 'images: {web: {ref: "www:1"}}\n')
    (s.folder / "there.tar").write_text("kept")
    before = sorted(path.name for path in s.folder.iterdir())
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as place,
        EngineProxy(s.engine.socket, Path(place) / "p.sock") as proxy,
    ):
        for number, words in (
            (signal.SIGINT, ["save", "-o", "there.tar"]),
            (signal.SIGTERM, ["bundle", "-o", "new.tar.gz"]),
        ):
            proxy.lay(Fault(Kind.HOLD, lambda call: "/images/get" in call.path, size=200_000))
            with started(words, host=proxy.host, folder=s.folder) as going:
                eventually(lambda: _writes(s.folder))
                going.signal(number)
                done = going.ended()
            assert done.exit == 130, f"{done}"
            assert "Traceback" not in done.stderr and sorted(path.name for path in s.folder.iterdir()) == before, (
                f"{done}"
            )
            assert (s.folder / "there.tar").read_text() == "kept"


def _writes(folder: Path) -> None:
    assert list(folder.glob(".*.part")), "nothing is written yet"
