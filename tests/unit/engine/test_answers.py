"""What an engine's answers tell beside their bodies."""

from __future__ import annotations

import pytest

from dockerdecl.engine.answers import Answer
from dockerdecl.errors import DockerdeclError, fail


def dated(date: str) -> Answer:
    return Answer("GET /x", 200, {"date": date}, b"", lambda error: fail("bug", str(error)))


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Thu, 01 Jan 1970 00:00:01 GMT", 1),
        ("Tue, 29 Feb 2028 23:59:59 GMT", 1835481599),
        ("Sat, 26 Dec 2026 08:01:02 GMT", 1798272062),
    ],
)
def test_an_answer_tells_the_engines_time(date: str, seconds: int) -> None:
    assert dated(date).clock() == seconds


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 01 Foo 1970 00:00:01 GMT"])
def test_an_answer_without_a_time_is_none_of_an_engine(date: str) -> None:
    with pytest.raises(DockerdeclError, match="not what the Docker Engine API says"):
        dated(date).clock()
