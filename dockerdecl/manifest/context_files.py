"""The files of a build context, as they are sent to an engine.

Takes a directory and what to ignore in it, gives its files with all that makes a difference to a build, in a fixed
order. Follows no link, and keeps no content in memory.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import field
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from dockerdecl.errors import Problem, invalid
from dockerdecl.manifest.dockerignore import Dockerignore
from dockerdecl.values import dataclass

_CHUNK = 1 << 20
_MOST_PROBLEMS = 20


class Kind(Enum):
    """What a file of a context is."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"
    PIPE = "pipe"


@dataclass(frozen=True, slots=True)
class ContextFile:
    """One file: `path` is relative to the context, parted by `/`; `mode` its permission bits.

    `target` is what a link points at, as written; `content` the digest of a file's bytes. Both are empty otherwise.
    """

    path: str
    kind: Kind
    mode: int
    target: str = ""
    content: str = ""


@dataclass(slots=True)
class _Listing:
    """A walk: `kept` is its result, `entered` the ignored directories in which something may be kept."""

    kept: dict[str, ContextFile] = field(default_factory=dict)
    entered: dict[str, ContextFile] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=lambda: [""])
    problems: list[Problem] = field(default_factory=list)


def list_files(directory: Path, ignore: Dockerignore) -> tuple[ContextFile, ...]:
    """The files below `directory` that `ignore` leaves in, sorted by path, directories before what is in them.

    A directory that is ignored is listed all the same if something in it is not. Sockets are left out, since no tar can
    hold one. Raises DockerdeclError with everything that can't be read, and for devices, which no build can use.
    """
    listing = _Listing()
    while listing.waiting and len(listing.problems) < _MOST_PROBLEMS:
        inside = listing.waiting.pop()
        try:
            with os.scandir(directory / inside) as entries:
                for entry in entries:
                    _see(listing, entry, f"{inside}{entry.name}", ignore)
        except OSError as error:
            listing.problems.append(_unreadable(directory / inside, error))
    if listing.problems:
        raise invalid(*listing.problems)
    return tuple(listing.kept[path] for path in sorted(listing.kept, key=os.fsencode))


def _see(listing: _Listing, entry: os.DirEntry[str], path: str, ignore: Dockerignore) -> None:
    is_directory = entry.is_dir(follow_symlinks=False)
    ignored = ignore.ignores(path)
    if ignored and not (is_directory and ignore.may_keep_below(path)):
        return
    try:
        file = _context_file(entry, path)
    except OSError as error:
        listing.problems.append(_unreadable(Path(entry.path), error))
        return
    if is_directory:
        listing.waiting.append(f"{path}/")
    if file is None:
        return
    if ignored:
        listing.entered[path] = file
        return
    listing.kept[path] = file
    while (path := path.rpartition("/")[0]) in listing.entered:
        listing.kept[path] = listing.entered.pop(path)


def _context_file(entry: os.DirEntry[str], path: str) -> ContextFile | None:
    mode = entry.stat(follow_symlinks=False).st_mode
    permissions = stat.S_IMODE(mode)
    match stat.S_IFMT(mode):
        case stat.S_IFREG:
            with Path(entry.path).open("rb") as file:
                return ContextFile(path, Kind.FILE, permissions, content=hash_file(file))
        case stat.S_IFDIR:
            return ContextFile(path, Kind.DIRECTORY, permissions)
        case stat.S_IFLNK:
            target = os.readlink(entry.path)  # noqa: PTH115 - Path would tidy up what is sent as it is written
            return ContextFile(path, Kind.LINK, permissions, target=target)
        case stat.S_IFIFO:
            return ContextFile(path, Kind.PIPE, permissions)
        case stat.S_IFSOCK:
            return None
        case _:
            raise OSError(errno.EINVAL, "is a device")


def _unreadable(path: Path, error: OSError) -> Problem:
    hint = "if the build does not need it, name it in .dockerignore"
    return Problem("context-unreadable", f"{path}: {error.strerror or error}", hint=hint)


def hash_file(file: BinaryIO) -> str:
    """The `sha256:` digest of what is left to read in `file`."""
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"
