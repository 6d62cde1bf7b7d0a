"""A plan document as Markdown, to be posted as a comment on a merge request.

Takes a `dockerdecl/plan/v1` document, gives GitHub and GitLab flavoured Markdown in which no value can become
markup, a mention or the end of its block. Knows no stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dockerdecl.cli.render.marks import count_of, engine_of, mark_of
from dockerdecl.cli.render.plan_empty import NO_CHANGES
from dockerdecl.cli.render.values import is_multi_line, line_difference, one_line
from dockerdecl.cli.render.visible import visible
from dockerdecl.expressions import expression

Document = Mapping[str, Any]

# GitHub refuses a comment of more than 65,536 characters; what the CI job puts around the plan needs room too.
_MOST_CHARACTERS = 60_000
_MOST_ROWS = 250

_MARKUP = expression(r"([\\`*_\[\]|~#!>$])")
# A mention of a person, or of an issue, must not call anyone.
_MENTIONS = {"@": "&#64;", "<": "&lt;", "&": "&amp;"}


def plan_markdown(document: Document) -> str:
    """The plan as one comment: a heading, a table of addresses, and what differs folded away under each."""
    changes = document["changes"]
    parts = [
        f"## Plan for {_text(document['project'])}: {_headline(document)}",
        f"Engine {_code(engine_of(document['engine']))}",
        *_table(changes),
        *_notes(document.get("notes", ())),
    ]
    parts += _within(_details(changes), _MOST_CHARACTERS - sum(len(part) + 2 for part in parts))
    return "\n\n".join(parts) + "\n"


def _headline(document: Document) -> str:
    return count_of(document["summary"]) if document["changes"] or document["steps"] else NO_CHANGES


def _table(changes: Sequence[Document]) -> list[str]:
    if not changes:
        return []
    rows = ["| | Address | Action | Why |", "|---|---|---|---|"]
    for change in changes[:_MOST_ROWS]:
        why = _text(change["reason"])
        if change.get("blocked"):
            why += f"; **blocked**: {_text(change['blocked'])}"
        if change.get("loss"):
            why += f"; **needs to be allowed**: {_text(change['loss'])}"
        mark = _code(mark_of(change["action"]).sign)
        rows.append(f"| {mark} | {_code(change['address'])} | {_text(change['action'])} | {why} |")
    if len(changes) > _MOST_ROWS:
        rows.append(f"| | … and {len(changes) - _MOST_ROWS} more | | |")
    return ["\n".join(rows)]


def _notes(notes: Sequence[Document]) -> list[str]:
    lines = []
    for note in notes:
        place = f"{_code(note['address'])}: " if note.get("address") else ""
        lines.append(f"- {place}{_text(note['message'])}")
    return ["**Notes**\n\n" + "\n".join(lines)] if lines else []


def _details(changes: Sequence[Document]) -> Iterable[str]:
    for change in changes:
        lines = [line for field in change["fields"] for line in _field(change["action"], field)]
        if lines:
            summary = f"{mark_of(change['action']).sign} {visible(change['address'])}: {change['action']}"
            yield f"<details><summary><code>{_html(summary)}</code></summary>\n\n{_fenced(lines)}\n\n</details>"


def _within(details: Iterable[str], room: int) -> list[str]:
    shown: list[str] = []
    left_out = 0
    for detail in details:
        room -= len(detail) + 2
        if room >= 0:
            shown.append(detail)
        else:
            left_out += 1
    if left_out:
        shown.append(f"The fields of {left_out} changes are left out, since a comment can't be longer.")
    return shown


def _field(action: str, field: Document) -> Iterable[str]:
    """One field as lines of a `diff` block, where only a sign at the very start of a line gives it its colour."""
    path, masked = visible(field["path"]), bool(field.get("sensitive"))
    before = None if action == "create" else field.get("before")
    after = None if action == "remove" else field.get("after")
    if is_multi_line(before) or is_multi_line(after):
        yield f"  {path}:"
        for sign, line in line_difference(before, after):
            yield f"@@ {line} @@" if sign == "@" else f"{sign}   {line}".rstrip()
        return
    if before is not None:
        yield f"- {path}: {one_line(before, masked=masked)}"
    if after is not None:
        yield f"+ {path}: {one_line(after, masked=masked)}"
    elif before is None:
        yield f"  {path}: (not set)"


def _fenced(lines: Sequence[str]) -> str:
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(longest + 1, 3)
    return "\n".join([f"{fence}diff", *lines, fence])


def _html(text: str) -> str:
    return "".join(_MENTIONS.get(character, character) for character in text)


def _text(text: str) -> str:
    """`text` outside of code: nothing in it is markup, a tag or a mention."""
    return _html(_MARKUP.sub(r"\\\1", visible(text)))


def _code(text: str) -> str:
    """`text` as a code span, which may stand in a table: there a pipe ends the cell even within code."""
    inner = visible(text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", inner)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{fence}{padding}{inner}{padding}{fence}"
