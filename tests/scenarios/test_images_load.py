"""Images from `docker save` archives: loaded when they are not there, told from the archive alone."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from scripts.busybox_image import saved_image_tar
from tests.support.checks import environment, replaced, running, same_container, says, uses_image
from tests.support.engines import EnginePool, PrivateEngine, available_engines, why_not
from tests.support.image_checks import loaded, nothing_stopped
from tests.support.images import BUSYBOX, image_id, import_busybox, save
from tests.support.scenario import Scenario, ScenarioMaker

APPLICATION = """
images:
  app: {ref: "shop/app:1", load: app.tar}
containers:
  app: {image: app, command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge}
"""

TWO_FROM_ONE = """
images:
  app: {ref: "shop/app:1", load: all.tar}
  web: {ref: "www:1", load: all.tar}
containers:
  app: {image: app, command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge}
  web: {image: web, network_mode: bridge}
"""


def archive(reference: str = "shop/app:1", release: str = "1") -> bytes:
    """An archive with one image; each release is another image of the same layer."""
    return saved_image_tar(reference, {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin", f"RELEASE={release}"]})


def test_an_archive_is_loaded_once(scenario: ScenarioMaker) -> None:
    """What is there already must not be loaded again."""
    s = scenario("loaded", APPLICATION).write("app.tar", archive())
    s.plan({"image.app": "create", "container.app": "create"})
    s.apply(loaded(1), running("app"), uses_image("app", "shop/app:1"), environment("app", RELEASE="1"))
    s.apply(loaded(0), same_container("app"))


@pytest.mark.parametrize(
    ("name", "compress"),
    [
        ("app.tar.gz", gzip.compress),
        ("app.tar.xz", lzma.compress),
        ("app.tar.zst", zstandard.ZstdCompressor().compress),
    ],
)
def test_an_archive_may_be_compressed(scenario: ScenarioMaker, name: str, compress: Callable[[bytes], bytes]) -> None:
    """Also in a way that the engine doesn't know: 20.10 has no zstd."""
    s = scenario("compressed", APPLICATION).edit(old="app.tar", new=name).write(name, compress(archive()))
    s.apply(loaded(1), uses_image("app", "shop/app:1"))


@pytest.mark.parametrize("saved_by", available_engines())
def test_an_archive_of_another_engine_is_known_again(
    scenario: ScenarioMaker, engine_pool: EnginePool, saved_by: str
) -> None:
    """Engines before 25 save in a layout of their own, newer ones in OCI's; both must be understood on both."""
    other = engine_pool[saved_by]
    import_busybox(other, "saved/there:1")
    s = scenario("layouts", APPLICATION).write("app.tar", save(other, ["saved/there:1"]))
    other.docker("rmi", "saved/there:1")
    s.apply(loaded(1), running("app"), uses_image("app", "shop/app:1"))


@pytest.mark.engine
def test_an_archive_is_known_again_by_a_containerd_store(tmp_path: Path) -> None:
    """That store gives an image an id of its own where the archive has none for it: what is in it tells the image."""
    if reason := why_not("26.1"):
        pytest.skip(reason)
    with PrivateEngine(available_engines()["26.1"], {"features": {"containerd-snapshotter": True}}) as engine:
        s = Scenario(engine, "containerd", tmp_path).start_from(APPLICATION).write("app.tar", archive())
        s.apply(loaded(1), running("app"), uses_image("app", "shop/app:1"))
        s.write("app.tar", archive(release="2")).plan({"image.app": "update", "container.app": "replace"})
        s.apply(loaded(1), replaced("app"), environment("app", RELEASE="2"))


def test_a_tag_moved_by_hand_is_put_right(scenario: ScenarioMaker) -> None:
    """Where the image is still on the engine, it is not loaded again, and who was made from it stays."""
    s = scenario("moved", APPLICATION).write("app.tar", archive()).apply()
    s.by_hand(f"docker tag {BUSYBOX} shop/app:1").plan({"image.app": "update"})
    s.check(says("shop/app:1 is another image than the one in app.tar"))
    s.apply(loaded(0), same_container("app"), uses_image("app", "shop/app:1"))


def test_another_archive_replaces_the_containers(scenario: ScenarioMaker) -> None:
    """A changed archive is another image, and so another container; going back needs no load."""
    s = scenario("archive", APPLICATION).write("app.tar", archive(release="1"))
    s.apply(environment("app", RELEASE="1"))
    s.write("app.tar", archive(release="2"))
    s.plan({"image.app": "update", "container.app": "replace"})
    s.check(says("image.app changes"), says("another image than the one in app.tar"))
    s.apply(loaded(1), replaced("app"), environment("app", RELEASE="2"))
    s.write("app.tar", archive(release="1"))
    s.apply(loaded(0), replaced("app"), environment("app", RELEASE="1"))


def test_an_image_without_a_tag_gets_its_reference(scenario: ScenarioMaker) -> None:
    """An archive that was saved by id has no tags; the only image in it is the one that is meant."""
    s = scenario("untagged", APPLICATION)
    s.write("app.tar", save(s.engine, [image_id(s.engine, BUSYBOX)]))
    s.apply(running("app"), uses_image("app", "shop/app:1"))


def test_an_image_gets_the_reference_that_it_is_declared_with(scenario: ScenarioMaker) -> None:
    """The only image of an archive is the one that is meant, though it is tagged otherwise there."""
    s = scenario("renamed", APPLICATION).write("app.tar", archive("vendor/product:2014"))
    s.apply(running("app"), uses_image("app", "shop/app:1"))


def test_one_archive_holds_several_images(scenario: ScenarioMaker) -> None:
    """Each entry means the image of its own reference; the archive is loaded, whichever of them is missing."""
    s = scenario("several", TWO_FROM_ONE)
    s.by_hand(f"docker tag {BUSYBOX} shop/app:1").write("all.tar", save(s.engine, ["shop/app:1", "www:1"]))
    s.by_hand("docker rmi shop/app:1")
    s.plan({"image.app": "create", "container.app": "create", "container.web": "create"})
    s.apply(running("app"), running("web"), uses_image("app", "shop/app:1"))
    s.edit(old="shop/app:1", new="shop/app:2")
    s.run("plan", expect=3).check(says("all.tar holds no image `shop/app:2`"), says("it holds shop/app:1, www:1"))


def test_a_damaged_archive_stops_nothing(scenario: ScenarioMaker) -> None:
    """Found while planning, at the line that names it."""
    s = scenario("damaged", APPLICATION).write("app.tar", archive()).apply()
    s.write("app.tar", archive(release="2")[:100_000])
    s.run("apply", "--yes", expect=3).check(says(r"dockerdecl.yaml:\d+:\d+"), says("app.tar"), nothing_stopped())
