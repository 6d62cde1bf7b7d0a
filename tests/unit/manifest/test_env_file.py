"""Env files, held against what Compose makes of the same texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.manifest.env_file import EnvFile, parse_env_file
from dockerdecl.manifest.texts import SourceText


def read(text: str, outer: dict[str, str] | None = None, earlier: dict[str, str] | None = None) -> EnvFile:
    source = SourceText(".env", Path("/.env"), text, "", shown=False)
    return parse_env_file(source, (outer or {}).get, earlier or {})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("\r\n\t\t \n# comment\n\t # comment", {}),
        ("FOO=bar", {"FOO": "bar"}),
        ("FOO =bar", {"FOO": "bar"}),
        ("FOO= bar", {"FOO": "bar"}),
        ("FOO=", {"FOO": ""}),
        ("FOO=\nBAR=x\r\n", {"FOO": "", "BAR": "x"}),
        ('FOO="bar"', {"FOO": "bar"}),
        ("FOO='bar'", {"FOO": "bar"}),
        (r'FOO="escaped\"bar"', {"FOO": 'escaped"bar'}),
        (r"FOO='it\'s'", {"FOO": "it's"}),
        ("FOO=\"'d'\"", {"FOO": "'d'"}),
        ("OPTION_A: Foo=bar", {"OPTION_A": "Foo=bar"}),
        ("OPTION_A=1:B", {"OPTION_A": "1:B"}),
        ("export OPTION_A=2", {"OPTION_A": "2"}),
        ("\texport\tOPTION_A=2", {"OPTION_A": "2"}),
        ("exportFOO=2", {"exportFOO": "2"}),
        (r"export OPTION_B='\n'", {"OPTION_B": r"\n"}),
        (r'FOO="bar\nbaz"', {"FOO": "bar\nbaz"}),
        (r"FOO=a\tb", {"FOO": r"a\tb"}),
        (r'KEY="Z\aZ\bZ\fZ\nZ\rZ\tZ\vZ\\Z\0123Z"', {"KEY": "Z\aZ\bZ\fZ\nZ\rZ\tZ\vZ\\ZSZ"}),
        (r'KEY="\x07\u12e4"', {"KEY": r"\x07\u12e4"}),
        (r'FOO="bar\\\n\ b\az"', {"FOO": "bar\\\n\\ b\az"}),
        ("FOO.BAR=foobar", {"FOO.BAR": "foobar"}),
        ("a[1]=c", {"a[1]": "c"}),
        ("FOO=foobar=", {"FOO": "foobar="}),
        ("FOO=bar ", {"FOO": "bar"}),
        ("FOO=bar # this is foo", {"FOO": "bar"}),
        ("FOO=bar #", {"FOO": "bar"}),
        ("FOO= # nothing", {"FOO": ""}),
        ("FOO=123#not-an-inline-comment", {"FOO": "123#not-an-inline-comment"}),
        ("FOO=#1", {"FOO": "#1"}),
        ('FOO="bar#baz" # comment', {"FOO": "bar#baz"}),
        ('FOO="bar#baz"#', {"FOO": "bar#baz"}),
        ('KEY="one\ntwo # three\n" # four\nNEXT=1', {"KEY": "one\ntwo # three\n", "NEXT": "1"}),
        ("FOO=test\nBAR=$FOO", {"FOO": "test", "BAR": "test"}),
        ("FOO=test\nBAR=${FOO}bar", {"FOO": "test", "BAR": "testbar"}),
        ('FOO=test\nBAR="quote $FOO"', {"FOO": "test", "BAR": "quote test"}),
        ("BAR='quote $FOO'", {"BAR": "quote $FOO"}),
        ('FOO=test\nBAR="foo\\${FOO} ${FOO}"', {"FOO": "test", "BAR": "foo${FOO} test"}),
        ("FOO=pa$$word", {"FOO": "pa$word"}),
        ("BAR=${FOO:-x y}", {"BAR": "x y"}),
        ("A=1\nA=2\nB=$A", {"A": "2", "B": "2"}),
    ],
)
def test_a_file_means_what_it_means_to_compose(text: str, values: dict[str, str]) -> None:
    file = read(text)
    assert file.problems == []
    assert file.values == values


def test_a_name_alone_is_taken_over_where_it_is_set() -> None:
    assert read("A\nB\nC=1\nA", outer={"A": "x"}).values == {"A": "x", "C": "1"}


def test_a_name_means_the_environment_then_this_file_then_earlier_ones() -> None:
    text = "A=file\nB=file\nALL=$A $B $C"
    file = read(text, outer={"A": "outer"}, earlier={"A": "earlier", "B": "earlier", "C": "earlier"})
    assert file.values["ALL"] == "outer file earlier"


def test_a_name_that_is_not_set_is_a_warning_with_its_place() -> None:
    file = read('A=1\nB="\\t$NOPE"\n')
    assert file.values["B"] == "\t"
    assert [(one.code, str(one.where)) for one in file.warnings] == [("variable-unset", ".env:2:6")]


@given(st.text(alphabet="AB=:'\"\\n$ {}#\n\r\texport", max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    file = read(text)
    assert all(problem.where and problem.line is None for problem in file.problems)


@given(st.dictionaries(st.from_regex(r"\A[A-Z_]{1,5}\Z"), st.text(alphabet="ab'\"\\$#\n =é"), max_size=4))
def test_quoted_values_are_read_back(values: dict[str, str]) -> None:
    escaped = {
        name: value.replace("\\", r"\\").replace('"', r"\"").replace("$", r"\$") for name, value in values.items()
    }
    assert read("\n".join(f'{name}="{value}"' for name, value in escaped.items())).values == values
