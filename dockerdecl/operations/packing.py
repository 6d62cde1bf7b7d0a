"""A file or folder of this machine as a tar, on its way into a container.

Takes a path and the name that it is to have, gives the chunks of a tar. Holds no file in memory.
"""

from __future__ import annotations

import stat
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from dockerdecl.errors import fail
from dockerdecl.values import dataclass

_BLOCK_BYTES = 1 << 18


@dataclass(slots=True)
class Packed:
    """How many things went into the tar, and which can't: sockets."""

    written: int
    left_out: list[str]


def pack(
    source: Path, name: str, packed: Packed, *, keep_owners: bool, on_bytes: Callable[[int], None]
) -> Iterator[bytes]:
    """A tar of `source` under another name; `.` is for what is in a folder. Without `keep_owners`, all is root's.

    Raises `cannot-read`, also where a file shrinks meanwhile.
    """
    try:
        for path, inside in _walk(source, name):
            yield from _entry(path, inside, packed, keep_owners, on_bytes)
    except OSError as error:
        raise fail("cannot-read", f"can't read {error.filename or source}: {error.strerror or error}") from error
    yield bytes(tarfile.BLOCKSIZE * 2)


def _walk(source: Path, name: str) -> Iterator[tuple[Path, str]]:
    yield source, name
    if source.is_dir() and (name == "." or not source.is_symlink()):
        for each in sorted(source.iterdir()):
            yield from _walk(each, f"{name}/{each.name}")


def _entry(
    path: Path,
    name: str,
    packed: Packed,
    keep_owners: bool,
    on_bytes: Callable[[int], None],
) -> Iterator[bytes]:
    found = path.stat() if name == "." else path.lstat()
    member = tarfile.TarInfo(name)
    member.mtime, member.mode = int(found.st_mtime), stat.S_IMODE(found.st_mode)
    if keep_owners:
        member.uid, member.gid = found.st_uid, found.st_gid
    if stat.S_ISDIR(found.st_mode):
        member.type = tarfile.DIRTYPE
    elif stat.S_ISLNK(found.st_mode):
        member.type, member.linkname = tarfile.SYMTYPE, str(path.readlink())
    elif stat.S_ISREG(found.st_mode):
        member.size = found.st_size
    else:
        packed.left_out.append(str(path))
        return
    yield member.tobuf(tarfile.PAX_FORMAT, errors="surrogateescape")
    packed.written += 1
    if member.size:
        yield from _content(path, member.size, on_bytes)


def _content(path: Path, size: int, on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    left = size
    with path.open("rb") as file:
        while left:
            block = file.read(min(_BLOCK_BYTES, left))
            if not block:
                raise fail("cannot-read", f"{path} became shorter while it was read")
            left -= len(block)
            on_bytes(len(block))
            yield block
    yield bytes(-size % tarfile.BLOCKSIZE)
