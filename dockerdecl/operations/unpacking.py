"""The tar of a container's file or folder, written to this machine.

Takes chunks of a tar that a container supplied, and so whoever is in it: nothing is written outside of the place that
was asked for, through no link, and over nothing but files. A file appears when it is whole. Devices are left out.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import IO, cast

from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.values import dataclass

_BLOCK_BYTES = 1 << 18
_PART = ".dockerdecl-part"


class ChunkReader:
    """Chunks as a file that is read from its beginning to its end."""

    def __init__(self, chunks: Iterator[bytes], on_bytes: Callable[[int], None]) -> None:
        self._chunks, self._on_bytes = chunks, on_bytes
        self._rest = b""

    def read(self, size: int) -> bytes:
        """The next bytes, fewer than `size` only at the end."""
        parts, missing = [self._rest], size - len(self._rest)
        while missing > 0 and (chunk := next(self._chunks, b"")):
            parts.append(chunk)
            missing -= len(chunk)
            self._on_bytes(len(chunk))
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]


@dataclass(slots=True)
class Unpacked:
    """What came of it: how many things were written, and which were left out."""

    written: int = 0
    left_out: list[str] = field(default_factory=list)


def unpack(
    chunks: Iterator[bytes], root: Path, name: str | None, *, keep_owners: bool, on_bytes: Callable[[int], None]
) -> Unpacked:
    """Write a tar's only tree to `root/name`, or what is in its folder into `root` where there is no name.

    Raises `archive-unsafe` for what would lead elsewhere, `archive-invalid`, `cannot-write`.
    """
    unpacked = Unpacked()
    folders: list[tuple[Path, tarfile.TarInfo]] = []
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", ChunkReader(chunks, on_bytes)), mode="r|") as archive:
            for member in archive:
                target = _place(member.name, root, name)
                if target is not None:
                    _write(archive, member, target, _Tree(root, name, keep_owners, unpacked, folders))
        for folder, member in reversed(folders):  # what is written into one changes its time, and needs its permission
            _dress(folder, member, keep_owners=keep_owners)
    except tarfile.TarError as error:
        raise fail("archive-invalid", f"what the container sent is no whole tar: {error}") from error
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        raise fail("cannot-write", f"can't write{where}: {error.strerror or error}") from error
    return unpacked


@dataclass(frozen=True, slots=True)
class _Tree:
    root: Path
    name: str | None
    keep_owners: bool
    unpacked: Unpacked
    folders: list[tuple[Path, tarfile.TarInfo]]


def _place(text: str, root: Path, name: str | None) -> Path | None:
    "the first part of every name in the tar is what was asked for: it is renamed, or left out"
    parts = PurePosixPath(text).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise _unsafe(text)
    rest = (*((name,) if name else ()), *parts[1:])
    return root.joinpath(*rest) if rest else None


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path, tree: _Tree) -> None:
    _require_no_links(target, member.name, tree.root)
    if member.isdir():
        with suppress(FileExistsError):
            target.mkdir()
        if not target.is_dir() or target.is_symlink():
            raise fail("not-a-folder", f"{target} is no folder, and one would have to be there")
        tree.folders.append((target, member))
    elif member.isfile():
        _write_file(archive, member, target, keep_owners=tree.keep_owners)
    elif member.issym():
        _make_way(target)
        target.symlink_to(member.linkname)
    elif member.islnk():
        source = _place(member.linkname, tree.root, tree.name)
        if source is None:
            raise _unsafe(member.linkname)
        _require_no_links(source, member.linkname, tree.root)
        _make_way(target)
        os.link(source, target, follow_symlinks=False)
    else:
        tree.unpacked.left_out.append(member.name)
        return
    tree.unpacked.written += 1


def _require_no_links(target: Path, text: str, root: Path) -> None:
    for folder in target.parents:
        if folder == root:
            return
        if folder.is_symlink():
            raise _unsafe(text)


def _write_file(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path, *, keep_owners: bool) -> None:
    if target.is_dir() and not target.is_symlink():
        raise fail("not-a-file", f"{target} is a folder, and a file would have to be there")
    source = archive.extractfile(member)
    assert source is not None
    part = target.with_name(f".{target.name[:200]}{_PART}")
    part.unlink(missing_ok=True)
    try:
        with part.open("xb") as file:
            while block := source.read(_BLOCK_BYTES):
                file.write(block)
        _dress(part, member, keep_owners=keep_owners)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _make_way(target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        raise fail("not-a-file", f"{target} is a folder, and a link would have to be there")
    target.unlink(missing_ok=True)


def _dress(path: Path, member: tarfile.TarInfo, *, keep_owners: bool) -> None:
    if keep_owners:
        os.chown(path, member.uid, member.gid)
    path.chmod(member.mode & (0o7777 if keep_owners else 0o777))
    os.utime(path, (member.mtime, member.mtime))


def _unsafe(text: str) -> DockerdeclError:
    message = f"the container's archive would write outside of where it is copied to: {text!r}"
    return fail("archive-unsafe", message, hint="nothing of it was written there; don't trust that container")
