"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import zstandard

from dockerdecl.errors import DockerdeclError
from dockerdecl.operations.output_files import compressed, compression_for, output_file, write_error
from dockerdecl.resources.file_kinds import Compression


def test_what_was_written_is_there_and_keeps_the_mode_of_what_was_before(tmp_path: Path) -> None:
    path, link = tmp_path / "a", tmp_path / "link"
    path.write_text("before")
    path.chmod(0o640)
    link.symlink_to("a")
    with output_file(link) as file:
        file.write(b"after")
        assert path.read_text() == "before"
    assert (path.read_text(), path.stat().st_mode & 0o777, link.is_symlink()) == ("after", 0o640, True)
    assert sorted(os.listdir(tmp_path)) == ["a", "link"]  # noqa: PTH208 - hidden files too


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device"), ValueError()])
def test_what_was_not_finished_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a"
    with pytest.raises((type(error), DockerdeclError)) as caught, output_file(path) as file:
        file.write(b"half")
        raise error
    assert not isinstance(error, OSError) or (
        isinstance(caught.value, DockerdeclError) and "No space" in str(caught.value)
    )
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - hidden files too


def test_a_folder_and_a_place_that_is_not_there_are_said(tmp_path: Path) -> None:
    for path, code in ((tmp_path, "file-is-folder"), (tmp_path / "no" / "a", "file-not-writable")):
        with pytest.raises(DockerdeclError) as caught, output_file(path):
            pass
        assert caught.value.code == code


def test_a_device_is_written_to_as_it_is() -> None:
    with output_file(Path("/dev/null")) as file:
        file.write(b"all")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.tar", Compression.NONE),
        ("a", Compression.NONE),
        ("a.tar.gz", Compression.GZIP),
        ("a.TGZ", Compression.GZIP),
        ("a.tar.zst", Compression.ZSTD),
    ],
)
def test_the_suffix_says_how_to_compress(name: str, kind: Compression, tmp_path: Path) -> None:
    assert compression_for(Path(name)) is kind
    twice = []
    for number in (1, 2):
        path = tmp_path / str(number)
        with output_file(path) as file, compressed(file, kind) as sink:
            sink.write(b"x" * 100_000)
        twice.append(path.read_bytes())
    assert twice[0] == twice[1]
    assert twice[0].startswith(kind.value)
    if kind is Compression.ZSTD:
        assert zstandard.ZstdDecompressor().decompressobj().decompress(twice[0]) == b"x" * 100_000


def test_a_suffix_that_is_only_read_is_refused() -> None:
    with pytest.raises(DockerdeclError) as caught:
        compression_for(Path("a.tar.xz"))
    assert caught.value.code == "compression-not-written"


def test_a_full_quota_is_a_full_disk() -> None:
    assert write_error("a", OSError(errno.EDQUOT, "Disk quota exceeded")).code == "disk-full"
