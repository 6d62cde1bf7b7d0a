"""Where `cp` puts what: the rules of docker cp as a table, and what an archive may not do."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from dockerdecl.errors import DockerdeclError
from dockerdecl.operations.copying import Target, target_of
from dockerdecl.operations.packing import Packed, pack
from dockerdecl.operations.unpacking import unpack


@pytest.mark.parametrize(
    ("source", "is_folder", "destination", "destination_is", "expected"),
    [
        ("/a/f", False, "/d/new", None, Target("/d", "new")),
        ("/a/f", False, "/d/old", False, Target("/d", "old")),
        ("/a/f", False, "/d", True, Target("/d", "f")),
        ("/a/f", False, "/d/new/", None, "folder-missing"),
        ("/a/f", False, "/d/old/", False, "not-a-folder"),
        ("/a/d", True, "/d/new", None, Target("/d", "new")),
        ("/a/d", True, "/d/new/", None, Target("/d", "new")),
        ("/a/d", True, "/d", True, Target("/d", "d")),
        ("/a/d/", True, "/d", True, Target("/d", "d")),
        ("/a/d/.", True, "/d", True, Target("/d", None)),
        ("/a/d/.", True, "/d/new", None, Target("/d", "new")),
        ("/a/d", True, "/d/old", False, "not-a-folder"),
        ("/a/f", False, "new", None, Target(".", "new")),
        ("/a/f", False, ".", True, Target(".", "f")),
        ("/", True, "new", None, Target(".", "new")),
    ],
)
def test_a_source_goes_where_docker_cp_puts_it(
    source: str, is_folder: bool, destination: str, destination_is: bool | None, expected: Target | str
) -> None:
    if isinstance(expected, str):
        with pytest.raises(DockerdeclError) as caught:
            target_of(source, destination, source_is_folder=is_folder, destination_is=destination_is)
        assert caught.value.code == expected
    else:
        found = target_of(source, destination, source_is_folder=is_folder, destination_is=destination_is)
        assert found == expected


def tar(*members: tuple[str, bytes, str]) -> bytes:
    """A tar of members: name, kind, and what a link leads to or a file holds."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind, text in members:
            member = tarfile.TarInfo(name)
            member.type, member.mode = kind, 0o755
            if kind == tarfile.REGTYPE:
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
            else:
                member.linkname = text
                archive.addfile(member)
    return buffer.getvalue()


FILE, FOLDER, LINK, HARD = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


@pytest.mark.parametrize(
    "members",
    [
        [("d", FOLDER, ""), ("d/../../evil", FILE, "x")],
        [("/evil", FILE, "x")],
        [("d", FOLDER, ""), ("d/up", LINK, "../.."), ("d/up/evil", FILE, "x")],
        [("d", LINK, "/"), ("d/evil", FILE, "x")],
        [("d", FOLDER, ""), ("d/h", HARD, "../outside"), ("d/h", FILE, "x")],
        [("d", FOLDER, ""), ("d/up", LINK, ".."), ("d/h", HARD, "d/up/outside")],
    ],
)
def test_an_archive_writes_nowhere_else(members: list[tuple[str, bytes, str]], tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("mine")
    (tmp_path / "here").mkdir()
    with pytest.raises(DockerdeclError) as caught:
        unpack(iter([tar(*members)]), tmp_path / "here", "d", keep_owners=False, on_bytes=lambda _: None)
    assert caught.value.code == "archive-unsafe"
    assert (tmp_path / "outside").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "outside"]


def test_a_link_at_the_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("mine")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "f").symlink_to("../outside")
    unpack(iter([tar(("f", FILE, "new"))]), tmp_path / "here", "f", keep_owners=False, on_bytes=lambda _: None)
    assert ((tmp_path / "outside").read_text(), (tmp_path / "here/f").read_text()) == ("mine", "new")


def test_an_archive_that_ends_early_leaves_no_half_file(tmp_path: Path) -> None:
    whole = tar(("f", FILE, "x" * 100_000))
    with pytest.raises(DockerdeclError) as caught:
        unpack(iter([whole[:50_000]]), tmp_path, "f", keep_owners=False, on_bytes=lambda _: None)
    assert caught.value.code == "archive-invalid"
    assert list(tmp_path.iterdir()) == []


def test_what_is_packed_is_unpacked_the_same(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub" / ("long" * 40)).mkdir(parents=True)
    (source / "sub" / "ä\udcff").write_bytes(b"x" * 1000)
    (source / "empty").touch(0o600)
    (source / "away").symlink_to("/etc/passwd")
    (tmp_path / "target").mkdir()
    packed = Packed(0, [])
    chunks = pack(source, "d", packed, keep_owners=False, on_bytes=lambda _: None)
    done = unpack(chunks, tmp_path / "target", "copy", keep_owners=False, on_bytes=lambda _: None)
    assert packed.written == done.written == 6
    copy = tmp_path / "target/copy"
    assert sorted(p.relative_to(source) for p in source.rglob("*")) == sorted(
        p.relative_to(copy) for p in copy.rglob("*")
    )
    assert (copy / "sub" / "ä\udcff").read_bytes() == b"x" * 1000
    assert (copy / "empty").stat().st_mode == (source / "empty").stat().st_mode
    assert str((copy / "away").readlink()) == "/etc/passwd"
