"""Where a run speaks: results to stdout, everything else to stderr, with colour only where it is wanted.

Takes lines from the renderers and decides colour, width and characters once for the whole run. Renders nothing
itself and knows no document.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import field
from typing import TYPE_CHECKING, TextIO

from dockerdecl.errors import fail
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from dockerdecl.cli.render.marks import Glyphs

# Where nothing says how wide the output is (a file, a pipe, a CI job), wide enough not to cut ordinary values.
_FALLBACK_WIDTH = 120


@dataclass(slots=True)
class Terminal:
    """The streams of one run, and how the user wants to be spoken to.

    `colour` and `debug` are set by the options of the command as soon as they are read, so that errors in later
    options already heed them.
    """

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    colour: bool = True
    debug: bool = False

    def show(self, lines: Iterable[Text]) -> None:
        """Prints `lines` to stdout: what was asked for. Raises `cannot-write` where there is no room for it."""
        with _results():
            self._write(sys.stdout, lines)

    def show_text(self, text: str) -> None:
        """Prints `text` to stdout as it is: documents for programs. Raises as `show` does."""
        with _results():
            sys.stdout.write(text if text.endswith("\n") else f"{text}\n")

    def show_bytes(self, content: bytes) -> None:
        """Writes `content` to stdout as it is: pictures. Raises as `show` does."""
        with _results():
            sys.stdout.buffer.write(content)

    def tell(self, lines: Iterable[Text]) -> None:
        """Prints `lines` to stderr: errors, questions, progress."""
        with suppress(OSError):  # what became of stdout is told where results are printed
            sys.stdout.flush()
        self._write(sys.stderr, lines)

    def tell_text(self, text: str) -> None:
        """Prints `text` to stderr as a line."""
        with suppress(OSError):
            sys.stdout.flush()
        sys.stderr.write(f"{text}\n")

    @property
    def width(self) -> int:
        """The number of columns to fit into."""
        return shutil.get_terminal_size((_FALLBACK_WIDTH, 0)).columns

    @property
    def table_width(self) -> int | None:
        """The number of columns that a table must fit into; None where no terminal cuts its lines."""
        return self.width if sys.stdout.isatty() or self.environment.get("COLUMNS") else None

    def can_ask(self) -> bool:
        """Whether somebody is there to read a question and to answer it."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def is_live(self) -> bool:
        """Whether lines on stderr can be drawn again."""
        return sys.stderr.isatty() and self.environment.get("TERM") != "dumb"

    def glyphs(self) -> Glyphs:
        """The characters that stdout can show."""
        from dockerdecl.cli.render.marks import ASCII, UNICODE

        return UNICODE if _is_unicode(sys.stdout) else ASCII

    def has_colour(self, stream: TextIO) -> bool:
        """Whether colour is wanted on `stream`: a terminal, unless NO_COLOR; any stream with FORCE_COLOR."""
        if not self.colour or self.environment.get("NO_COLOR"):
            return False
        capable = stream.isatty() and self.environment.get("TERM") != "dumb"
        return capable or bool(self.environment.get("FORCE_COLOR"))

    def console(self, stream: TextIO) -> Console:
        """A rich console for `stream` that prints what it is given: no markup, no highlighting, no emoji."""
        from rich.console import Console

        return Console(
            file=stream,
            color_system="standard" if self.has_colour(stream) else None,
            force_terminal=stream.isatty(),
            markup=False,
            highlight=False,
            emoji=False,
        )

    def _write(self, stream: TextIO, lines: Iterable[Text]) -> None:
        if not self.has_colour(stream):
            stream.writelines(f"{line.plain}\n" for line in lines)
            return
        console = self.console(stream)
        for line in lines:
            console.print(line, soft_wrap=True)


def prepare_streams() -> None:
    """Lets every text be printed: what the encoding of an output can't express becomes an escape.

    A stream that was closed before the start (`>&-`) is one that nobody reads, and from which nothing comes.
    """
    sys.stdin = sys.stdin or _nothing(os.O_RDONLY)
    sys.stdout = sys.stdout or _nothing(os.O_WRONLY)
    sys.stderr = sys.stderr or _nothing(os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _nothing(flags: int) -> TextIO:
    return os.fdopen(os.open(os.devnull, flags), "r" if flags == os.O_RDONLY else "w", encoding="utf-8")


def settle_streams() -> None:
    """Sends what can't be written any more nowhere, so that nothing complains at the exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def _results() -> Iterator[None]:
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise fail("cannot-write", f"the output can't be written: {error.strerror}") from error


def _is_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").replace("_", "") in {"utf8", "utf16", "utf32"}
