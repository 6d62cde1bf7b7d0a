"""A plan as one page: a reviewer opens it from where a CI job has put it, without a network and without a server.

Takes a `dockerdecl/plan/v1` document and the `dockerdecl/graph/v1` document of the same plan, gives HTML. It asks for
nothing: its policy lets nothing be loaded, and only the style and the script that it holds, by their digests. Without
JavaScript it is read as it is.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from dockerdecl.cli.render.graph_style import STYLE
from dockerdecl.cli.render.graph_svg import graph_svg
from dockerdecl.cli.render.marks import count_of, engine_of
from dockerdecl.cli.render.plan_empty import NO_CHANGES
from dockerdecl.cli.render.plan_html.parts import anchor, badge, changes_part, notes_part, steps_part, text

Document = Mapping[str, Any]


def plan_html(plan: Document, graph: Document) -> str:
    """The page."""
    style, script = assets()
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>Plan for {text(plan['project'])}</title><style>{style}</style></head><body>",
            '<a class="skip" href="#changes">To the changes</a>',
            *_head(plan),
            "<main>",
            *_warnings(plan),
            *_changes(plan["changes"]),
            *_graph(plan, graph),
            *_steps(plan["steps"]),
            f"</main><script>{script}</script></body></html>",
            "",
        ]
    )


def assets() -> tuple[str, str]:
    """The style and the script that a page holds, which lie beside this module."""
    return _file("page.css") + STYLE, _file("page.js")


def _file(name: str) -> str:
    return resources.files("dockerdecl.cli.render.plan_html").joinpath(name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _head(plan: Document) -> list[str]:
    something = plan["changes"] or plan["steps"]
    headline = count_of(plan["summary"]) if something else NO_CHANGES
    return [
        f"<header><h1>Plan for {text(plan['project'])}</h1>",
        f"<p class=headline>{text(headline)}</p>",
        f"<p class=engine>on {text(engine_of(plan['engine']))}</p></header>",
    ]


def _warnings(plan: Document) -> list[str]:
    found = []
    if any(change.get("blocked") for change in plan["changes"]):
        found.append('<p class="warning">Nothing of it can be done before what is blocked is decided.</p>')
    notes = list(notes_part(plan.get("notes", ())))
    if notes:
        found += ['<section id="notes"><h2>Notes</h2><ul>', *notes, "</ul></section>"]
    return found


def _changes(changes: Sequence[Document]) -> list[str]:
    if not changes:
        return []
    actions = Counter(change["action"] for change in changes)
    kinds = Counter(change["address"].partition(".")[0] for change in changes)
    by_action = (
        f'<label><input type="checkbox" name="action" value="{text(a)}" checked>{badge(a)} {n}</label>'
        for a, n in actions.items()
    )
    by_kind = (
        f'<label><input type="checkbox" name="kind" value="{text(k)}" checked>{text(k)} {n}</label>'
        for k, n in kinds.items()
    )
    return [
        '<section id="changes"><h2>Changes</h2><div class="tools" hidden>',
        '<input type="search" id="search" placeholder="Search (press /)" aria-label="Search the changes">',
        f"<fieldset><legend>Action</legend>{''.join(by_action)}</fieldset>",
        f"<fieldset><legend>Kind</legend>{''.join(by_kind)}</fieldset>",
        '<button type="button" id="open">Unfold all</button><button type="button" id="close">Fold all</button>',
        '<output id="shown" aria-live="polite"></output></div>',
        *changes_part(changes),
        "</section>",
    ]


def _graph(plan: Document, graph: Document) -> list[str]:
    if not graph["nodes"]:
        return []
    changed = {change["address"] for change in plan["changes"]}
    drawn = graph_svg(graph, standalone=False, link=lambda a: f"#{anchor(a)}" if a in changed else None)
    head = '<details id="graph" open><summary><h2>Graph</h2></summary><div class="wide" tabindex="0">'
    return [head, drawn, "</div></details>"]


def _steps(steps: Sequence[Document]) -> list[str]:
    if not steps:
        return []
    return [
        f'<details id="steps" open><summary><h2>Steps <span class="count">{len(steps)}</span></h2></summary>',
        "<p>A step begins when those it needs have ended. All of one wave may run at the same time.</p><ol>",
        *steps_part(steps),
        "</ol></details>",
    ]
