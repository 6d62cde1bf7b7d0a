"""Copying between this machine and a container, by the rules of `docker cp`, which are those of `cp -a`.

Takes an engine, a container, a path on each side; decides what is to have which name where, and has it done.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.operations.packing import Packed, pack
from dockerdecl.operations.unpacking import unpack
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.answers import Json
    from dockerdecl.engine.client import Engine
    from dockerdecl.operations.found import FoundContainer

# As Go's os.FileMode has them, which is what the engine tells.
_GO_FOLDER, _GO_LINK = 1 << 31, 1 << 27
_BLOCK_BYTES = 1 << 18
_LINKS = 20

OnBytes = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Manner:
    """How to copy: whether a source that is a link means what it leads to, whether owners go along, and who is told of
    every byte.
    """

    follow_link: bool = False
    keep_owners: bool = False
    on_bytes: OnBytes = lambda _count: None


@dataclass(frozen=True, slots=True)
class Copied:
    """How many files, folders and links were copied to where, and what was left out: devices and sockets."""

    count: int
    where: str
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Where it goes: into which folder, under which name; without a name, what is in the source's folder does."""

    folder: str
    name: str | None


def target_of(source: str, destination: str, *, source_is_folder: bool, destination_is: bool | None) -> Target:
    """Where a source goes. `destination_is` says whether the destination is a folder; None where there is nothing.

    Raises `not-a-folder` where it can't go there.
    """
    contents = source_is_folder and _is_contents(source)
    into_folder = destination.endswith(("/", "/.")) or destination in ("", ".", "..")
    if destination_is:
        return Target(destination, None if contents else _base(source))
    if destination_is is False and (source_is_folder or into_folder):
        raise fail("not-a-folder", f"{destination} is no folder")
    if destination_is is None and not source_is_folder and into_folder:
        raise fail("folder-missing", f"there is no folder {destination}", hint="make it first, or leave out the last /")
    bare = destination.rstrip("/").removesuffix("/.") or "/"
    return Target(posixpath.dirname(bare) or ".", posixpath.basename(bare))


def _is_contents(path: str) -> bool:
    return path == "." or path.endswith("/.")


def _base(path: str) -> str:
    return posixpath.basename(posixpath.normpath(path)) or "root"


def copy_out(engine: Engine, container: FoundContainer, source: str, destination: str, manner: Manner) -> Copied:
    """Copy out of a container. Raises where the source is missing, or the destination can't be."""
    from dockerdecl.engine.calls.path_archives import read_archive

    named, (source, stat) = _absolute(source), _source(engine, container, source, manner)
    there = Path(destination)
    is_folder = there.is_dir() if there.exists() else None
    target = target_of(named, destination, source_is_folder=_is_folder(stat), destination_is=is_folder)
    folder = Path(target.folder)
    if target.name and is_folder is False:
        folder, target = there.resolve().parent, Target(target.folder, there.resolve().name)
    if not folder.is_dir():
        raise fail("folder-missing", f"there is no folder {folder}", hint="make it first")
    with closing(read_archive(engine, container.id, source)) as archive:
        done = unpack(
            archive.chunks(), folder.resolve(), target.name, keep_owners=manner.keep_owners, on_bytes=manner.on_bytes
        )
    return Copied(done.written, str(folder / (target.name or "")), tuple(done.left_out))


def copy_out_tar(engine: Engine, container: FoundContainer, source: str, output: BinaryIO, manner: Manner) -> None:
    """Write the tar of a container's file or folder. Raises where there is none."""
    from dockerdecl.engine.calls.path_archives import read_archive

    source, _ = _source(engine, container, source, manner)
    try:
        with closing(read_archive(engine, container.id, source)) as archive:
            for chunk in archive.chunks():
                output.write(chunk)
                manner.on_bytes(len(chunk))
    except DockerdeclError as error:
        raise error.at(container.label) from error
    output.flush()


def copy_in(engine: Engine, container: FoundContainer, source: str, destination: str, manner: Manner) -> Copied:
    """Copy into a container. Raises where the source is missing, or the destination can't be."""
    from dockerdecl.engine.calls.path_archives import write_archive

    path = Path(source)
    if not os.path.lexists(path):
        raise fail("file-not-found", f"there is no {source} here")
    if manner.follow_link or source.endswith(("/", "/.")):
        path = path.resolve()
    here_is_folder = path.is_dir() and not path.is_symlink()
    if not here_is_folder and source.endswith("/"):
        raise fail("not-a-folder", f"{source} is no folder")
    destination, is_folder = _destination(engine, container, destination)
    named = source if _is_contents(source) else str(Path(source).absolute())
    target = target_of(named, destination, source_is_folder=here_is_folder, destination_is=is_folder)
    packed = Packed(0, [])
    tar = pack(path, target.name or ".", packed, keep_owners=manner.keep_owners, on_bytes=manner.on_bytes)
    try:
        write_archive(engine, container.id, target.folder, tar)
    except DockerdeclError as error:
        raise error.at(container.label) from error
    return Copied(packed.written, posixpath.join(target.folder, target.name or ""), tuple(packed.left_out))


def copy_in_tar(
    engine: Engine, container: FoundContainer, source: BinaryIO, destination: str, on_bytes: OnBytes
) -> None:
    """Unpack a tar into a folder of a container. Raises where there is no such folder."""
    from dockerdecl.engine.calls.path_archives import write_archive

    def blocks() -> Iterable[bytes]:
        while block := source.read(_BLOCK_BYTES):
            on_bytes(len(block))
            yield block

    destination, is_folder = _destination(engine, container, destination)
    if not is_folder:
        raise fail("not-a-folder", f"{destination} is no folder", address=container.label)
    try:
        write_archive(engine, container.id, destination, blocks())
    except DockerdeclError as error:
        raise error.at(container.label) from error


def _absolute(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _is_folder(stat: Json) -> bool:
    return bool(int(stat.get("mode") or 0) & _GO_FOLDER)


def _stat(engine: Engine, container: FoundContainer, path: str) -> Json:
    from dockerdecl.engine.calls.containers import stat_archive

    stat = stat_archive(engine, container.id, path)
    if stat is None:
        raise fail("file-not-found", f"there is no {path} in the container", address=container.label)
    return stat


def _source(engine: Engine, container: FoundContainer, path: str, manner: Manner) -> tuple[str, Json]:
    "without a last slash, with which an engine names what is in the tar in other ways"
    bare = posixpath.normpath(_absolute(path))
    stat = _stat(engine, container, bare)
    if manner.follow_link or path.endswith(("/", "/.")):
        bare, stat = _followed(engine, container, bare, stat)
    if path.endswith("/") and not _is_folder(stat):
        raise fail("not-a-folder", f"{path} is no folder in the container", address=container.label)
    return bare, stat


def _followed(engine: Engine, container: FoundContainer, path: str, stat: Json) -> tuple[str, Json]:
    "the engine follows all links of a path but the last"
    for _ in range(_LINKS):
        if not int(stat.get("mode") or 0) & _GO_LINK or not stat.get("linkTarget"):
            return path, stat
        path = posixpath.join(posixpath.dirname(path), str(stat["linkTarget"]))
        stat = _stat(engine, container, path)
    raise fail("too-many-links", f"{path} leads from link to link", address=container.label)


def _destination(engine: Engine, container: FoundContainer, path: str) -> tuple[str, bool | None]:
    "where a path leads, and whether that is a folder; some engines fail at a file with a slash behind it"
    from dockerdecl.engine.calls.containers import stat_archive

    path = _absolute(path)
    bare = posixpath.normpath(path)
    stat = stat_archive(engine, container.id, bare)
    if stat is not None and int(stat.get("mode") or 0) & _GO_LINK and stat.get("linkTarget"):
        path = bare = posixpath.join(posixpath.dirname(bare), str(stat["linkTarget"]))
        stat = stat_archive(engine, container.id, bare)
    return path, None if stat is None else _is_folder(stat)
