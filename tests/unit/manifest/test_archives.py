from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import random
import tarfile
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerdecl.errors import DockerdeclError, ExitCode
from dockerdecl.manifest.archives import open_for_engine, read_root_file_system, read_saved_images
from dockerdecl.resources.image.reference import parse

# Saved by real engines: a one-file import `tiny:1`, and an image built from it that has two tags.
SAVED = Path(__file__).parent / "archives"
TINY_LAYER = "sha256:55242b5e2494ae0e845a049a15b9441185a5d79d10139cf646ebdaa6e65400c5"

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def tar_of(entries: Sequence[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in entries:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def failure(act: Callable[[Path], object], path: Path) -> DockerdeclError:
    with pytest.raises(DockerdeclError) as caught:
        act(path)
    assert caught.value.exit_code is ExitCode.INVALID
    assert str(path) in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("name", "tiny", "web"),
    [  # the ids that the engine itself gave these images
        (
            "engine-20.10",
            "sha256:da4deb3d7d346a3117fe55f4dac1cc6f658936dee3e1e1b6f2ff22f5aed112cc",
            "sha256:593d2ae533b5c3996285ee4f8518ec2003f6d988487fdc476b63b6dc5b4d9f2d",
        ),
        (
            "engine-26.1",
            "sha256:c5ce8391ce1342b183bbf9ef477b2595e0c0729e84792dff1a2f045dba67d015",
            "sha256:ed2347a8b34c692f43ab87e72da23609485bb0a2376c1a7339b215c0dedd7ec2",
        ),
        (
            "engine-26.1-containerd",
            "sha256:0fff614da25c3e56153c77fbc5df260d3858e59316109e9e77a9cfc0aa6084c8",
            "sha256:eabef3a75f4ac3d78e94bb724241bb791f010af343a110bce637536cfa76fb77",
        ),
    ],
)
def test_the_ids_that_engines_use_are_read_from_what_they_saved(name: str, tiny: str, web: str) -> None:
    saved = read_saved_images(SAVED / f"{name}.tar.xz")
    by_tags = {image.tags: image for image in saved.images}
    assert set(by_tags) == {("tiny:1",), ("shop/web:1", "localhost:5000/shop/web:2")}
    image = by_tags["tiny:1",]
    assert tiny in image.ids
    assert (image.layers, image.platform) == ((TINY_LAYER,), "linux/amd64")
    image = by_tags["shop/web:1", "localhost:5000/shop/web:2"]
    assert web in image.ids
    assert (len(image.layers), image.layers[0]) == (2, TINY_LAYER)


@pytest.mark.parametrize("name", ["engine-20.10", "engine-26.1"])
def test_the_classic_store_knows_an_image_by_its_configuration(name: str) -> None:
    saved = read_saved_images(SAVED / f"{name}.tar.xz")
    web = saved.tagged(parse("docker.io/shop/web:1"))
    assert web is not None
    assert web is saved.tagged(parse("localhost:5000/shop/web:2"))
    assert web.config_digest not in web.manifest_digests
    assert saved.tagged(parse("shop/web:9")) is None


@pytest.mark.parametrize("compression", COMPRESSORS)
def test_compression_is_told_by_content_and_not_by_name(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "legacy.zip"
    plain = lzma.decompress((SAVED / "engine-20.10.tar.xz").read_bytes())
    path.write_bytes(COMPRESSORS[compression](plain))
    assert read_saved_images(path) == read_saved_images(SAVED / "engine-20.10.tar.xz")


def oci_entries() -> tuple[list[tuple[str, bytes]], dict[str, str]]:
    """A multi-platform image as the containerd store saves it: an index around two manifests, and an attestation."""
    entries: list[tuple[str, bytes]] = []
    names: dict[str, str] = {}

    def blob(name: str, document: object) -> dict[str, str]:
        content = json.dumps(document).encode()
        names[name] = digest_of(content)
        entries.append((f"blobs/sha256/{names[name][7:]}", content))
        return {"digest": names[name]}

    manifests = []
    for platform in ("amd64", "arm64"):
        config = {"os": "linux", "architecture": platform, "rootfs": {"diff_ids": [f"sha256:{platform}"]}}
        if platform == "arm64":
            config["variant"] = "v8"
        manifests.append(blob(platform, {"config": blob(f"{platform}-config", config), "layers": []}))
    manifests.append(blob("attestation", {"config": blob("attestation-config", {"a": 1}), "layers": []}))
    index = blob("index", {"manifests": manifests})
    entries.append(("index.json", json.dumps({"manifests": [index]}).encode()))
    listed = [
        {"Config": f"blobs/sha256/{names[f'{platform}-config'][7:]}", "RepoTags": ["web:1"], "Layers": []}
        for platform in ("amd64", "arm64")
    ]
    entries.append(("manifest.json", json.dumps(listed).encode()))
    return entries, names


@pytest.mark.parametrize("seed", range(5))
def test_every_id_of_a_multi_platform_image_is_found_in_any_order_of_members(tmp_path: Path, seed: int) -> None:
    entries, names = oci_entries()
    random.Random(seed).shuffle(entries)
    path = tmp_path / "saved.tar"
    path.write_bytes(tar_of(entries))
    amd, arm = read_saved_images(path).images
    assert amd.ids == {names["amd64-config"], names["amd64"], names["index"]}
    assert arm.ids == {names["arm64-config"], names["arm64"], names["index"]}
    assert (amd.platform, arm.platform) == ("linux/amd64", "linux/arm64/v8")


def test_of_two_images_with_one_tag_the_last_keeps_it(tmp_path: Path) -> None:
    configs = [json.dumps({"os": "linux", "rootfs": {"diff_ids": [f"sha256:{n}"]}}).encode() for n in (1, 2)]
    listed = [{"Config": f"./{n}.json", "RepoTags": ["docker.io/library/a:1"]} for n in (1, 2)]
    path = tmp_path / "saved.tar"
    path.write_bytes(
        tar_of([("./1.json", configs[0]), ("./2.json", configs[1]), ("./manifest.json", json.dumps(listed).encode())])
    )
    image = read_saved_images(path).tagged(parse("a:1"))
    assert image is not None
    assert image.config_digest == digest_of(configs[1])


def test_an_image_without_layers_and_tags_is_read(tmp_path: Path) -> None:
    config = b'{"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers"}}'
    path = tmp_path / "saved.tar"
    path.write_bytes(tar_of([("c.json", config), ("manifest.json", b'[{"Config": "c.json", "RepoTags": null}]')]))
    (image,) = read_saved_images(path).images
    assert (image.config_digest, image.layers, image.tags) == (digest_of(config), (), ())


@pytest.mark.parametrize(
    ("entries", "code", "hint"),
    [
        ([("etc/passwd", b"root"), ("bin/sh", b"")], "archive-without-images", "use `import` instead of `load`"),
        ([("oci-layout", b"{}"), ("index.json", b"{}")], "archive-without-images", "an OCI layout"),
        ([("repositories", b"{}")], "archive-without-images", "before 1.10"),
        ([("notes.txt", b"hello")], "archive-without-images", "is for `import`"),
        ([("manifest.json", b"{")], "archive-corrupt", None),
        ([("manifest.json", b"[" * 100_000)], "archive-corrupt", None),
        ([("manifest.json", b'{"Config": "x"}')], "archive-corrupt", None),
        ([("manifest.json", b'["x"]')], "archive-corrupt", None),
        ([("manifest.json", b'[{"Config": "gone.json"}]')], "archive-incomplete", "docker save"),
        ([("manifest.json", b"[{}]")], "archive-incomplete", "docker save"),
    ],
)
def test_what_is_no_saved_image_says_what_it_is(
    tmp_path: Path, entries: list[tuple[str, bytes]], code: str, hint: str | None
) -> None:
    path = tmp_path / "saved.tar"
    path.write_bytes(tar_of(entries))
    problem = failure(read_saved_images, path).problems[0]
    assert problem.code == code
    assert (hint or "") in (problem.hint or "")


@pytest.mark.parametrize("name", ["engine-20.10", "engine-26.1"])
def test_saved_images_are_no_root_file_system(name: str) -> None:
    problem = failure(read_root_file_system, SAVED / f"{name}.tar.xz").problems[0]
    assert (problem.code, problem.hint) == ("archive-holds-images", "use `load` instead of `import`")


def test_a_root_file_system_may_hold_a_manifest_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "root.tar"
    path.write_bytes(tar_of([("manifest.json", b"{}"), ("index.html", b"")]))
    assert read_root_file_system(path).layer == digest_of(path.read_bytes())


@pytest.mark.parametrize("compression", COMPRESSORS)
@pytest.mark.parametrize("padding", [b"", b"\0" * 4096, b"trailing bytes that are no zeros"])
def test_the_layer_is_the_digest_of_the_whole_uncompressed_stream(
    tmp_path: Path, compression: str, padding: bytes
) -> None:
    plain = tar_of([("bin/sh", b"x" * 3_000_000), ("etc/passwd", b"root")]) + padding
    path = tmp_path / "root.tar"
    path.write_bytes(COMPRESSORS[compression](plain))
    found = read_root_file_system(path)
    assert (found.layer, found.size) == (digest_of(plain), len(plain))


@pytest.mark.parametrize("compression", COMPRESSORS)
def test_concatenated_streams_are_one(tmp_path: Path, compression: str) -> None:
    compress = COMPRESSORS[compression]
    plain = tar_of([("a", b"x" * 100_000)])
    path = tmp_path / "root.tar"
    path.write_bytes(compress(plain[:51_200]) + compress(plain[51_200:]))
    assert read_root_file_system(path).layer == digest_of(plain)


@pytest.mark.parametrize(
    ("compression", "raw"), [("plain", True), ("gzip", True), ("bzip2", True), ("xz", False), ("zstd", False)]
)
def test_engines_are_sent_what_every_one_of_them_can_read(tmp_path: Path, compression: str, raw: bool) -> None:
    plain = tar_of([("a", random.Random(1).randbytes(3_000_000))])
    path = tmp_path / "root.tar"
    path.write_bytes(COMPRESSORS[compression](plain))
    with open_for_engine(path) as body:
        assert b"".join(iter(lambda: body.read(65536), b"")) == (path.read_bytes() if raw else plain)


@pytest.mark.parametrize("compression", COMPRESSORS)
@pytest.mark.parametrize("act", [read_root_file_system, read_saved_images])
def test_a_file_that_was_cut_off_is_an_error(tmp_path: Path, compression: str, act: Callable[[Path], object]) -> None:
    path = tmp_path / "cut.tar"
    whole = COMPRESSORS[compression](tar_of([("a", random.Random(1).randbytes(600_000)), ("b", b"x" * 10_000)]))
    path.write_bytes(whole[: len(whole) // 2])
    assert failure(act, path).code == "archive-corrupt"


@pytest.mark.parametrize("compression", ["gzip", "bzip2", "xz", "zstd"])
def test_damage_inside_a_compressed_file_is_an_error(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "damaged.tar"
    whole = bytearray(
        COMPRESSORS[compression](tar_of([("a", b"abc" * 100_000), ("b", random.Random(1).randbytes(3_000_000))]))
    )
    whole[len(whole) // 2 : len(whole) // 2 + 64] = b"\xff" * 64
    path.write_bytes(whole)
    assert failure(read_root_file_system, path).code == "archive-corrupt"


def test_a_damaged_header_in_the_middle_is_not_taken_for_the_end(tmp_path: Path) -> None:
    whole = bytearray(tar_of([("a", b"x" * 512), ("b", b"y" * 512)]))
    whole[1024:1030] = b"broken"
    path = tmp_path / "damaged.tar"
    path.write_bytes(whole)
    error = failure(read_root_file_system, path)
    assert error.code == "archive-corrupt"


@pytest.mark.parametrize(
    "content", [b"", b"hello\n", b"PK\x03\x04" + b"x" * 2000, gzip.compress(b"hello" * 200, mtime=0)]
)
@pytest.mark.parametrize("act", [read_root_file_system, read_saved_images])
def test_what_is_no_tar_is_said_to_be_none(tmp_path: Path, content: bytes, act: Callable[[Path], object]) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(content)
    assert failure(act, path).code == "archive-not-a-tar"


ACTS: list[Callable[[Path], object]] = [read_root_file_system, read_saved_images, open_for_engine]


@pytest.mark.parametrize("act", ACTS)
def test_a_missing_file_names_the_nearest(tmp_path: Path, act: Callable[[Path], object]) -> None:
    (tmp_path / "legacy.tar").touch()
    problem = failure(act, tmp_path / "legcy.tar").problems[0]
    assert (problem.code, problem.hint) == ("archive-missing", "did you mean legacy.tar?")
    problem = failure(act, tmp_path / "images" / "legacy.tar").problems[0]
    assert (problem.code, problem.hint) == ("archive-missing", f"there is no directory {tmp_path / 'images'}")


@pytest.mark.parametrize("act", ACTS)
def test_a_directory_and_a_file_that_may_not_be_read_are_errors(tmp_path: Path, act: Callable[[Path], object]) -> None:
    assert failure(act, tmp_path).code == "archive-not-a-file"
    path = tmp_path / "legacy.tar"
    path.touch(mode=0)
    with _as_nobody():
        assert failure(act, path).code == "archive-unreadable"


@contextmanager
def _as_nobody() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_memory_stays_bounded_however_large_the_members_and_the_headers(tmp_path: Path) -> None:
    path = tmp_path / "large.tar"
    layer = b"{" + b"\0" * (64 << 20)
    path.write_bytes(gzip.compress(tar_of([("blobs/sha256/a", layer), ("manifest.json", b"[]")]), 1))
    tracemalloc.start()
    assert read_saved_images(path).images == ()
    peak = tracemalloc.get_traced_memory()[1]
    long_name = bytearray(tar_of([("a", b"\0" * (64 << 20))]))
    member = tarfile.TarInfo("a")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 64 << 20
    long_name[:512] = member.tobuf()
    path.write_bytes(long_name)
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    assert failure(read_saved_images, path).code == "archive-corrupt"
    peak = max(peak, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    assert peak < 16 << 20


@given(st.binary(max_size=3000), st.integers(0, 4000), st.sampled_from(sorted(COMPRESSORS)))
@settings(max_examples=200, deadline=None)
def test_any_damage_gives_an_answer_or_an_error_that_a_user_can_read(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, position: int, compression: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "saved.tar"
    whole = COMPRESSORS[compression](lzma.decompress((SAVED / "engine-26.1.tar.xz").read_bytes()))
    path.write_bytes(whole[:position] + junk + whole[position + len(junk) :])
    for act in (read_saved_images, read_root_file_system):
        try:
            act(path)
        except DockerdeclError as error:
            assert error.code.startswith("archive-")
