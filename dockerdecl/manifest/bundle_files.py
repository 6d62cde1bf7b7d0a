"""Bundles, read: told by what they begin with, and verified by digest before anything in them is believed.

Takes a path, gives what the bundle says and its images, each as an archive that an engine takes. Streams: of the images
nothing but small documents is kept, and nothing is unpacked.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import posixpath
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, BinaryIO, cast

from dockerdecl.errors import DockerdeclError, Problem, invalid
from dockerdecl.manifest.archive_streams import (
    CHUNK,
    LARGEST_DOCUMENT,
    TarStream,
    members,
    open_tar,
)
from dockerdecl.manifest.archives import SavedImage, saved_images_of
from dockerdecl.manifest.tar_members import END, head, padding
from dockerdecl.resources.bundle import BUNDLE_FORMAT, CONFIGS, IMAGES, INDEX, LOCK, MANIFEST, MARK, index_digest
from dockerdecl.resources.desired import Load
from dockerdecl.values import dataclass

_AGAIN = "copy the file again, or make it again with `dockerdecl bundle`"
_OWN = (MARK, INDEX, MANIFEST, LOCK)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose every member is what its index says. `documents` are its small members, `links` by name."""

    path: Path
    stamp: tuple[int, ...]
    index: Mapping[str, Any]
    documents: Mapping[str, bytes] = field(repr=False)
    links: Mapping[str, str] = field(repr=False)

    @property
    def manifest(self) -> str:
        """The text of its manifest."""
        return self.documents[MANIFEST].decode()

    @property
    def configs(self) -> dict[str, bytes]:
        """The configs that are no text, by key."""
        return {n.removeprefix(CONFIGS): part for n, part in self.documents.items() if n.startswith(CONFIGS)}

    def sources(self) -> dict[str, Load]:
        """Where its images come from, by their keys in the manifest."""
        images = {n.removeprefix(IMAGES): part for n, part in self.documents.items() if n.startswith(IMAGES)}
        if not self.index["images"]:
            return {}
        saved = {image.config_digest: image for image in saved_images_of(self.path, images).images}
        return {
            entry["address"].removeprefix("image."): self._source(saved[entry["config"]], entry["reference"])
            for entry in self.index["images"]
        }

    def _source(self, saved: SavedImage, reference: str) -> Load:
        entry = {**saved.entry, "RepoTags": [reference]}
        made = {"manifest.json": json.dumps([entry]).encode()}
        names = {str(entry["Config"]), *map(str, cast("list[str]", entry["Layers"]))}
        names |= {self.links[name] for name in names if name in self.links}
        names |= {f"blobs/{digest.replace(':', '/')}" for digest in saved.manifest_digests}
        listed = self.documents.get(f"{IMAGES}index.json")
        if listed:
            index = json.loads(listed)
            kept = [one for one in index["manifests"] if one.get("digest") in saved.manifest_digests]
            made["index.json"] = json.dumps({**index, "manifests": kept}).encode()
            names.add("oci-layout")
        content = BundledImage(self.path, self.stamp, frozenset(names), made)
        return Load(str(self.path), saved.ids, content, saved.layers, dict(saved.config))


@dataclass(frozen=True, slots=True)
class BundledImage:
    """One image of a bundle: the members that it is made of, and documents that speak of it alone."""

    path: Path
    stamp: tuple[int, ...]
    names: frozenset[str]
    made: Mapping[str, bytes] = field(repr=False)

    def open(self) -> BinaryIO:
        """A `docker save` archive of this image; the caller closes it."""
        if _stamp(self.path) != self.stamp:
            raise _broken(self.path, "changed after it was verified", "run the command again")
        return io.BufferedReader(cast("io.RawIOBase", _Pieces(self._pieces())), CHUNK)

    def _pieces(self) -> Iterator[bytes]:
        with open_tar(self.path) as stream:
            for archive, member in members(stream):
                name = member.name.removeprefix(IMAGES)
                if name == member.name or name not in self.names:
                    continue
                size = member.size if member.isreg() else 0
                yield head(name, size, member.type, member.linkname)
                yield from _content(archive, member)
                yield padding(size)
        for name, content in self.made.items():
            yield head(name, len(content)) + content + padding(len(content))
        yield END


class _Pieces(io.RawIOBase):
    "pieces of bytes as a file that is read forwards"

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def bundled_manifest(path: Path) -> str:
    """The text of a bundle's manifest, of which nothing is verified. Raises DockerdeclError where there is none."""
    with _of_bundle(path), open_tar(path) as stream:
        for archive, member in members(stream):
            if member.name == MANIFEST:
                return b"".join(_content(archive, member)).decode()
            if member.name != MARK:
                break
    raise _no_bundle(path)


def read_bundle(path: Path) -> Bundle:
    """A bundle, all of it verified. Raises DockerdeclError where it is damaged, altered or of another version."""
    stamp = _stamp(path)
    documents: dict[str, bytes] = {}
    links: dict[str, str] = {}
    seen: list[dict[str, Any]] = []
    with _of_bundle(path), open_tar(path) as stream:
        _read_members(path, stream, documents, links, seen)
        stream.drain()
    index = _index(path, documents)
    if index["members"] != seen[:-1]:
        raise _differs(path, index["members"], seen[:-1])
    return Bundle(path, stamp, index, documents, links)


def _read_members(
    path: Path, stream: TarStream, documents: dict[str, bytes], links: dict[str, str], seen: list[dict[str, Any]]
) -> None:
    for archive, member in members(stream):
        if not seen and member.name != MARK:
            raise _no_bundle(path)
        content = b"".join(_content(archive, member)) if _is_kept(member) else None
        digest = hashlib.sha256(member.linkname.encode() if member.issym() else content or b"")
        for block in _content(archive, member) if content is None else ():
            digest.update(block)
        if not seen:
            _check_version(path, content or b"")
        if content is not None and (_is_own(member.name) or content[:1] in (b"{", b"[")):
            documents[member.name] = content
        if member.issym():
            target = posixpath.normpath(posixpath.join(posixpath.dirname(member.name), member.linkname))
            links[member.name.removeprefix(IMAGES)] = target.removeprefix(IMAGES)
        seen.append({"name": member.name, "size": member.size, "sha256": digest.hexdigest()})


def _is_kept(member: tarfile.TarInfo) -> bool:
    return member.isreg() and (_is_own(member.name) or member.size <= LARGEST_DOCUMENT)


def _is_own(name: str) -> bool:
    return name in _OWN or name.startswith(CONFIGS)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    file = archive.extractfile(member) if member.isreg() else None
    while file and (block := file.read(CHUNK)):
        yield block


def _index(path: Path, documents: Mapping[str, bytes]) -> Mapping[str, Any]:
    try:
        index = json.loads(documents[INDEX])
        sound = index["digest"] == index_digest(index) and index["format"] == BUNDLE_FORMAT and MANIFEST in documents
    except (KeyError, ValueError, TypeError) as error:
        raise _broken(path, "has no index that says what is in it, so it was cut off or altered") from error
    if not sound:
        raise _broken(path, "has an index that was altered")
    return cast("Mapping[str, Any]", index)


def _differs(path: Path, wanted: list[dict[str, Any]], seen: list[dict[str, Any]]) -> DockerdeclError:
    known = {member["name"]: member for member in wanted}
    name = next((m["name"] for m in seen if known.get(m["name"]) != m), None)
    if name is not None:
        return _broken(path, f"holds {name} as something else than its index says")
    gone = sorted(known.keys() - {member["name"] for member in seen})
    return _broken(path, f"lacks {gone[0]}" if gone else "is not in the order that its index says")


def _check_version(path: Path, mark: bytes) -> None:
    found = mark.decode(errors="replace").strip()
    if found != BUNDLE_FORMAT:
        message = f"{path} has the format {found[:40]}, and this dockerdecl reads {BUNDLE_FORMAT}"
        raise invalid(Problem("newer-format", message, hint="upgrade dockerdecl: the version that wrote it reads it"))


class _of_bundle:  # noqa: N801 - read as a phrase in a `with`
    """What is wrong with an archive, as something that is wrong with a bundle."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Nothing is to be done."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DockerdeclError) and error.code in ("archive-corrupt", "archive-not-a-tar"):
            raise _broken(self._path, "is cut off or damaged") from error


def _no_bundle(path: Path) -> DockerdeclError:
    hint = "`dockerdecl bundle` makes one; `dockerdecl load` takes an archive of images"
    return invalid(Problem("bundle-invalid", f"{path} is no bundle", hint=hint))


def _broken(path: Path, what: str, hint: str = _AGAIN) -> DockerdeclError:
    return invalid(Problem("bundle-damaged", f"{path} {what}", hint=hint))


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = os.stat(path)  # noqa: PTH116 - all of it is wanted
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
