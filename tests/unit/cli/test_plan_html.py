"""A plan as a page: nothing in a plan is markup, nothing is loaded, and it says all that the plan says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from dockerdecl.cli.render.plan_html.page import plan_html
from dockerdecl.cli.render.plan_html.parts import waves
from tests.unit.cli.pictures import changed_shop
from tests.unit.cli.test_graph_pictures import NASTY, nasty


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def plan_of(text: str) -> dict[str, Any]:
    fields = [{"path": text, "before": text, "after": text, "sensitive": False, "forces": "update"}]
    change = {"address": f"container.{text}", "action": "create", "reason": text, "blocked": text, "loss": text}
    return {
        "project": text,
        "engine": {"host": text, "version": text, "api": text},
        "changes": [{**change, "fields": fields}],
        "notes": [{"address": text, "message": text}],
        "steps": [{"id": 1, "verb": text, "text": text, "address": text, "needs": []}],
        "summary": {"create": 1},
    }


@pytest.mark.parametrize("text", NASTY)
def test_no_text_becomes_markup(text: str) -> None:
    found, plain = Elements(), Elements()
    found.feed(plan_html(plan_of(text), nasty(text)))
    plain.feed(plan_html(plan_of("x" if "\n" not in text else "x\ny"), nasty("x")))
    assert {tag for tag, _ in found.found} <= {tag for tag, _ in plain.found}
    assert len([tag for tag, _ in found.found if tag in ("script", "style", "img", "meta")]) == 6
    assert not [name for _, attributes in found.found for name in attributes if name.startswith("on")]


def test_nothing_is_loaded() -> None:
    page = plan_html(*changed_shop())
    elements = Elements()
    elements.feed(page)
    links = [a.get("href") or a.get("src") for _, a in elements.found if a.get("href") or a.get("src")]
    assert [link for link in links if link and not link.startswith("#")] == []
    anchors = {f"#{attributes['id']}" for _, attributes in elements.found if "id" in attributes}
    assert set(links) <= anchors
    assert "default-src 'none'" in page
    assert not re.search(r"url\(|@import|style=", page.replace("url(#dd-arrow)", ""))


def test_it_says_what_the_plan_says_and_masks_secrets() -> None:
    page = plan_html(*changed_shop())
    for words in ("container.worker[2]", "mem_limit", "64m", "is declared no more", "Wave 1", "(sensitive)"):
        assert words in page
    assert "hunter2" not in page


def test_a_step_stands_in_a_wave_after_those_it_needs() -> None:
    steps = [{"id": 1, "needs": []}, {"id": 2, "needs": [1]}, {"id": 3, "needs": []}, {"id": 4, "needs": [2, 3]}]
    assert [[step["id"] for step in wave] for wave in waves(steps)] == [[1, 3], [2], [4]]


def test_an_empty_plan_is_a_page_too() -> None:
    plan, graph = changed_shop()
    page = plan_html({**plan, "changes": [], "steps": [], "notes": []}, {**graph, "nodes": [], "edges": []})
    assert "No changes." in page
