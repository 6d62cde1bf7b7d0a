"""The grammar of variables, held against what Compose makes of the same texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.manifest.variables import Reference, Template, VariableSyntaxError, expand, parse_template

VALUES = {"FOO": "first", "BAR": "", "JSON": '{"json":2}'}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("foo", "foo"),
        ("$FOO", "first"),
        ("${FOO}", "first"),
        ("This ${FOO} var", "This first var"),
        ("$FOO-bar", "first-bar"),
        ("$FOO:-bar", "first:-bar"),
        ("${missing}", ""),
        ("$$FOO", "$FOO"),
        ("$${FOO}", "${FOO}"),
        ("$$$FOO", "$first"),
        ("a $ string", "a $ string"),
        ("^REGEX$", "^REGEX$"),
        ("$}", "$}"),
        ("$1", "$1"),
        ("${missing:-def}", "def"),
        ("${missing-def}", "def"),
        ("${BAR:-def}", "def"),
        ("${BAR-def}", ""),
        ("${FOO:-def}", "first"),
        ("${FOO-def}", "first"),
        ("${missing:-}", ""),
        ("${FOO:+other}", "other"),
        ("${FOO+other}", "other"),
        ("${BAR:+other}", ""),
        ("${BAR+other}", "other"),
        ("${missing+other}", ""),
        ("${missing:+other}", ""),
        ("${FOO:?needed}", "first"),
        ("${BAR?needed}", ""),
        ("${BAR:-/non:-alphanumeric}", "/non:-alphanumeric"),
        ("${missing-$FOO}", "first"),
        ("${missing-${FOO} ${FOO}}", "first first"),
        ("${BAR+$FOO ${FOO:+second}}", "first second"),
        ("${missing:-${BAR:-${other:-c}}}", "c"),
        ("${missing:-$$x}", "$x"),
        ('${missing:-{"a": {"b": 1}}}', '{"a": {"b": 1}}'),
        ("${JSON}", '{"json":2}'),
        ("+ok ${missing:-${BAR-defaultValue}}", "+ok "),
        (":?ok ${BAR:-defaultValue}", ":?ok defaultValue"),
        ("${FOO}${FOO}", "firstfirst"),
        ("}{$FOO}{", "}{first}{"),
    ],
)
def test_a_text_means_what_it_means_to_compose(text: str, meant: str) -> None:
    assert expand(parse_template(text), VALUES.get).text == meant


def test_a_value_is_not_looked_through_again() -> None:
    assert expand(parse_template("$A"), {"A": "${B} $$"}.get).text == "${B} $$"


@pytest.mark.parametrize(
    ("text", "unset", "missing"),
    [
        ("$A ${B}", ["A", "B"], []),
        ("${A:-x} ${A-x} ${A:+x} ${A+x}", [], []),
        ("${A:-$B}", ["B"], []),
        ("${FOO:-$B}", [], []),
        ("${A:+$A,}B", [], []),
        ("${A:?why} ${B?}", [], [("A", "why"), ("B", "")]),
        ("${BAR:?$FOO}", [], [("BAR", "first")]),
        ("${FOO?$B}", [], []),
    ],
)
def test_what_is_not_set_is_told_only_where_it_is_needed(
    text: str, unset: list[str], missing: list[tuple[str, str]]
) -> None:
    expansion = expand(parse_template(text), VALUES.get)
    assert [reference.name for reference in expansion.unset] == unset
    assert [(one.name, one.message) for one in expansion.missing] == missing


def test_the_names_that_were_asked_for_are_told() -> None:
    assert expand(parse_template("$A ${B:-$C} ${FOO:-$D}"), VALUES.get).names == {"A", "B", "C", "FOO"}


NAMES = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,5}\Z")
PLAIN = st.text(alphabet="ab -:?+$/", min_size=1, max_size=6)


def templates(inner: st.SearchStrategy[Template]) -> st.SearchStrategy[Template]:
    bare = st.builds(Reference, NAMES, st.just(""), st.just(()), st.just(0))
    braced = st.builds(Reference, NAMES, st.sampled_from([":-", "-", ":?", "?", ":+", "+"]), inner, st.just(0))
    return st.lists(PLAIN | bare | braced, max_size=4).map(tuple)


TEMPLATES = st.recursive(st.just(()), templates, max_leaves=8)


def written(template: Template) -> str:
    return "".join(
        part.replace("$", "$$") if isinstance(part, str) else f"${{{part.name}{part.operator}{written(part.word)}}}"
        for part in template
    )


def without_offsets(template: Template) -> Template:
    joined: list[str | Reference] = []
    for part in template:
        if isinstance(part, Reference):
            joined.append(Reference(part.name, part.operator, without_offsets(part.word), 0))
        elif joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


@given(TEMPLATES)
def test_what_is_written_is_read_back(template: Template) -> None:
    assert without_offsets(parse_template(written(template))) == without_offsets(template)


@given(st.text(alphabet="${}:-?+AB_1 x", max_size=40))
def test_any_text_is_cut_or_refused_at_a_dollar_sign(text: str) -> None:
    try:
        expand(parse_template(text), VALUES.get)
    except VariableSyntaxError as error:
        assert text[error.offset] == "$"
