"""Which container a word of the command line means."""

from __future__ import annotations

import pytest

from dockerdecl.errors import DockerdeclError
from dockerdecl.operations.found import FoundContainer, choose, choose_one
from dockerdecl.resources.address import parse_address


def container(identity: str, name: str, project: str | None = None, address: str = "") -> FoundContainer:
    return FoundContainer(
        identity * 16,
        name,
        "running",
        "busybox:1",
        project=project,
        address=parse_address(address) if address else None,
    )


FOUND = (
    container("aaaa", "shop-web", "shop", "container.web"),
    container("bbbb", "shop-worker-2", "shop", "container.worker[2]"),
    container("abab", "shop-worker-1", "shop", "container.worker[1]"),
    container("cccc", "blog-web", "blog", "container.web"),
    container("ccdd", "by-hand"),
)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), ["shop-web", "shop-worker-1", "shop-worker-2"]),
        (("container.web",), ["shop-web"]),
        (("web",), ["shop-web"]),
        (("worker",), ["shop-worker-1", "shop-worker-2"]),
        (("worker[2]", "container.worker"), ["shop-worker-2", "shop-worker-1"]),
        (("blog-web",), ["blog-web"]),
        (("by-hand", "shop-web", "web"), ["by-hand", "shop-web"]),
        (("ccdd",), ["by-hand"]),
        (("aaaa" * 16,), ["shop-web"]),
    ],
)
def test_a_word_means_an_address_a_key_a_name_or_an_id(words: tuple[str, ...], names: list[str]) -> None:
    assert [one.name for one in choose(FOUND, words, "shop")] == names


@pytest.mark.parametrize(
    ("word", "project", "code", "hint"),
    [
        ("wbe", "shop", "container-unknown", "did you mean web"),
        ("cellar", "shop", "container-unknown", "there are web, worker[1], worker[2]"),
        ("worker[3]", "shop", "container-unknown", "did you mean"),
        ("container.blog", "shop", "container-unknown", "did you mean"),
        ("cc", "shop", "container-unknown", "there are"),
        ("volume.web", "shop", "container-needed", "write container.KEY"),
        ("container.web", None, "project-needed", "-p"),
        ("cellar", None, "container-unknown", "dockerdecl ps -a"),
    ],
)
def test_a_word_that_means_none_gets_a_hint(word: str, project: str | None, code: str, hint: str) -> None:
    with pytest.raises(DockerdeclError) as raised:
        choose(FOUND, (word,), project)
    assert raised.value.code == code
    assert hint in (raised.value.problems[0].hint or "")


def test_an_id_that_begins_several_is_ambiguous() -> None:
    both = (container("abcd", "one"), container("abcd", "two"))
    with pytest.raises(DockerdeclError, match="2 containers have an id"):
        choose(both, ("abcd",), None)


def test_every_wrong_word_is_told_at_once() -> None:
    with pytest.raises(DockerdeclError) as raised:
        choose(FOUND, ("wbe", "web", "cellar"), "shop")
    assert len(raised.value.problems) == 2


@pytest.mark.parametrize(("word", "hint"), [("blog-web", "-p blog"), ("by-hand", "adopt it")])
def test_what_belongs_to_others_is_left_alone(word: str, hint: str) -> None:
    with pytest.raises(DockerdeclError) as raised:
        choose(FOUND, (word,), "shop", own=True)
    assert raised.value.code == "not-ours"
    assert hint in (raised.value.problems[0].hint or "")


def test_where_one_is_needed_replicas_are_named() -> None:
    with pytest.raises(DockerdeclError) as raised:
        choose_one(FOUND, "worker", "shop")
    assert raised.value.code == "container-ambiguous"
    assert "container.worker[1], container.worker[2]" in (raised.value.problems[0].hint or "")
