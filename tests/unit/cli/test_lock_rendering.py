"""What `lock` and `outdated` print for people, whole."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from dockerdecl.cli.render.lock_text import check_lines, lock_lines
from dockerdecl.cli.render.marks import ASCII, UNICODE
from dockerdecl.cli.render.outdated_text import outdated_lines

ONE, TWO = (f"sha256:{letter * 64}" for letter in "ab")
LOCK: dict[str, Any] = {
    "file": "dockerdecl.lock",
    "up_to_date": False,
    "written": True,
    "images": [
        {"reference": "db:15", "change": "kept", "before": ONE, "digest": ONE},
        {"reference": "new:1", "change": "added", "before": None, "digest": TWO},
        {"reference": "old:1", "change": "removed", "before": ONE, "digest": None},
        {"reference": "web:1.4", "change": "moved", "before": ONE, "digest": TWO},
    ],
}
NOTHING = {"patch": None, "minor": None, "major": None, "error": None, "outdated": False, "moved": None}
OUTDATED: dict[str, Any] = {
    "images": [
        {
            **NOTHING,
            "repository": "registry.example.org:5000/shop/web",
            "tag": "1.4.2",
            "registry_digest": TWO,
            "moved": True,
            "patch": "1.4.3",
            "major": "2.0.0",
            "outdated": True,
        },
        {**NOTHING, "repository": "debian", "tag": "12-slim", "registry_digest": ONE, "moved": False},
        {**NOTHING, "repository": "new", "tag": "latest", "registry_digest": ONE},
        {**NOTHING, "repository": "gone", "tag": "1", "registry_digest": None},
        {**NOTHING, "repository": "away", "tag": "1", "registry_digest": None, "error": "no route"},
    ],
}


def texts(lines: Any) -> list[str]:
    return [line.plain if isinstance(line, Text) else line for line in lines]


def test_what_became_of_a_lock_file() -> None:
    assert texts(lock_lines(LOCK, glyphs=UNICODE, verbose=False)) == [
        "+ new:1  sha256:bbbbbbbbbbbb",
        "- old:1  sha256:aaaaaaaaaaaa",
        "~ web:1.4  sha256:aaaaaaaaaaaa \u2192 sha256:bbbbbbbbbbbb",
        "Wrote dockerdecl.lock: 1 added, 1 moved, 1 removed, 1 kept.",
    ]
    (kept, *_, last) = texts(lock_lines({**LOCK, "written": False}, glyphs=ASCII, verbose=True))
    assert kept == "  db:15  sha256:aaaaaaaaaaaa"
    assert last == "Nothing changed in dockerdecl.lock: 1 added, 1 moved, 1 removed, 1 kept."


def test_whether_a_lock_file_is_up_to_date() -> None:
    (*changes, last) = texts(check_lines(LOCK, glyphs=ASCII))
    assert (len(changes), last) == (3, "dockerdecl.lock is not up to date: run `dockerdecl lock`.")
    (line,) = texts(check_lines({**LOCK, "up_to_date": True, "images": []}, glyphs=ASCII))
    assert line == "dockerdecl.lock is up to date."


def test_what_is_outdated() -> None:
    assert texts(outdated_lines(OUTDATED, width=100, glyphs=UNICODE)) == [
        "IMAGE                               CURRENT  DIGEST     PATCH  MINOR  MAJOR",
        "registry.example.org:5000/shop/web  1.4.2    moved      1.4.3  -      2.0.0",
        "debian                              12-slim  same       -      -      -",
        "new                                 latest   not here   -      -      -",
        "gone                                1        gone       -      -      -",
        "away                                1        not known  -      -      -",
        "1 of 5 images are outdated.",
    ]
    _, first, *_ = texts(outdated_lines(OUTDATED, width=60, glyphs=ASCII))
    assert (len(first) <= 60, "..." in first, first.endswith("moved      1.4.3  -      2.0.0")) == (True, True, True)
    assert texts(outdated_lines({"images": []}, width=60, glyphs=ASCII)) == ["No image comes from a registry by a tag."]
