"""Bytes on their way, shown as steps are: a live line in a terminal, and nothing where there is none.

Takes a terminal and what is being done; gives what is to be told how far it is. Also where an archive goes, and where
one comes from, as the words of a command line say it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from dockerdecl.cli import options
from dockerdecl.cli.interruption import stoppable
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import DockerdeclError, ExitCode

if TYPE_CHECKING:
    from dockerdecl.engine.progress import OnProgress
    from dockerdecl.engine.progress import Progress as Told
    from dockerdecl.resources.file_kinds import Compression

_PIPE = Path("-")


class Compress(StrEnum):
    """How an archive is compressed."""

    GZIP = "gzip"
    ZSTD = "zstd"
    NONE = "none"


Out = Annotated[
    Path | None,
    options.option("--out", "-o", metavar="FILE", help="Where to write it; - or nothing for a pipe on stdout."),
]
How = Annotated[
    Compress | None,
    options.option("--compress", help="How to compress it, whatever the file is called. [default: by its suffix]"),
]


@contextmanager
def transfer(terminal: Terminal, text: str) -> Iterator[OnProgress]:
    """What to tell of the bytes; a signal ends the block as Ctrl-C does."""
    from dockerdecl.cli.progress import Progress
    from dockerdecl.execution.events import StepProgress, StepStarted

    with Progress(terminal) as progress, stoppable():
        progress(StepStarted(1, "", "", text, 0.0))

        def told(far: Told) -> None:
            progress(StepProgress(1, far.text, far.current, far.total))

        yield told


def destination(out: Path | None) -> Path | BinaryIO:
    """Where an archive goes. Raises a usage error where that is a terminal."""
    if out is not None and out != _PIPE:
        return out
    if sys.stdout.isatty():
        raise typer.BadParameter("an archive is nothing to look at: name a file with `--out`, or pipe it on")
    return sys.stdout.buffer


def compression(out: Path | None, wanted: Compress | None) -> Compression:
    """How to compress what goes there."""
    from dockerdecl.operations.output_files import compression_for
    from dockerdecl.resources.file_kinds import Compression

    if wanted is not None:
        return {Compress.GZIP: Compression.GZIP, Compress.ZSTD: Compression.ZSTD}.get(wanted, Compression.NONE)
    return compression_for(None if out == _PIPE else out)


@contextmanager
def incoming(file: Path) -> Iterator[BinaryIO]:
    """An archive to be sent to an engine, `-` for what comes on stdin. What can't be read is told within the block."""
    from dockerdecl.manifest.archive_streams import arriving_for_engine, compression_of, open_for_engine, reading

    if file != _PIPE:
        with _no_manifest(), reading(file, compression_of(file)), open_for_engine(file) as archive:
            yield archive
        return
    if sys.stdin.isatty():
        raise typer.BadParameter("`-` takes an archive from a pipe, and there is a terminal on stdin")
    archive, kind = arriving_for_engine(sys.stdin.buffer)
    with _no_manifest(), reading(Path("(stdin)"), kind), archive:
        yield archive


@contextmanager
def _no_manifest() -> Iterator[None]:
    "what is wrong with an archive that no manifest names is no mistake in a manifest"
    try:
        yield
    except DockerdeclError as error:
        if error.exit_code is not ExitCode.INVALID:
            raise
        raise DockerdeclError(*error.problems) from error


def tell_written(terminal: Terminal, what: str, out: Path | BinaryIO, size: int) -> None:
    """Says that something was written, and how much it is."""
    from dockerdecl.cli.presentation import tell_text
    from dockerdecl.cli.render.sizes import size_words

    where = f" to {out}" if isinstance(out, Path) else ""
    tell_text(terminal, f"{what}{where} ({size_words(size)}).")
