"""Tars that are passed on while they arrive: read by member, written with nothing in them that differs by chance.

Takes chunks of bytes, gives members and chunks of bytes. Holds no member as a whole but small documents.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.manifest.archive_streams import CHUNK, LARGEST_DOCUMENT, TarStream, members
from dockerdecl.manifest.tar_members import END, head, padding

SORTED = ("index.json", "manifest.json")
"""The documents of a saved archive that list its images, which an engine does in any order."""


class Arriving:
    """Chunks of bytes as a file that is read forwards; `on_bytes` is told how many came so far."""

    def __init__(self, chunks: Iterable[bytes], on_bytes: Callable[[int], None] | None = None) -> None:
        self._chunks = iter(chunks)
        self._rest = b""
        self._on_bytes = on_bytes
        self.size = 0

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end."""
        parts = [self._rest[:size]]
        got = len(parts[0])
        self._rest = self._rest[size:]
        while got < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._count(chunk)
            parts.append(chunk[: size - got])
            self._rest = chunk[size - got :]
            got += len(parts[-1])
        return b"".join(parts)

    def drain(self) -> None:
        """Take what is left, so that whoever sends it can say that it was not all."""
        self._rest = b""
        for chunk in self._chunks:
            self._count(chunk)

    def _count(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self._on_bytes:
            self._on_bytes(self.size)


def arriving_members(source: Arriving) -> Iterator[tuple[tarfile.TarInfo, Iterator[bytes]]]:
    """Every member of a tar that arrives, and its content, to be read before the next one is asked for.

    Raises DockerdeclError where the tar is damaged, and what its sender raises.
    """
    stream = TarStream(cast("BinaryIO", source), Path("the archive"), seekable=False)
    try:
        for archive, member in members(stream):
            yield member, _content(archive, member)
    except DockerdeclError as error:
        if not error.code.startswith("archive-"):
            raise
        source.drain()  # the sender has more to say than that what it sent makes no sense
        message = "what the engine sent is no whole archive"
        raise fail("archive-cut", message, hint="the engine's own log says why") from error
    source.drain()


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    file = archive.extractfile(member) if member.isreg() else None
    while file and (block := file.read(CHUNK)):
        yield block


def steady(source: Arriving) -> Iterator[bytes]:
    """An archive of saved images without times, its lists of images in one order."""
    for member, content in arriving_members(source):
        name = member.name.removeprefix("./")
        if name in SORTED and member.size <= LARGEST_DOCUMENT:
            document = sorted_document(b"".join(content))
            yield head(name, len(document)) + document + padding(len(document))
        else:
            size = member.size if member.isreg() else 0
            yield head(name, size, member.type, member.linkname)
            yield from content
            yield padding(size)
    yield END


def sorted_document(content: bytes) -> bytes:
    """The same document, the images that it lists in the order of their digests and names."""
    document = json.loads(content)
    match document:
        case list():
            document.sort(key=_key)
        case {"manifests": list() as listed}:
            listed.sort(key=_key)
        case _:
            pass
    return json.dumps(document, separators=(",", ":")).encode()


def _key(entry: Any) -> tuple[str, str]:
    if not isinstance(entry, Mapping):
        return "", ""
    return str(entry.get("Config") or entry.get("digest")), json.dumps(entry, sort_keys=True)
