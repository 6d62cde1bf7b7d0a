"""Where colour is shown, and which characters, by what the user and the streams say."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Mapping

import pytest
from rich.text import Text

from dockerdecl.cli.render.marks import ASCII, UNICODE, Glyphs
from dockerdecl.cli.terminal import Terminal


class Stream(io.TextIOWrapper):
    """A stream in memory that says whether it is a terminal."""

    def __init__(self, *, terminal: bool, encoding: str = "utf-8") -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding=encoding)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        self.flush()
        return self._bytes.getvalue().decode()


@pytest.mark.parametrize(
    ("terminal", "wanted", "environment", "coloured"),
    [
        (True, True, {}, True),
        (True, True, {"NO_COLOR": "1"}, False),
        (True, True, {"NO_COLOR": ""}, True),
        (True, False, {}, False),
        (True, True, {"TERM": "dumb"}, False),
        (False, True, {}, False),
        (False, True, {"FORCE_COLOR": "1"}, True),
        (False, False, {"FORCE_COLOR": "1"}, False),
        (False, True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_shown_where_it_is_wanted(
    terminal: bool, wanted: bool, environment: Mapping[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Stream(terminal=terminal)
    monkeypatch.setattr("sys.stdout", stream)
    Terminal(environment=environment, colour=wanted).show([Text("hot", style="red")])
    assert stream.text() == ("\x1b[31mhot\x1b[0m\n" if coloured else "hot\n")


def test_markup_and_long_lines_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Stream(terminal=True)
    monkeypatch.setattr("sys.stdout", stream)
    line = "[red]:smile: http://x" + " word" * 100
    Terminal(environment={}).show([Text(line)])
    assert stream.text() == f"{line}\n"


@pytest.mark.parametrize(
    ("encoding", "glyphs"), [("utf-8", UNICODE), ("UTF8", UNICODE), ("ascii", ASCII), ("iso-8859-1", ASCII)]
)
def test_a_narrow_encoding_gets_plain_signs(encoding: str, glyphs: Glyphs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Stream(terminal=False, encoding=encoding))
    assert Terminal(environment={}).glyphs() == glyphs


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_was_closed_before_is_one_that_nobody_reads(closed: str) -> None:
    command = f'"{sys.executable}" -m dockerdecl version {closed}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
