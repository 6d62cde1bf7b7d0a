"""Files that are written whole or not at all, compressed on the way.

Takes where something goes and how, gives a stream to write to. Until all of it is on the disk, it stands under a
temporary name beside the wanted one; whatever ends the writing early takes that away.
"""

from __future__ import annotations

import errno
import gzip
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from dockerdecl.errors import DockerdeclError, ExitCode, fail
from dockerdecl.resources.file_kinds import Compression

_PRIVATE = 0o600  # an image may hold what is nobody else's business; `docker save` does the same
_SUFFIXES = {
    ".gz": Compression.GZIP,
    ".tgz": Compression.GZIP,
    ".zst": Compression.ZSTD,
    ".tzst": Compression.ZSTD,
}
_ONLY_READ = (".bz2", ".tbz", ".tbz2", ".xz", ".txz")


class Sink(Protocol):
    """Something to write to."""

    def write(self, data: bytes, /) -> int:
        """Take all of `data`."""


class Counted:
    """Writes on, and knows how many bytes have gone."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.size = 0

    def write(self, data: bytes, /) -> int:
        """Take all of `data`."""
        self._sink.write(data)
        self.size += len(data)
        return len(data)


def compression_for(path: Path | None) -> Compression:
    """The compression that the name of a file asks for: none where it asks for none.

    Raises DockerdeclError for one that is only read.
    """
    suffix = path.suffix.lower() if path else ""
    if suffix in _ONLY_READ:
        message = f"{path}: archives are read as {suffix}, and written as .tar, .tar.gz or .tar.zst"
        raise fail("compression-not-written", message, exit_code=ExitCode.USAGE)
    return _SUFFIXES.get(suffix, Compression.NONE)


@contextmanager
def output_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content is at `path` after the block, and nothing of it where the block failed.

    What was there before is kept until then. A device or a pipe is written to as it comes. Raises DockerdeclError where
    it can't be written.
    """
    with _telling(path):
        target = Path(os.path.realpath(path))
        mode = _mode_of(target)
    if mode is not None and stat.S_ISDIR(mode):
        message = f"{path} is a folder, and a file is to be written"
        raise fail("file-is-folder", message, hint="name a file in it", exit_code=ExitCode.USAGE)
    if mode is not None and not stat.S_ISREG(mode):
        with _telling(path), target.open("wb") as device:
            yield device
        return
    temporary = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}.part")
    try:  # before it is there: a signal may come right after
        with _telling(path):
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
            with os.fdopen(descriptor, "wb") as file:
                if mode is not None:
                    os.fchmod(file.fileno(), stat.S_IMODE(mode))
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
            _settle(target.parent)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@contextmanager
def compressed(file: BinaryIO, kind: Compression) -> Iterator[Sink]:
    """A stream that compresses into `file`; the same content gives the same bytes."""
    match kind:
        case Compression.GZIP:
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as packed:
                yield packed
        case Compression.ZSTD:
            import zstandard

            compressor = zstandard.ZstdCompressor(level=3, write_checksum=True, threads=-1)
            with compressor.stream_writer(file, closefd=False) as frames:
                yield frames
        case _:
            yield file


def _mode_of(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _settle(folder: Path) -> None:
    "a name is on the disk only when its folder is; a file system that can't do that is no reason to fail"
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except DockerdeclError:
        raise
    except BrokenPipeError:
        raise
    except OSError as error:
        raise write_error(path, error) from error


def write_error(path: Path | str, error: OSError) -> DockerdeclError:
    """That something can't be written, and why."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return fail(
            "disk-full", f"{path} can't be written: {error.strerror}", hint="free some space, or write elsewhere"
        )
    return fail("file-not-writable", f"{path} can't be written: {error.strerror or error}")


def as_binary(sink: Sink) -> BinaryIO:
    """A sink where a file is expected that is only written to."""
    return cast("BinaryIO", sink)
