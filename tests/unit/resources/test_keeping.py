"""Which tags a rule lets go."""

from __future__ import annotations

import pytest

from dockerdecl.resources.image.keeping import expired_tags

ONE_EACH = {tag: f"sha256:{tag}" for tag in ("1.9", "1.10", "1.8", "2.0", "1.9.1", "1.9-alpine", "latest", "main")}


@pytest.mark.parametrize(
    ("tag", "declared", "held", "keep", "gone"),
    [
        ("2.0", {"2.0"}, ONE_EACH, 1, ("1.8", "1.9", "1.10")),
        ("2.0", {"2.0"}, ONE_EACH, 3, ("1.8",)),
        ("2.0", {"2.0"}, ONE_EACH, 9, ()),
        ("1.8", {"1.8"}, ONE_EACH, 2, ("1.9",)),
        ("1.9-alpine", {"1.9-alpine"}, ONE_EACH, 1, ()),
        ("2.0", {"2.0"}, {**ONE_EACH, "1.8": "sha256:2.0"}, 1, ("1.9", "1.10")),
        ("2.0", {"2.0"}, {**ONE_EACH, "1.8": "sha256:latest"}, 1, ("1.9", "1.10")),
        ("2.0", {"2.0"}, {**ONE_EACH, "1.8": "sha256:1.9"}, 1, ("1.8", "1.9", "1.10")),
        ("3.0", {"3.0"}, {}, 1, ()),
    ],
)
def test_the_newest_of_a_form_stay_and_what_is_declared_and_what_means_the_same(
    tag: str, declared: set[str], held: dict[str, str], keep: int, gone: tuple[str, ...]
) -> None:
    assert expired_tags([(tag, keep)], held, declared=declared) == gone


def held(*tags: str) -> dict[str, str]:
    return {tag: f"sha256:{tag}" for tag in tags}


def test_neither_pre_releases_nor_other_schemes_push_a_release_out() -> None:
    tags = held("1.8", "1.9", "1.10", "2.0-rc1", "2.0-rc2", "2019.1", "48213.1")
    assert expired_tags([("1.9", 2)], tags, declared=["1.9"]) == ("1.8",)


def test_what_any_rule_keeps_stays() -> None:
    tags = held("1.7", "1.8", "1.9", "1.10", "1.11")
    assert expired_tags([("1.11", 1), ("1.11", 4)], tags) == ("1.7",)


def test_a_digest_that_is_pinned_stays() -> None:
    assert expired_tags([("1.9", 1)], held("1.7", "1.8", "1.9"), pinned=["sha256:1.7"]) == ("1.8",)
