"""Tags as versions: which tags follow which, as a table of what repositories have, and what holds for all tags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.resources.image.versions import Newer, newer_tags, version_of

NONE = Newer()
CASES: list[tuple[str, str, Newer]] = [
    # the levels
    ("1.4.2", "1.4.1 1.4.2 1.4.3 1.4.10 1.5.0 1.5.1 2.0.0 3.1.0", Newer("1.4.10", "1.5.1", "3.1.0")),
    ("1.4", "1.3 1.4 1.5 2.0 1.4.1 1.5.0 2", Newer(None, "1.5", "2.0")),
    ("12", "11 12 13 12.4 13-slim", Newer(None, None, "13")),
    ("1.2.3.4", "1.2.3.5 1.2.4.0 1.3.0.0 2.0.0.0", Newer("1.2.4.0", "1.3.0.0", "2.0.0.0")),
    ("0.9.0", "0.9.1 0.10.0 1.0.0", Newer("0.9.1", "0.10.0", "1.0.0")),
    ("22.04", "20.04 22.04 22.10 24.04", Newer(None, "22.10", "24.04")),
    # the form is kept
    ("1.4-alpine", "1.5 1.5-alpine 1.6-slim 1.5-alpine3.19 2.0-alpine", Newer(None, "1.5-alpine", "2.0-alpine")),
    ("3.18-alpine3.18", "3.19-alpine3.18 3.19-alpine3.19", Newer(None, "3.19-alpine3.18", None)),
    ("v1.2.3", "1.2.4 v1.2.4 V1.2.5", Newer("v1.2.4", None, None)),
    ("php8.2-fpm", "php8.3-fpm 8.4", NONE),
    ("release-1.2", "release-1.3 1.4 stable-1.5", Newer(None, "release-1.3", None)),
    ("26.1.0.Final", "26.1.1.Final 27.0.0.Final 28.0.0", Newer("26.1.1.Final", None, "27.0.0.Final")),
    ("1.2.3-dev", "1.2.4 1.2.4-dev", Newer("1.2.4-dev", None, None)),
    # pre-releases
    ("1.4.2", "1.4.3-rc1 1.5.0-beta.2 2.0.0-alpha 2.0.0a1 1.5.0rc2", NONE),
    ("2.0.0-rc1", "2.0.0-beta9 2.0.0-rc2 2.0.1-rc1", Newer("2.0.1-rc1", None, None)),
    ("2.0.0-rc1", "2.0.0-rc2 2.0.0 2.1.0-alpha1", Newer("2.0.0", "2.1.0-alpha1", None)),
    ("2.0.0-rc.9", "2.0.0-rc.10", Newer("2.0.0-rc.10", None, None)),
    ("3.13.0b1-slim", "3.13.0b2 3.13.0rc1-slim 3.12.9-slim", Newer("3.13.0rc1-slim", None, None)),
    ("3.13-rc-alpine", "3.13-alpine 3.14-rc-alpine", Newer("3.13-alpine", "3.14-rc-alpine", None)),
    # revisions
    ("1.2.3-r4", "1.2.3-r5 1.2.3-r10 1.2.4-r0 1.2.4", Newer("1.2.4-r0", None, None)),
    ("16.1.0-debian-11-r9", "16.1.0-debian-11-r15 16.2.0-debian-12-r0", Newer("16.1.0-debian-11-r15", None, None)),
    ("1.2.3-1", "1.2.3-2 1.2.3", Newer("1.2.3-2", None, None)),
    ("12.4-20240110", "12.4-20240211 12.5-20240110 12.6", Newer("12.4-20240211", "12.5-20240110", None)),
    # dates
    ("20240115", "20231231 20240116 20240201 20250101 20250101-slim 99", Newer("20240116", "20240201", "20250101")),
    ("2024.01.15", "2024.01.31 2024-02-01 2024.2.1", Newer("2024.01.31", None, None)),
    ("bookworm-20240110", "bookworm-20240612 trixie-20250101", Newer(None, "bookworm-20240612", None)),
    ("2024-01-15-slim", "2024-01-16 2024-01-17-slim", Newer("2024-01-17-slim", None, None)),
    (
        "RELEASE.2024-01-16T16-07-38Z",
        "RELEASE.2024-01-16T17-00-00Z RELEASE.2024-01-18T22-51-28Z RELEASE.2025-01-01T00-00-00Z.fips",
        Newer("RELEASE.2024-01-18T22-51-28Z", None, None),
    ),
    ("2024.1.3", "2024.1.4 2024.10.0 2025.1.0", Newer("2024.1.4", "2024.10.0", "2025.1.0")),
    # another scheme
    ("3", "4 20240110 1234567 3f2a9c", Newer(None, None, "4")),
    ("3.18", "2019.03 3.19 123456.1", Newer(None, "3.19", None)),
    # no versions
    ("latest", "latest 1.0 stable", NONE),
    ("alpine", "alpine3.19 1.0", NONE),
    ("sha-3f2a9c1", "sha-4a2b 1.0", NONE),
]


@pytest.mark.parametrize(("tag", "tags", "expected"), CASES, ids=[tag for tag, _, _ in CASES])
def test_newer_tags(tag: str, tags: str, expected: Newer) -> None:
    assert newer_tags(tag, tags.split()) == expected


NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
SUFFIXES = st.sampled_from(("", "-alpine", "-rc1", "-beta.2", "-rc1-slim", "-r3", "-alpine3.19", ".Final", "_1"))
TAGS = st.one_of(
    st.builds("{}{}{}".format, st.sampled_from(("", "v", "release-")), NUMBERS, SUFFIXES),
    st.dates().map(lambda day: day.strftime("%Y%m%d")),
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True),
)


@given(TAGS, st.lists(TAGS, max_size=12), st.randoms())
def test_what_holds_for_all_tags(tag: str, tags: list[str], chance: object) -> None:
    found = newer_tags(tag, tags)
    assert newer_tags(tag, [*reversed(tags), tag, *tags]) == found
    current = version_of(tag)
    for level in ("patch", "minor", "major"):
        newest = getattr(found, level)
        if newest is None:
            continue
        version = version_of(newest)
        assert newest in tags and current is not None and version is not None
        assert version > current and version.form == current.form
        assert version.is_release or not current.is_release
        assert level != "patch" or newer_tags(newest, tags).patch is None


@given(st.lists(st.integers(0, 20), min_size=3, max_size=3), st.lists(st.integers(0, 20), min_size=3, max_size=3))
def test_versions_are_in_the_order_of_their_numbers(one: list[int], two: list[int]) -> None:
    tag, other = (".".join(map(str, numbers)) for numbers in (one, two))
    assert (newer_tags(tag, [other]) != NONE) == (two > one)
