"""Image archives as streams: a tar, plain or compressed, opened by what it is and not by its name.

Takes a path, gives the bytes of the tar in it or the bytes to send to an engine, and walks its members within bounded
memory. Knows nothing of images, and never writes to disk.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from dockerdecl.errors import DockerdeclError, Problem, invalid
from dockerdecl.manifest.nearby import nearest
from dockerdecl.resources.file_kinds import LONGEST_MARK, Compression, compression

CHUNK = 1 << 20
LARGEST_DOCUMENT = 4 << 20


class Digest(Protocol):
    """What a hash of hashlib is, as far as it is needed here."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""


class TarStream:
    """The uncompressed bytes of an archive, read forwards only; `digest` takes in every byte if one is given.

    Remembers what was read last, since a tar that ends anywhere but at an end marker or the end of the file is cut off
    or damaged, and Python's tarfile takes any such end for the regular one.
    """

    def __init__(self, source: BinaryIO, path: Path, *, seekable: bool, digest: Digest | None = None) -> None:
        self.path = path
        self.position = 0
        self.last_read = b""
        self._source = source
        self._seekable = seekable and digest is None
        self._digest = digest

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end. Raises DockerdeclError where a tar asks for absurdly many."""
        if size > LARGEST_DOCUMENT:
            raise archive_error("archive-corrupt", self.path, f"a header of {size} bytes is no part of a sound tar")
        self.last_read = self._source.read(size)
        self.position += len(self.last_read)
        if self._digest is not None:
            self._digest.update(self.last_read)
        return self.last_read

    def tell(self) -> int:
        """How many bytes lie before the next one."""
        return self.position

    def seek(self, position: int) -> int:
        """Go forward to `position`: by a jump where the file allows it, else by reading."""
        if self._seekable and position != self.position:
            self.position = self._source.seek(position)
        while self.position < position and self.read(min(CHUNK, position - self.position)):
            pass
        return self.position

    def drain(self) -> None:
        """Read what is left, such as the padding behind a tar's end marker."""
        while self.read(CHUNK):
            pass


def archive_error(code: str, path: Path, message: str, hint: str | None = None) -> DockerdeclError:
    """An error in an archive, as something that the user can mend."""
    return invalid(Problem(code, f"{path}: {message}", hint=hint))


def compression_of(path: Path) -> Compression:
    """How the file at `path` is compressed, by its first bytes. Raises DockerdeclError if it can't be read."""
    with reading(path), path.open("rb") as file:
        return compression(file.read(LONGEST_MARK))


@contextmanager
def open_tar(path: Path, digest: Digest | None = None) -> Iterator[TarStream]:
    """The uncompressed tar in the file at `path`; `digest` takes in every byte that is read.

    Raises DockerdeclError, also from within the `with` block, when the file is missing, unreadable or damaged.
    """
    kind = compression_of(path)
    with reading(path, kind), _opened(path.open("rb"), kind) as source:
        yield TarStream(source, path, seekable=kind is Compression.NONE, digest=digest)


def open_for_engine(path: Path) -> BinaryIO:
    """What to send to an engine as the body of a load or an import; the caller closes it.

    Every engine takes a plain, a gzip and a bzip2 tar, which go as they are. For xz an engine needs a program of that
    name on its host, and zstd is unknown to engines before 23: those are sent uncompressed. Raises DockerdeclError if
    the file can't be opened; later, reading raises what the decompressor raises.
    """
    kind = compression_of(path)
    with reading(path):
        return _opened(path.open("rb"), _undone(kind))


def arriving_for_engine(source: BinaryIO) -> tuple[BinaryIO, Compression]:
    """As `open_for_engine`, of what arrives on a pipe; also how that is compressed."""
    buffered = io.BufferedReader(cast("io.RawIOBase", source), CHUNK)
    kind = compression(buffered.peek(LONGEST_MARK))
    return _opened(buffered, _undone(kind)), kind


def members(stream: TarStream) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    """Every member of the tar, in its order, with the archive to read its content from while it is the current one.

    Raises DockerdeclError if the stream is not a tar, is cut off, or damaged.
    """
    try:
        archive = tarfile.TarFile(fileobj=cast("BinaryIO", stream))
        while (member := archive.next()) is not None:
            yield archive, member
            # tarfile keeps every member it has seen, which a file system of a million files makes a gigabyte.
            archive.members = []  # type: ignore[attr-defined]  # typeshed lacks it
    except tarfile.TarError as error:
        if stream.position <= tarfile.BLOCKSIZE:
            raise archive_error(
                "archive-not-a-tar", stream.path, "not a tar archive", "it must be a tar, plain or .gz, .bz2, .xz, .zst"
            ) from error
        raise archive_error("archive-corrupt", stream.path, f"cut off or damaged ({error})", _AGAIN) from error
    if stream.last_read.strip(b"\0") or len(stream.last_read) not in (0, tarfile.BLOCKSIZE):
        raise archive_error("archive-corrupt", stream.path, f"cut off or damaged at byte {stream.position}", _AGAIN)


_AGAIN = "make or copy the file again"


@contextmanager
def reading(path: Path, kind: Compression = Compression.NONE) -> Iterator[None]:
    """Turns what reading the file at `path` raises into errors that say what to do."""
    try:
        yield
    except FileNotFoundError:
        raise archive_error("archive-missing", path, "no such file", nearest(path)) from None
    except (IsADirectoryError, NotADirectoryError):
        raise archive_error("archive-not-a-file", path, "is not a file", "name the tar file itself") from None
    except PermissionError:
        raise archive_error("archive-unreadable", path, "permission denied", "let the current user read it") from None
    except _damage(kind) as error:
        raise archive_error("archive-corrupt", path, f"cut off or damaged ({error})", _AGAIN) from error
    except OSError as error:
        # Only the system's errors have a number: bz2 and gzip say "damaged" with an OSError that has none.
        if not error.errno:
            raise archive_error("archive-corrupt", path, f"cut off or damaged ({error})", _AGAIN) from error
        raise archive_error("archive-unreadable", path, error.strerror or str(error)) from error


def _damage(kind: Compression) -> tuple[type[Exception], ...]:
    known: tuple[type[Exception], ...] = (EOFError, tarfile.TarError, zlib.error, lzma.LZMAError)
    if kind is not Compression.ZSTD:
        return known
    import zstandard

    return (*known, zstandard.ZstdError)


def _undone(kind: Compression) -> Compression:
    return kind if kind in (Compression.XZ, Compression.ZSTD) else Compression.NONE


def _opened(file: BinaryIO, kind: Compression) -> BinaryIO:
    match kind:
        case Compression.NONE:
            return file
        case Compression.GZIP:
            return cast("BinaryIO", gzip.open(file))
        case Compression.BZIP2:
            return cast("BinaryIO", bz2.open(file))
        case Compression.XZ:
            return cast("BinaryIO", lzma.open(file))
        case Compression.ZSTD:
            import zstandard

            frames = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True, closefd=True)
            # Read as it is, the decompressor may give less than asked for in the middle of the file.
            return io.BufferedReader(cast("io.RawIOBase", frames), CHUNK)
