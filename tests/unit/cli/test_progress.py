"""What is said while steps run: plain lines where lines are kept, a picture where they can be drawn again."""

from __future__ import annotations

import io
from itertools import count

import pytest
from rich.console import Console

from dockerdecl.cli.progress import Progress
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import fail
from dockerdecl.execution.events import Event, Outcome, StepFinished, StepProgress, StepStarted
from tests.unit.cli.screens import a_screen

HIDE_CURSOR, SHOW_CURSOR, ERASE_LINE = "\x1b[?25l", "\x1b[?25h", "\x1b[2K"
FAILURE = fail("container-exited", "it exited with code 1\nlast log lines:\n  boom", hint="h")


def started(step: int, text: str = "pull web:1") -> StepStarted:
    return StepStarted(step, "pull", "image.web", text, at=0.0)


def told(*events: Event, verbose: bool = False) -> None:
    with Progress(Terminal(environment={}), verbose=verbose) as progress:
        for event in events:
            progress(event)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (StepFinished(1, Outcome.DONE, 3.25), "  done      pull web:1  (3.2s)"),
        (StepFinished(1, Outcome.DONE, 75, note="no swap limit"), "  done      pull web:1  (1m 15s): no swap limit"),
        (StepFinished(1, Outcome.FAILED, 0.5, FAILURE), "  failed    pull web:1  (0.5s): it exited with code 1"),
        (StepFinished(1, Outcome.UNDONE, 0.5), "  undone    pull web:1  (0.5s)"),
    ],
)
def test_a_finished_step_is_one_plain_line(event: Event, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    told(started(1), StepProgress(1, "1 of 2 layers", 10, 20), event)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"{line}\n")


def test_what_was_never_begun_is_left_to_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    told(StepFinished(1, Outcome.SKIPPED, 0))
    assert capsys.readouterr().err == ""


def test_verbose_says_when_a_step_starts(capsys: pytest.CaptureFixture[str]) -> None:
    told(started(1), verbose=True)
    assert capsys.readouterr().err == "  started   pull web:1\n"


def picture(*events: Event, width: int = 60, height: int = 24) -> list[str]:
    seconds = count()
    progress = Progress(Terminal(environment={}), clock=lambda: float(next(seconds)))
    for event in events:
        progress(event)
    return progress.picture(Console(width=width, height=height, file=io.StringIO())).plain.split("\n")


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (StepProgress(1, "", 0, 0), "  pull web:1  1.0s"),
        (StepProgress(1, "1 of 2 layers", 12_300_000, 45_600_000), "  pull web:1  1 of 2 layers 12.3 of 45.6 MB  1.0s"),
        (StepProgress(1, "", 2_500, 0), "  pull web:1  2.5 kB  1.0s"),
        (StepProgress(1, "", 500_000_000, 2_000_000_000), "  pull web:1  0.5 of 2.0 GB  1.0s"),
        (StepProgress(1, "Step 2/7\x1b[2J", 0, 0), "  pull web:1  Step 2/7\\u001b[2J  1.0s"),
    ],
)
def test_a_running_step_is_one_line_with_its_bytes_and_its_time(progress: StepProgress, line: str) -> None:
    assert picture(started(1), progress) == [line]


def test_a_finished_step_leaves_the_picture(capsys: pytest.CaptureFixture[str]) -> None:
    assert picture(started(1), started(2, "create web"), StepFinished(1, Outcome.DONE, 1)) == ["  create web  1.0s"]


def test_a_line_is_cut_before_its_time() -> None:
    (line,) = picture(started(1, "pull registry.example.org/a/very/long/name:1.4"), width=40)
    assert len(line) < 40
    assert line.startswith("  pull registry")
    assert line.endswith("name:1.4  1.0s")


def test_the_picture_leaves_room_on_a_low_terminal() -> None:
    lines = picture(*(started(step) for step in range(20)), height=10)
    assert len(lines) <= 8
    assert lines[-1] == "  and 13 more"


def test_a_terminal_shows_what_is_done_above_what_runs() -> None:
    with a_screen() as screen:
        told(started(1), started(2, "create web"), StepFinished(1, Outcome.DONE, 3.25))
        seen = screen.seen(SHOW_CURSOR)
    assert seen.startswith(HIDE_CURSOR)
    assert seen.index("pull web:1\x1b[2m  (3.2s)") < seen.index("  create web")
    assert seen.rstrip().endswith(ERASE_LINE)


def test_a_terminal_that_went_away_stops_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stderr", Gone())
    told(started(1), StepFinished(1, Outcome.DONE, 1))
