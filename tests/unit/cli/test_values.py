"""What a value looks like: never dangerous, never mistaken for another, never wider than asked."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dockerdecl.cli.render.values import line_difference, lines_of, one_line, shorten, shorten_pair
from dockerdecl.cli.render.visible import visible

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=6,
)
DANGEROUS = {"Cc", "Cs", "Zl", "Zp"}  # controls, halves of surrogate pairs, line and paragraph separators
TURNS_WRITING = {"RLE", "LRE", "RLO", "LRO", "PDF", "RLI", "LRI", "FSI", "PDI"}


def is_safe(text: str) -> bool:
    return not any(
        unicodedata.category(character) in DANGEROUS or unicodedata.bidirectional(character) in TURNS_WRITING
        for character in text
    )


@given(ANY_TEXT)
def test_no_text_acts_on_the_terminal(text: str) -> None:
    assert is_safe(visible(text))


@given(VALUES)
def test_a_value_is_one_safe_line(value: Any) -> None:
    assert is_safe(one_line(value))


@given(VALUES, VALUES)
def test_two_values_that_look_alike_are_the_same(one: Any, other: Any) -> None:
    if one_line(one) == one_line(other):
        assert (type(one), one) == (type(other), other)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("debug", "debug"),
        ("127.0.0.1:8080:80", "127.0.0.1:8080:80"),
        ("two words", "two words"),
        ("", '""'),
        (" padded", '" padded"'),
        ("8080", '"8080"'),
        ("1e+22", '"1e+22"'),
        ("True", '"True"'),
        ("null", '"null"'),
        ("[a]", '"[a]"'),
        ("(not set)", '"(not set)"'),
        ("a\nb", '"a\\nb"'),
        ("\x1b[31m", '"\\u001b[31m"'),
        (8080, "8080"),
        (True, "true"),
        (["a", 1], '["a", 1]'),
        ({"a": None}, '{"a": null}'),
    ],
)
def test_what_could_be_another_value_is_quoted(value: Any, shown: str) -> None:
    assert one_line(value) == shown


@given(ANY_TEXT, st.integers(min_value=0, max_value=80), st.sampled_from(["…", "..."]))
def test_a_cut_text_fits(text: str, width: int, ellipsis: str) -> None:
    text = visible(text)
    assert cell_len(shorten(text, width, ellipsis)) <= width
    if cell_len(text) <= width:
        assert shorten(text, width, ellipsis) == text


def test_a_cut_text_keeps_both_ends() -> None:
    assert shorten("registry.example.org/shop/web:1.4", 16, "…") == "registry…web:1.4"


@given(st.text("ab", max_size=200), st.text("ab", max_size=200), st.integers(min_value=16, max_value=60))
def test_a_cut_pair_still_differs(before: str, after: str, width: int) -> None:
    cut_before, cut_after = shorten_pair(before, after, width, "…")
    assert max(cell_len(cut_before), cell_len(cut_after)) <= width
    assert (cut_before == cut_after) == (before == after)


LINED = st.lists(st.sampled_from(["one", "two", "three", ""]), max_size=12)


@given(LINED, LINED)
def test_a_difference_of_lines_loses_none(before: list[str], after: list[str]) -> None:
    difference = list(line_difference(before, after))
    equal = sum(int(line.split()[0]) if sign == "@" else 1 for sign, line in difference if sign in " @")
    assert equal + sum(sign == "-" for sign, _ in difference) == len(before)
    assert equal + sum(sign == "+" for sign, _ in difference) == len(after)
    if before == after:
        assert {sign for sign, _ in difference} <= {" ", "@"}


def test_a_missing_line_feed_at_the_end_is_a_difference() -> None:
    assert list(line_difference("a\nb\n", "a\nb")) == [
        (" ", "a"),
        (" ", "b"),
        ("+", "(no line feed at the end)"),
    ]


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (None, []),
        ("word", ["word"]),
        ("a\n\tb\n", ["a", "\\tb"]),
        (["a", {"b": 1}], ["a", '{"b": 1}']),
        ({"a": "x", "b": [1]}, ["a: x", "b: [1]"]),
    ],
)
def test_a_value_has_lines_of_its_own_kind(value: Any, lines: list[str]) -> None:
    assert lines_of(value) == lines
