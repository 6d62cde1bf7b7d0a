"""What an engine sends of a log, as whole lines; points in time; keys that detach."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest

from dockerdecl.cli.render.log_text import LogText, colours_of
from dockerdecl.engine.frames import STDERR, STDOUT, Frames
from dockerdecl.errors import DockerdeclError
from dockerdecl.operations.detach_keys import DetachKeys
from dockerdecl.operations.log_lines import PART_BYTES, LogLine, LogLines
from dockerdecl.operations.moments import NANOS, engine_time, iso_time, moment

TIME = b"2026-03-01T10:00:00.000000001Z "
LATER = b"2026-03-01T10:00:00.000000002Z "
NANO = 1_772_359_200 * NANOS + 1


def frame(stream: int, text: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(text).to_bytes(4, "big") + text


def lines(data: bytes, *, tty: bool, size: int) -> list[LogLine]:
    frames, found = Frames(tty=tty), LogLines(tty=tty)
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return [*(x for piece in pieces for chunk in frames.feed(piece) for x in found.feed(chunk)), *found.end()]


@pytest.mark.parametrize("size", [1, 7, 5000, 1 << 20])
def test_lines_are_whole_however_they_arrive(size: int) -> None:
    part = b"x" * PART_BYTES
    sent = [(1, TIME + part), (2, TIME + b"wrong\n"), (1, LATER + part), (1, LATER + b"end\n"), (1, TIME + b"last")]
    found = lines(b"".join(frame(*each) for each in sent), tty=False, size=size)
    assert found == [
        LogLine(NANO, STDERR, b"wrong"),
        LogLine(NANO, STDOUT, part + part + b"end"),
        LogLine(NANO, STDOUT, b"last"),
    ]
    raw = TIME + part + LATER + part + LATER + b"end\r\n" + TIME + b"$ "
    assert lines(raw, tty=True, size=size) == [
        LogLine(NANO, STDOUT, part + part + b"end"),
        LogLine(NANO, STDOUT, b"$ "),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10m", "1970-01-02T23:50:00.000000000Z"),
        ("1h30m", "1970-01-02T22:30:00.000000000Z"),
        ("2d", "1970-01-01T00:00:00.000000000Z"),
        ("1772359200.5", "2026-03-01T10:00:00.500000000Z"),
        ("2026-03-01", "2026-02-28T23:00:00.000000000Z"),
        ("2026-03-01T10:00", "2026-03-01T09:00:00.000000000Z"),
        ("2026-03-01T10:00:00.123456789Z", "2026-03-01T10:00:00.123456789Z"),
        ("2026-03-01 10:00:00+02:00", "2026-03-01T08:00:00.000000000Z"),
    ],
)
def test_a_point_in_time_is_what_was_meant(text: str, expected: str) -> None:
    found = moment(text, 172_800.0, timezone(timedelta(hours=1)))
    assert iso_time(found) == expected


def test_the_engine_is_asked_for_a_time_to_the_nanosecond() -> None:
    assert (engine_time(NANO), moment(engine_time(NANO), 0, UTC)) == ("1772359200.000000001", NANO)


@pytest.mark.parametrize("text", ["yesterday", "10", "10 m", "", "2026-13-01", "-5m"])
def test_what_is_no_point_in_time_is_said(text: str) -> None:
    with pytest.raises(DockerdeclError) as caught:
        moment(text, 0, UTC)
    assert caught.value.code == "time-invalid"


@pytest.mark.parametrize(
    ("keys", "typed", "is_left"),
    [
        ("ctrl-p,ctrl-q", ["\x10", "\x11"], True),
        ("ctrl-p,ctrl-q", ["\x10\x10\x11"], True),
        ("ctrl-p,ctrl-q", ["\x10x\x11"], False),
        ("ctrl-@,a", ["abc\0a"], True),
        ("q", ["abc"], False),
    ],
)
def test_the_keys_that_detach_are_seen(keys: str, typed: list[str], is_left: bool) -> None:
    watched = DetachKeys(keys)
    for each in typed:
        watched.watch(each.encode())
    assert watched.typed is is_left


def test_each_container_has_a_colour_and_its_lines_stand_below_each_other() -> None:
    labels = [f"app[{number}]" for number in range(8)]
    colours = colours_of(labels)
    assert len(set(colours.values())) == 8
    assert colours_of(reversed(labels)) == colours
    text = LogText(prefixed=True, colour=False, colours=colours, width=6)
    assert text.line("web", b"\x1b[1mx") == b"web    | \x1b[1mx\n"
    assert LogText(prefixed=True, colour=True).line("web", b"x").count(b"\x1b[0m") == 2
