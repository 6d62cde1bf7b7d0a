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
    assert expired_tags(tag, declared, held, keep) == gone
