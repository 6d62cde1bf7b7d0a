"""A plan of a thousand changes is still read by a person, and posted by a machine."""

from __future__ import annotations

from typing import Any

import pytest

from dockerdecl.cli.render.marks import UNICODE
from dockerdecl.cli.render.plan_markdown import plan_markdown
from dockerdecl.cli.render.plan_text import plan_lines

# What GitHub takes in one comment.
LONGEST_COMMENT = 65_536


def field(path: str, before: object, after: object) -> dict[str, Any]:
    return {"path": path, "before": before, "after": after, "sensitive": False, "forces": None}


def change(address: str, action: str, *fields: dict[str, Any]) -> dict[str, Any]:
    reason = "it does not exist" if action == "create" else "it differs from the manifest"
    return {"address": address, "action": action, "code": "x", "reason": reason, "fields": fields, "blocked": None}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    created = [
        change(f"container.web{n}", "create", field("image", None, "web:1"), field("ports", None, [f"{n}:80"]))
        for n in range(1, 1000)
    ]
    changes = [*created, change("container.db", "update", field("mem_limit", "1g", "2g"))]
    return {
        "format": "dockerdecl/plan/v1",
        "project": "shop",
        "engine": {"host": "unix:///var/run/docker.sock", "version": "20.10.24", "api": "1.41"},
        "changes": changes,
        "notes": [],
        "steps": [
            {"id": n, "verb": verb, "address": c["address"], "text": f"{verb} {c['address']}", "needs": []}
            for n, c in enumerate(changes, 1)
            for verb in ("create", "start")
        ],
        "summary": {"create": 999, "update": 1, "replace": 0, "remove": 0, "start": 0, "stop": 0},
    }


def test_a_long_plan_takes_one_line_for_what_is_created(document: dict[str, Any]) -> None:
    lines = [line.plain for line in plan_lines(document, width=100, glyphs=UNICODE)]
    assert len(lines) < 1015
    assert "        mem_limit: 1g → 2g" in lines
    assert not [line for line in lines if "ports" in line]


def test_verbose_shows_all_of_a_long_plan(document: dict[str, Any]) -> None:
    lines = [line.plain for line in plan_lines(document, width=100, glyphs=UNICODE, verbose=True)]
    assert len([line for line in lines if "ports" in line]) == 999
    assert len([line for line in lines if "start container" in line]) == 1000


def test_a_long_plan_fits_one_comment_and_says_what_it_leaves_out(document: dict[str, Any]) -> None:
    text = plan_markdown(document)
    assert len(text) < LONGEST_COMMENT
    assert "… and 750 more" in text
    shown = text.count("<details>")
    assert f"The fields of {1000 - shown} changes are left out" in text
