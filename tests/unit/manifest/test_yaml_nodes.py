"""Text to nodes: what is written is what is meant, and every node knows its place."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.errors import DockerdeclError, Where
from dockerdecl.manifest import yaml_nodes
from dockerdecl.manifest.nodes import Mapping, Positions, Scalar, Sequence, Tag, to_plain
from dockerdecl.manifest.yaml_limits import MAX_FILE_BYTES
from dockerdecl.manifest.yaml_nodes import parse

TEXT = """\
x-common: &common
  restart: always
  labels: {a: b}
containers:
  web:
    <<: *common
    restart: "no"
    ports:
      - 22:22
      - "80"
    tty:
"""


def plain(text: str) -> Any:
    return to_plain(parse(text.encode(), "f"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", "true"),
        ("010", "010"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("1e3", "1e3"),
        ("1.10", "1.10"),
        ("1_000", "1_000"),
        ("22:22", "22:22"),
        ("2024-01-31", "2024-01-31"),
        (".inf", ".inf"),
        ("=", "="),
        ("NULL", "NULL"),
        ("'null'", "null"),
        ('"~"', "~"),
        ("''", ""),
        ("null", None),
        ("~", None),
        ("", None),
        ("!reset", None),
    ],
)
def test_a_value_means_the_text_that_is_written(written: str, meant: str | None) -> None:
    assert plain(f"a: {written}\n") == {"a": meant}


@pytest.mark.parametrize("key", ["no", "8080", "22:22", "1.5", "<", "true"])
def test_a_key_means_the_text_that_is_written(key: str) -> None:
    assert plain(f"{key}: x\n") == {key: "x"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\n", {"p": "1", "q": "3"}),
        ("a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}\n", {"p": "1", "q": "3"}),
        ("a: &x {p: 1}\ny: &y {p: 2, r: 4}\nb: {<<: [*x, *y]}\n", {"p": "1", "r": "4"}),
        ("a: &x {p: 1}\nm: &m {<<: *x, s: 5}\nb: {<<: *m}\n", {"p": "1", "s": "5"}),
        ("b: {<<: {p: 1}}\n", {"p": "1"}),
        ("b: {'<<': {p: 1}}\n", {"<<": {"p": "1"}}),
    ],
)
def test_merge_keys_bring_in_what_the_mapping_does_not_say_itself(text: str, meant: object) -> None:
    assert plain(text)["b"] == meant


def test_tags_of_overlays_are_kept() -> None:
    root = parse(b"a: !reset null\nb: !override [1]\nc: !override {d: e}\nf: g\n", "f")
    assert isinstance(root, Mapping)
    assert [entry.value.tag for entry in root.entries] == [Tag.RESET, Tag.OVERRIDE, Tag.OVERRIDE, None]


def test_quotes_are_remembered() -> None:
    assert parse(b"[a, 'a', \"a\", ~]", "f") == Sequence(
        (
            Scalar("a", plain=True, where=Where("f", 1, 2)),
            Scalar("a", plain=False, where=Where("f", 1, 5)),
            Scalar("a", plain=False, where=Where("f", 1, 10)),
            Scalar(None, plain=True, where=Where("f", 1, 15)),
        ),
        Where("f", 1, 1),
    )


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), (1, 1), (1, 1)),
        (("containers",), (5, 3), (4, 1)),
        (("containers", "web", "restart"), (7, 14), (7, 5)),
        (("containers", "web", "labels", "a"), (3, 15), (3, 12)),
        (("containers", "web", "ports", 0), (9, 9), (9, 9)),
        (("containers", "web", "ports", 1), (10, 9), (10, 9)),
        (("containers", "web", "ports", 1, "target"), (10, 9), (10, 9)),
        (("containers", "web", "ports", 2), (9, 7), (8, 5)),
        (("containers", "web", "missing", "below"), (6, 5), (5, 3)),
        (("missing",), (1, 1), (1, 1)),
    ],
)
def test_a_path_leads_to_the_place_where_it_was_written(
    path: tuple[str | int, ...], value: tuple[int, int], key: tuple[int, int]
) -> None:
    positions = Positions(parse(TEXT.encode(), "f"))
    assert positions.value(path) == Where("f", *value)
    assert positions.key(path) == Where("f", *key)


def test_only_what_was_written_is_found() -> None:
    positions = Positions(parse(TEXT.encode(), "f"))
    assert to_plain(positions.node(("containers", "web", "ports", 0)) or pytest.fail()) == "22:22"
    assert positions.node(("containers", "web", "ports", 2)) is None
    assert positions.node(("containers", "db")) is None


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse(b"\xef\xbb\xbfa: b", "f") == parse(b"a: b", "f")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_the_editor_of_the_user_ends_them(end: str) -> None:
    root = parse(TEXT.replace("\n", end).encode(), "f")
    assert root == parse(TEXT.encode(), "f")


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(DockerdeclError) as raised:
        parse(b"#" * (MAX_FILE_BYTES + 1), "f")
    assert raised.value.code == "file-too-large"


def test_many_small_aliases_are_no_bomb() -> None:
    text = "a: &a [x, y, z]\n" + "".join(f"k{number}: *a\n" for number in range(1000))
    assert len(plain(text)) == 1001


def test_a_thousand_containers_have_no_aliases_to_count() -> None:
    assert len(plain("".join(f"k{number}: [a, b, c, d]\n" for number in range(30_000)))) == 30_000


def test_nesting_through_aliases_counts_as_nesting() -> None:
    deep = "[" * 20 + "x" + "]" * 20
    lines = [f"a: &a {deep}", "b: &b " + deep.replace("x", "*a"), "c: " + deep.replace("x", "*b")]
    with pytest.raises(DockerdeclError) as raised:
        plain("\n".join(lines))
    assert raised.value.code == "nesting-too-deep"
    assert raised.value.problems[0].where == Where("f", 3, 24)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000])
def test_nesting_without_end_is_refused_early(text: str) -> None:
    with pytest.raises(DockerdeclError) as raised:
        plain(text)
    assert raised.value.code == "nesting-too-deep"


@pytest.mark.parametrize("text", [TEXT, "a: !reset\nb: |\n  x\n  y\nc: 'it''s'\n? d\n: e\n"])
def test_the_parser_without_libyaml_finds_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = parse(text.encode(), "f")
    monkeypatch.setattr(yaml_nodes, "_LOADER", yaml.SafeLoader)
    assert to_plain(parse(text.encode(), "f")) == to_plain(fast)


# The emitter writes YAML's own line ends unescaped, so that they would come back as spaces.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"))
TREES = st.recursive(
    st.none() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(TREES, st.booleans(), st.booleans())
def test_what_is_dumped_is_read_back(tree: Any, flow: bool, wide: bool) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=wide, sort_keys=False)
    assert to_plain(parse(text.encode(), "f")) == tree


@given(st.text(alphabet=st.sampled_from("ab:- \n\t[]{},&*!|>'\"#?%@`<\\~$xé\x85\0"), max_size=60))
def test_any_text_is_read_or_refused_with_places_in_it(text: str) -> None:
    try:
        parse(text.encode(), "f")
    except DockerdeclError as error:
        for problem in error.problems:
            assert problem.where is not None
            assert problem.line is not None
            assert 1 <= problem.where.column <= len(problem.line) + 1


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        parse(data, "f")
    except DockerdeclError as error:
        assert error.problems
