from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.errors import DockerdeclError, ExitCode
from dockerdecl.manifest.dockerfile import base_references
from dockerdecl.manifest.dockerfile_words import expand, split_words

BASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "one base": ("FROM nginx:1\n", ("nginx:1",)),
    "no newline at the end": ("FROM nginx:1", ("nginx:1",)),
    "any case and indentation": ("  from nginx:1 as Web\nFROM web", ("nginx:1",)),
    "windows line ends and a byte order mark": ("\ufeffFROM nginx:1\r\nRUN a\r\n", ("nginx:1",)),
    "scratch is no image": ("FROM scratch\nADD root.tar /", ()),
    "a platform is not the base": ("FROM --platform=linux/amd64 nginx", ("nginx",)),
    "a platform from an argument": ("FROM --platform=$BUILDPLATFORM nginx AS x", ("nginx",)),
    "the same base twice": ("FROM a AS x\nFROM a\nCOPY --from=x / /", ("a",)),
    "an earlier stage": ("FROM golang:1 AS build\nFROM build AS more\nFROM more", ("golang:1",)),
    "a stage is only known after it": ("FROM later\nFROM a AS later", ("a",)),
    "a stage may have the name of its base": ("FROM web AS web\nFROM web", ("web",)),
    "a stage that is not needed": ("FROM unused AS x\nFROM used", ("used",)),
    "copied from a stage": ("FROM golang AS build\nFROM alpine\nCOPY --from=build /a /b", ("alpine", "golang")),
    "copied from a stage by number": ("FROM golang\nFROM alpine\nCOPY --chown=1 --from=0 /a /b", ("alpine", "golang")),
    "copied from an image": ("FROM alpine\nCOPY --from=busybox:1 /bin /bin", ("alpine", "busybox:1")),
    "from within the arguments is none": ("FROM alpine\nCOPY a --from=busybox /b", ("alpine",)),
    "before the first stage": ("# FROM no\n\nARG V=1\n# more\nFROM a:$V", ("a:1",)),
    "continued lines": ("FROM \\\n  nginx:1 \\\n  AS web\n", ("nginx:1",)),
    "continued over comments and empty lines": ("FROM \\\n# a comment\n\n  nginx\n", ("nginx",)),
    "an escaped escape does not continue": ("FROM a\nRUN x \\\\\nFROM b", ("b",)),
    "spaces behind the escape continue": ("FROM a\nRUN x \\  \nFROM b", ("a",)),
    "the escape directive": ("# escape=`\nFROM `\n nginx\nRUN dir c:\\\nFROM b", ("b",)),
    "directives in any order and case": ("#syntax=docker/dockerfile:1\n# ESCAPE = `\nFROM `\n nginx", ("nginx",)),
    "no directive after a comment": ("# hello\n# escape=`\nFROM \\\n nginx", ("nginx",)),
    "no directive after an empty line": ("\n# escape=`\nFROM \\\n nginx", ("nginx",)),
    "a heredoc": ("FROM a\nRUN <<EOF\nFROM b\nEOF\nUSER x", ("a",)),
    "two heredocs": ("FROM a\nCOPY <<A <<-'B' /\nFROM b\nA\nFROM c\n\tB\nUSER x", ("a",)),
    "a quoted heredoc": ('FROM a\nRUN cat <<"EOF"\nFROM b\\\nEOF\nFROM c', ("c",)),
    "a heredoc behind ONBUILD": ("FROM a\nONBUILD RUN <<EOF\nFROM b\nEOF", ("a",)),
    "shifts are no heredocs": ('FROM a\nRUN echo $((1 << 3)) "<<EOF" a<<EOF\nFROM b', ("b",)),
    "other instructions have no heredocs": ("FROM a\nLABEL x=y <<EOF\nFROM b", ("b",)),
    "a default": ("ARG V=1.2\nFROM nginx:${V}", ("nginx:1.2",)),
    "a default made of another": ("ARG V=1\nARG TAG=v${V}-x\nFROM nginx:$TAG", ("nginx:v1-x",)),
    "several in one line": ("ARG A=a B='b' C=\"$A-c\"\nFROM $A/$B:$C", ("a/b:a-c",)),
    "a colon default": ("ARG V\nFROM nginx:${V:-1}", ("nginx:1",)),
    "nested defaults": ("FROM nginx:${V:-${W:-1}}", ("nginx:1",)),
    "a plus": ("ARG V=1\nFROM nginx${V:+:slim}${W:+-no}", ("nginx:slim",)),
    "a stage's own arguments do not count": ("FROM a AS x\nARG V=2\nFROM b${V:+no}", ("b",)),
    "quotes are undone": ('FROM "nginx:1"', ("nginx:1",)),
}


@pytest.mark.parametrize("name", BASES)
def test_the_external_images_of_the_last_stage_are_found(name: str) -> None:
    text, bases = BASES[name]
    assert base_references(text) == bases


@pytest.mark.parametrize(
    ("text", "build_args", "bases"),
    [
        ("ARG V=1\nFROM nginx:$V", {"V": "2"}, ("nginx:2",)),
        ("ARG V\nFROM nginx:$V", {"V": "2"}, ("nginx:2",)),
        ("FROM nginx:${V:-1}", {"V": "2"}, ("nginx:1",)),
        ("ARG V=1\nARG W=${V}a\nFROM nginx:$W", {"V": "2"}, ("nginx:2a",)),
        ("ARG BASE=a\nFROM $BASE AS x\nFROM $BASE", {"BASE": "x"}, ("x",)),
    ],
)
def test_build_arguments_replace_declared_ones_only(
    text: str, build_args: dict[str, str], bases: tuple[str, ...]
) -> None:
    assert base_references(text, build_args=build_args) == bases


STAGES = "FROM a AS One\nFROM b AS two\nCOPY --from=one / /\nFROM c\nFROM d AS four\nCOPY --from=2 / /\n"


@pytest.mark.parametrize(
    ("target", "bases"),
    [("one", ("a",)), ("TWO", ("b", "a")), ("2", ("c",)), ("four", ("d", "c")), (None, ("d", "c"))],
)
def test_only_what_the_target_needs_counts(target: str | None, bases: tuple[str, ...]) -> None:
    assert base_references(STAGES, target=target) == bases


@pytest.mark.parametrize(
    ("text", "target", "code", "line", "words"),
    [
        ("", None, "dockerfile-without-from", None, "no `FROM`"),
        ("# only\nARG A=1", None, "dockerfile-without-from", None, "no `FROM`"),
        (STAGES, "three", "dockerfile-target-unknown", None, "stages: one, two, four"),
        ("FROM a", "9", "dockerfile-target-unknown", None, "none of them has a name"),
        ("\nFROM a b", None, "dockerfile-from-invalid", 2, "FROM image AS name"),
        ("FROM", None, "dockerfile-from-invalid", 1, "FROM image"),
        ("ARG V\n\nFROM $V", None, "dockerfile-base-empty", 3, "comes out empty"),
        ("FROM ${V:?which}", None, "dockerfile-variable-invalid", 1, "`V` is not set: which"),
        ("FROM a:${V#x}", None, "dockerfile-variable-invalid", 1, "`-`, `+` and `?`"),
        ("FROM a:${V", None, "dockerfile-variable-invalid", 1, "not understood"),
        ("FROM a:${}", None, "dockerfile-variable-invalid", 1, "without a name"),
        ("ARG V='x\nFROM a", None, "dockerfile-variable-invalid", 1, "lacks a closing"),
        ("FROM a\nCOPY --from=$V a b", None, "dockerfile-from-invalid", 2, "takes no variables"),
        ("FROM a\nCOPY --from=0 a b", None, "dockerfile-from-invalid", 2, "no stage 0 before"),
        ("FROM a\nRUN <<EOF\nx", None, "dockerfile-heredoc-open", 2, "`EOF` has no end"),
        ("# escape=/\nFROM a", None, "dockerfile-escape-invalid", 1, "can't be the escape"),
    ],
)
def test_what_is_wrong_is_shown_at_its_line(
    text: str, target: str | None, code: str, line: int | None, words: str
) -> None:
    with pytest.raises(DockerdeclError) as caught:
        base_references(text, target=target, file="web/Dockerfile")
    problem = caught.value.problems[0]
    assert (problem.code, caught.value.exit_code) == (code, ExitCode.INVALID)
    assert words in f"{problem.message} {problem.hint}"
    if line is None:
        assert "web/Dockerfile" in problem.message
    else:
        assert problem.where is not None
        assert (problem.where.file, problem.where.line) == ("web/Dockerfile", line)
        assert problem.line == text.split("\n")[line - 1]


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$A${A}", "11"),
        ("'$A'", "$A"),
        ('"$A"', "1"),
        (r"\$A", "$A"),
        (r'"\$A\x"', r"$A\x"),
        ("$", "$"),
        ("a$-b", "a$-b"),
        ("${E-x}", ""),
        ("${E:-x}", "x"),
        ("${E+x}", "x"),
        ("${E:+x}", ""),
        ("${N-'a b'}", "a b"),
        ("${A?x}", "1"),
        ("${N:-a${N:-b}c}d", "abcd"),
    ],
)
def test_words_expand_as_in_the_builder(text: str, expanded: str) -> None:
    assert expand(text, {"A": "1", "E": ""}) == expanded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a  b\tc", ("a", "b", "c")),
        ("a='b c' d", ("a='b c'", "d")),
        (r'a="b \" c" d', (r'a="b \" c"', "d")),
        (r"a\ b c", (r"a\ b", "c")),
        ("", ()),
    ],
)
def test_words_are_parted_outside_of_quotes(text: str, words: tuple[str, ...]) -> None:
    assert split_words(text) == words


@given(st.text("ABF ROM\n\\${}:-+?'\"<#=`", max_size=60))
def test_any_text_gives_bases_or_an_error_that_a_user_can_read(text: str) -> None:
    try:
        assert all(base_references("FROM a\n" + text))
    except DockerdeclError as error:
        assert error.code.startswith("dockerfile-")
