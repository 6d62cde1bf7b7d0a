"""Which images are a project's, what it holds on disk, and what would be free."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dockerdecl.cli.render.disk_text import disk_lines, images_lines
from dockerdecl.cli.render.marks import UNICODE
from dockerdecl.operations.disk import Declared, disk_document, images_document
from dockerdecl.operations.found import FoundContainer
from dockerdecl.resources.address import Address, Kind

WEB = Address(Kind.CONTAINER, "web")
CONTAINERS = (
    FoundContainer("c1", "shop-web", "running", "web:1", project="shop", address=WEB, raw={"ImageID": "sha256:a"}),
    FoundContainer("c2", "by-hand", "running", "tool:1", raw={"ImageID": "sha256:b"}),
)
IMAGES: list[dict[str, Any]] = [
    {"Id": "sha256:a", "RepoTags": ["web:1"], "Size": 2_000_000, "SharedSize": 500_000, "Created": 1_700_000_000},
    {"Id": "sha256:b", "RepoTags": ["tool:1", "tool:2"], "Size": 1000, "SharedSize": -1, "Created": 1_700_000_000},
    {"Id": "sha256:c", "RepoTags": ["<none>:<none>"], "Size": 10, "Created": 0},
]
SHOP = Declared("shop", {"image.web": ("web:1",), "image.api": ("api:1",)}, frozenset({"sha256:c"}))
DISK = {
    "Images": IMAGES,
    "Containers": [{"Id": "c1", "SizeRw": 7}, {"Id": "c2"}],
    "Volumes": [],
    "BuildCache": [{"Size": 5}, {"Size": 6, "Shared": True}],
}


@pytest.mark.parametrize(
    ("declared", "rows"),
    [
        (SHOP, [("image.api", None, []), ("image.web", "sha256:a", ["container.web"]), (None, "sha256:c", [])]),
        (
            Declared(),
            [(None, "sha256:c", []), (None, "sha256:b", ["by-hand"]), (None, "sha256:a", ["container.web"])],
        ),
        (Declared("shop"), [(None, "sha256:a", ["container.web"])]),
        (Declared("other"), []),
    ],
)
def test_images_are_declared_or_used_or_brought(declared: Declared, rows: list[tuple[Any, ...]]) -> None:
    found = images_document(IMAGES, CONTAINERS, declared)["images"]
    assert [(row["address"], row["id"], row["containers"]) for row in found] == rows


def test_what_is_missing_or_has_no_name_is_told() -> None:
    document = images_document(IMAGES, CONTAINERS, SHOP)
    lines = images_lines(document, width=None, glyphs=UNICODE, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert [line.plain.split()[:3] for line in lines][1:] == [
        ["image.api", "api:1", "missing"],
        ["image.web", "web:1", "a"],
        ["-", "dangling", "c"],
    ]


@pytest.mark.parametrize(
    ("declared", "entries", "freed"),
    [
        (SHOP, [("web:1", 1_500_000, None), ("sha256:c", 10, None), ("shop-web", 7, None)], None),
        (
            Declared("shop", prunable=frozenset({"sha256:a", "c1"})),
            [("web:1", 1_500_000, True), ("shop-web", 7, True)],
            1_500_007,
        ),
        (Declared("other", prunable=frozenset()), [], 0),
    ],
)
def test_what_is_shared_is_not_freed(declared: Declared, entries: list[tuple[Any, ...]], freed: int | None) -> None:
    document = disk_document(DISK, CONTAINERS, declared)
    assert [(one["name"], one["unique"], one["prunable"]) for one in document["entries"]] == entries
    assert (document["build_cache"], document["prunable"]) == (5, freed)
    told = [line.plain for line in disk_lines(document, width=None, glyphs=UNICODE)]
    assert ("would free" in told[-1]) == (freed is not None)
