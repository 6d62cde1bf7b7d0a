"""Tables, and amounts in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dockerdecl.cli.render.marks import ASCII, UNICODE
from dockerdecl.cli.render.sizes import memory_words, percent_words, size_words
from dockerdecl.cli.render.tables import Cell, Column, table_lines

COLUMNS = (Column("NAME", shrinks=True), Column("STATE"), Column("SIZE", right=True), Column("IMAGE", shrinks=True))
ROWS = (
    ("shop-web", Cell("running", "green"), "12 MB", "registry.example.org:5000/shop/web:1.4"),
    ("shop-a-long-name-1", "up", "5 B", "bb"),
)


def lines(width: int | None) -> list[str]:
    return [line.plain for line in table_lines(COLUMNS, ROWS, width=width, glyphs=ASCII)]


def test_without_a_terminal_nothing_is_cut() -> None:
    assert lines(None) == [
        "NAME                STATE     SIZE  IMAGE",
        "shop-web            running  12 MB  registry.example.org:5000/shop/web:1.4",
        "shop-a-long-name-1  up         5 B  bb",
    ]


@pytest.mark.parametrize("width", [40, 50, 60, 70])
def test_a_table_fits_its_terminal(width: int) -> None:
    assert max(map(len, lines(width))) <= width
    assert all(line.startswith(("NAME", "shop")) for line in lines(width))


def test_what_can_not_shrink_stays_whole() -> None:
    assert all("running" in line or "running" not in ROWS[0] for line in lines(10)[1:2])


def test_what_a_terminal_would_act_on_is_shown_as_an_escape() -> None:
    (_, line) = table_lines(COLUMNS[:1], [("a\x1b[2Jb",)], width=None, glyphs=UNICODE)
    assert line.plain == "a\\u001b[2Jb"


@pytest.mark.parametrize(
    ("words", "size", "text"),
    [
        (size_words, None, "-"),
        (size_words, 0, "0 B"),
        (size_words, 999, "999 B"),
        (size_words, 1000, "1.0 kB"),
        (size_words, 12_345_678, "12.3 MB"),
        (size_words, 999_960_000, "1.0 GB"),
        (size_words, 234_000_000, "234 MB"),
        (memory_words, 1023, "1023 B"),
        (memory_words, 64 * 2**20, "64.0 MiB"),
        (memory_words, 3 * 2**39, "1.5 TiB"),
    ],
)
def test_amounts_are_written_as_people_say_them(
    words: Callable[[int | None], str], size: int | None, text: str
) -> None:
    assert words(size) == text


@pytest.mark.parametrize(("share", "text"), [(None, "-"), (0.0, "0.0%"), (99.94, "99.9%"), (104.2, "104%")])
def test_shares_are_written_in_per_cent(share: float | None, text: str) -> None:
    assert percent_words(share) == text
