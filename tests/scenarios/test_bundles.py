"""A project in one file: made on one engine, applied on another one that reaches no registry."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
import zstandard

from dockerdecl.resources.bundle import MARK
from scripts.busybox_image import busybox_rootfs_tar, saved_image_tar
from tests.support.checks import running
from tests.support.engines import EXPECTED, EnginePool, PrivateEngine
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


def altered(tar: bytes) -> bytes:
    """The same with one byte of a layer's content changed, which no checksum of a tar covers."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        assert archive.getnames()[0] == MARK
        largest = max(archive.getmembers(), key=lambda member: member.size)
    place = largest.offset_data + largest.size // 2
    return tar[:place] + bytes([tar[place] ^ 1]) + tar[place + 1 :]
