"""A project in one file: made on one engine, applied on another one that reaches no registry."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard

from dockerdecl.resources.bundle import MARK
from scripts.busybox_image import busybox_rootfs_tar, saved_image_tar
from tests.support.checks import environment, running, says
from tests.support.engines import EXPECTED, EnginePool, PrivateEngine, available_engines, why_not
from tests.support.registry import registry
from tests.support.scenario import Scenario, ScenarioMaker

pytestmark = pytest.mark.newest

SHOP = """
include: [shared/base.yaml]
images:
  built: {ref: "shop/built:1", build: tool, tags: ["shop/built:latest"]}
  loaded: {ref: "shop/loaded:1", load: loaded.tar}
  imported: {ref: "shop/imported:1", import: root.tar, changes: ['CMD ["/bin/sh"]', "ENV PATH=/bin"]}
  pulled: {ref: "REGISTRY/shop/pulled:1", pull: always}
secrets:
  db: {environment: DB_PASSWORD}
  key: {file: key.txt}
configs:
  text: {file: text.conf}
  bytes: {file: bytes.conf}
containers:
  built:
    image: built
    command: [sleep, "9999"]
    stop_signal: KILL
    network_mode: bridge
    env_file: app.env
    environment: {URL: "http://u:${DB_PASSWORD}@db/"}
    secrets: [db, key]
    configs: [text, bytes]
    volumes: ["./page:/page:ro"]
  loaded: {image: loaded, state: created, network_mode: bridge}
  imported: {image: imported, state: created, network_mode: bridge}
  pulled: {image: pulled, state: created, network_mode: bridge}
"""
BASE = "containers: {base: {image: built, state: created, network_mode: bridge}}\n"
PASSWORD, TOKEN, KEY = "open-sesame-4711", "token-0815", "key-of-the-shop"
BUNDLE = "shop.bundle.tar.zst"


def shop(s: Scenario, address: str) -> Scenario:
    """The files of the project, for a registry."""
    s.write("shared/base.yaml", BASE).write("tool/Dockerfile", "FROM busybox:1\nENV RELEASE=1\n")
    s.write("loaded.tar", saved_image_tar("shop/loaded:1", {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"]}))
    s.write("root.tar", busybox_rootfs_tar()).write("app.env", f"LOG=x\nAPI_TOKEN={TOKEN}\n")
    s.write("text.conf", f"user=${{USER}} password={PASSWORD}\n").write("bytes.conf", b"\0\xff")
    s.write("page/index.html", "ok\n").write("key.txt", KEY).edit(old="REGISTRY", new=address)
    return s.environ(DB_PASSWORD=PASSWORD).secret(PASSWORD).secret(TOKEN).secret(KEY)


def plain(bundle: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(bundle)


def said(s: Scenario, *texts: str) -> None:
    for text in texts:
        assert text in s.last.stdout + s.last.stderr, f"nothing says {text!r}:\n{s.last}"


def test_a_bundle_is_applied_on_another_engine(
    scenario: ScenarioMaker, engine: PrivateEngine, engine_pool: EnginePool, tmp_path: Path
) -> None:
    """Whatever its images come from; no secret is in it, a damaged one touches nothing, and the next plan is empty."""
    other = engine_pool[next(v for v in EXPECTED if not engine.version.startswith(v))]
    (tmp_path / "made").mkdir()
    made = Scenario(other, "shop", tmp_path / "made").start_from(SHOP)
    try:
        with registry(other) as its:
            its.offer(f"{its.address}/shop/pulled:1", "1")
            shop(made, its.address)
            made.run("bundle", "--out", BUNDLE, expect=1)
            said(made, "bundle-image-differs", "dockerdecl apply --target image.built")
            made.apply().run("bundle", "--out", BUNDLE)
            said(made, "Bundled 4 images", "the variable DB_PASSWORD", "the variable API_TOKEN", "the file ./key.txt")
            said(made, "./page, which container.built mounts")
        bundle = (made.folder / BUNDLE).read_bytes()
    finally:
        made.clean()
    tar = plain(bundle)
    assert not [text for text in (PASSWORD, TOKEN, KEY) if text.encode() in tar]

    s = scenario("shop", "containers: {}\n").secret(PASSWORD).secret(TOKEN).secret(KEY)
    s.write("key.txt", KEY).write("page/index.html", "ok\n").write(BUNDLE, bundle)
    s.write("cut.tar.zst", bundle[: len(bundle) // 2]).write("cut.tar", tar[: len(tar) // 2])
    s.write("altered.tar", altered(tar)).write(
        "newer.tar", tar.replace(b"dockerdecl/bundle/v1\n", b"dockerdecl/bundle/v9\n", 1)
    )
    s.environ(DB_PASSWORD=PASSWORD, API_TOKEN=TOKEN)
    for name, code in (
        ("cut.tar.zst", "damaged"),
        ("cut.tar", "damaged"),
        ("altered.tar", "damaged"),
        ("newer.tar", "newer"),
    ):
        s.run("apply", "--yes", name, expect=3)
        said(s, f"bundle-{code}" if code == "damaged" else "newer-format")
        assert s.before == s.after
    s.run("validate", BUNDLE).run("apply", "--yes", BUNDLE).run("plan", "--detailed-exitcode", BUNDLE)
    s.apply(running("built"), args=["-f", BUNDLE])
    assert s.engine.docker("exec", "shop-built", "cat", "/text") == f"user=${{USER}} password={PASSWORD}\n"
    assert s.engine.docker("exec", "shop-built", "sh", "-c", "echo $URL $API_TOKEN").split() == [
        *(f"http://u:{PASSWORD}@db/", TOKEN)
    ]
    s.destroy(args=["-f", BUNDLE])


CHOSEN = """
images: {tool: {ref: "REGISTRY/shop/tool:1", pull: always}}
containers:
  tool: {image: tool, state: created, network_mode: bridge}
  bare: {image: "REGISTRY/shop/bare@DIGEST", state: created, network_mode: bridge}
  extra: {image: "REGISTRY/shop/extra:1", profiles: [extra], state: created, network_mode: bridge}
  never: {image: "REGISTRY/shop/never:1", profiles: [never], state: created, network_mode: bridge}
"""


@contextmanager
def containerd_store() -> Iterator[PrivateEngine]:
    """The newest engine with the other way to store images, whose ids are digests of manifests."""
    if reason := why_not("26.1"):
        pytest.skip(reason)
    with PrivateEngine(available_engines()["26.1"], {"features": {"containerd-snapshotter": True}}) as engine:
        yield engine


def bundles_of_what_was_chosen(made: Scenario) -> dict[str, bytes]:
    """One with the images of a lock file whose tag has moved since, and one without."""
    with registry(made.engine) as its:
        text = CHOSEN.replace("DIGEST", its.offer(f"{its.address}/shop/bare:1", "2"))
        made.start_from(text.replace("REGISTRY", its.address))
        for number, name in enumerate(("tool", "never", "extra"), 3):
            its.offer(f"{its.address}/shop/{name}:1", str(number))
        made.run("lock").apply(args=["--locked"]).run("apply", "--yes", "--locked", "--profile", "extra")
        made.run("bundle", "--out", "plain.tar")
        its.offer(f"{its.address}/shop/tool:1", "moved")
        made.run("bundle", "--out", "none.tar", expect=1).check(says("bundle-image-differs"))
        made.run("bundle", "--locked", "--profile", "extra", "--out", "locked.tar.gz").check(says("Bundled 3 images"))
    assert not (made.folder / "none.tar").exists()
    return {name: (made.folder / name).read_bytes() for name in ("plain.tar", "locked.tar.gz")}


def apply_what_was_chosen(s: Scenario, bundles: dict[str, bytes]) -> None:
    """By the lock file, by digest alone, with the profiles that it was made with and no others."""
    for name, content in bundles.items():
        s.write(name, content)
    for words, code, told in (
        (["plain.tar", "--locked"], 3, "bundle-not-locked"),
        (["locked.tar.gz", "--locked", "--lock-file", "x.lock"], 64, "bundle-lock-file"),
        (["-f", "locked.tar.gz", "--profile", "never"], 3, "bundle-lacks-image"),
    ):
        s.run("apply", "--yes", *words, expect=code).check(says(told))
        assert s.before == s.after
    chosen = ["--locked", "-f", "locked.tar.gz"]
    s.apply(environment("tool", RELEASE="3"), environment("bare", RELEASE="2"), args=chosen)
    s.check(environment("extra", RELEASE="5")).destroy(args=["-f", "locked.tar.gz", "--images"])


def test_a_bundle_holds_what_a_lock_file_chose(
    scenario: ScenarioMaker, engine: PrivateEngine, engine_pool: EnginePool, tmp_path: Path
) -> None:
    """A tag that has moved since is no matter; what was not chosen is an error, and nothing is touched or pulled."""
    made = Scenario(engine_pool[next(v for v in EXPECTED if not engine.version.startswith(v))], "shop", tmp_path)
    try:
        bundles = bundles_of_what_was_chosen(made)
    finally:
        made.clean()
    apply_what_was_chosen(scenario("shop", "containers: {}\n"), bundles)


@pytest.mark.slow
def test_a_bundle_goes_from_and_to_a_containerd_store(scenario: ScenarioMaker, tmp_path: Path) -> None:
    """That store knows images by other ids, which no bundle depends on."""
    for name in ("made", "back"):
        (tmp_path / name).mkdir()
    with containerd_store() as other:
        bundles = bundles_of_what_was_chosen(Scenario(other, "shop", tmp_path / "made"))
    s = scenario("shop", "containers: {}\n")
    apply_what_was_chosen(s, bundles)
    s.write("locked.tar.gz", bundles["locked.tar.gz"]).run("apply", "--yes", "locked.tar.gz")
    s.run("bundle", "-f", "locked.tar.gz", "--locked", "--out", "again.tar.gz")
    again = {**bundles, "locked.tar.gz": (s.folder / "again.tar.gz").read_bytes()}
    s.destroy(args=["-f", "locked.tar.gz", "--images"])
    with containerd_store() as other:
        apply_what_was_chosen(Scenario(other, "shop", tmp_path / "back").start_from("containers: {}\n"), again)


def altered(tar: bytes) -> bytes:
    """The same with one byte of a layer's content changed, which no checksum of a tar covers."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        assert archive.getnames()[0] == MARK
        largest = max(archive.getmembers(), key=lambda member: member.size)
    place = largest.offset_data + largest.size // 2
    return tar[:place] + bytes([tar[place] ^ 1]) + tar[place + 1 :]
