"""Regular expressions: what they find is what Python's own find, and no pattern can make them slow."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerdecl.policy.regular import LONGEST_TEXT, compile_expression

_LETTERS = st.sampled_from(("a", "b", ".", "\\.", "[ab]", "[^a]", "[a-c.]", "\\d", "\\w", "\\S", "^", "$", "-"))


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeated = st.tuples(inner, st.sampled_from(("*", "+", "?", "{2}", "{1,3}", "{0,}", "*?"))).map(
        lambda pair: f"(?:{pair[0]}){pair[1]}"
    )
    return st.one_of(
        repeated,
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
    )


PATTERNS = st.recursive(_LETTERS, _joined, max_leaves=6)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(PATTERNS, st.text("ab.-1\u00e9", max_size=8))
def test_what_is_found_is_what_python_finds(pattern: str, text: str) -> None:
    assert compile_expression(pattern).found_in(text) is (re.search(pattern, text) is not None)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "a*a*a*a*a*a*a*a*b", "(.*)*(.*)*x", "(?:a?){50}b"])
def test_no_pattern_takes_long(pattern: str) -> None:
    """Each of these keeps a matcher that tries one way after the other busy for years."""
    began = time.process_time()
    assert not compile_expression(pattern).found_in("a" * LONGEST_TEXT + "!")
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("(a", "is not closed"),
        ("a)", "nothing is opened"),
        ("[a", "is not closed"),
        ("*a", "nothing that the `*` at character 1 repeats"),
        ("a|+", "nothing that the `+` at character 3 repeats"),
        ("[b-a]", "is no range of characters"),
        ("a{3,2}", "is no number of repetitions"),
        ("a{201}", "is no number of repetitions"),
        ("(?:(?:a{200}){200}){200}", "stands for too much"),
        ("a" * 501, "more than 500 characters"),
        ("(" * 60 + ")" * 60, "more than 50 groups"),
        ("(?=a)", "what looks ahead or back"),
        ("(a)\\1", "is not known here"),
        ("\\bword", "is not known here"),
        ("a\\", "is not known here"),
    ],
)
def test_what_can_not_be_matched_is_refused(pattern: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        compile_expression(pattern)
