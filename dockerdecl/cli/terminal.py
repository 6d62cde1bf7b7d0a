"""Where a run speaks: results to stdout, everything else to stderr, with colour only where it is wanted.

Takes lines from the renderers and decides colour, width and characters once for the whole run. Renders nothing
itself and knows no document.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

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
        """Prints `lines` to stdout: what was asked for."""
        self._write(sys.stdout, lines)

    def show_text(self, text: str) -> None:
        """Prints `text` to stdout as it is: documents for programs."""
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")

    def tell(self, lines: Iterable[Text]) -> None:
        """Prints `lines` to stderr: errors, questions, progress."""
        sys.stdout.flush()
        self._write(sys.stderr, lines)

    @property
    def width(self) -> int:
        """The number of columns to fit into."""
        return shutil.get_terminal_size((_FALLBACK_WIDTH, 0)).columns

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
    """Lets every text be printed: what the encoding of an output can't express becomes an escape."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def silence_streams() -> None:
    """Sends the rest of the output nowhere, after its reader went away, so that nothing complains at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())


def _is_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").replace("_", "") in {"utf8", "utf16", "utf32"}
