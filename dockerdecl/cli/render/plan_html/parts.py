"""The pieces of a plan's page: its changes with their fields, its notes, and its steps in the order of their needs.

Takes a `dockerdecl/plan/v1` document, gives HTML in which every text is escaped. Knows no style and no script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from dockerdecl.cli.render.graph_looks import ACTION_TONES
from dockerdecl.cli.render.marks import mark_of
from dockerdecl.cli.render.values import is_multi_line, line_difference, one_line
from dockerdecl.cli.render.visible import visible

Document = Mapping[str, Any]

_FEW = 25
_SIDES = {"-": "del", "+": "ins"}


def text(value: object) -> str:
    """A text of a document within HTML: nothing in it is markup."""
    return escape(visible(str(value)), quote=True)


def anchor(address: str) -> str:
    """The name that a change has in its page: no text of it means something in an address of the web."""
    return "c-" + "".join(c if c.isascii() and (c.isalnum() or c in "._-") else f"~{ord(c):x}" for c in address)


def badge(action: str) -> str:
    """An action with its sign and its colour."""
    tone = ACTION_TONES.get(action, "grey")
    return f'<span class="badge {tone}"><b aria-hidden="true">{text(mark_of(action).sign)}</b> {text(action)}</span>'


def changes_part(changes: Sequence[Document]) -> Iterator[str]:
    """The changes by kind, each folded where there are many."""
    kinds: dict[str, list[Document]] = {}
    for change in changes:
        kinds.setdefault(change["address"].partition(".")[0], []).append(change)
    opened = " open" if len(changes) <= _FEW else ""
    for kind, members in kinds.items():
        yield f'<section class="kind"><h3>{text(kind)}s <span class="count">{len(members)}</span></h3>'
        for change in members:
            yield _change(change, kind, opened)
        yield "</section>"


def _change(change: Document, kind: str, opened: str) -> str:
    action, address = change["action"], change["address"]
    facts = f'data-action="{text(action)}" data-kind="{text(kind)}"'
    warnings = [
        f'<p class="warning">{words}: {text(change[key])}</p>'
        for key, words in (("blocked", "Blocked"), ("loss", "Needs to be allowed"))
        if change.get(key)
    ]
    return "".join(
        [
            f'<details class="change" id="{anchor(address)}" {facts}{opened}><summary>{badge(action)}',
            f'<code>{text(address)}</code><span class="reason">{text(change["reason"])}</span></summary>',
            *warnings,
            _fields(action, change["fields"]),
            "</details>",
        ]
    )


def _fields(action: str, fields: Sequence[Document]) -> str:
    if not fields:
        return ""
    head = "<tr><th>Field<th>Before<th>After</tr>"
    return f'<div class="wide"><table>{head}{"".join(_field(action, field) for field in fields)}</table></div>'


def _field(action: str, field: Document) -> str:
    before = None if action == "create" else field.get("before")
    after = None if action == "remove" else field.get("after")
    masked = bool(field.get("sensitive"))
    path = f"<th scope=row>{text(field['path'])}"
    if not masked and (is_multi_line(before) or is_multi_line(after)):
        lines = "".join(
            f'<span class="{_SIDES.get(sign, "same")}">{text(sign)} {text(line)}</span>'
            for sign, line in line_difference(before, after)
        )
        return f"<tr>{path}<td colspan=2><pre>{lines}</pre></tr>"
    sides = (_side(before, "del", masked), _side(after, "ins", masked))
    return f"<tr>{path}<td>{sides[0]}<td>{sides[1]}</tr>"


def _side(value: Any, tag: str, masked: bool) -> str:
    if value is None:
        return '<span class="none">not set</span>'
    shown = '<span class="masked">(sensitive)</span>' if masked else text(one_line(value))
    return f"<{tag}>{shown}</{tag}>"


def notes_part(notes: Sequence[Document]) -> Iterator[str]:
    """What is worth knowing beside the changes."""
    for note in notes:
        place = f"<code>{text(note['address'])}</code> " if note.get("address") else ""
        yield f"<li>{place}{text(note['message'])}</li>"


def waves(steps: Sequence[Document]) -> list[list[Document]]:
    """The steps in waves: each needs only steps of earlier waves, so all of one may run at the same time."""
    wave_of: dict[int, int] = {}
    found: list[list[Document]] = []
    for step in steps:
        wave = max((wave_of.get(need, -1) for need in step["needs"]), default=-1) + 1
        wave_of[step["id"]] = wave
        found += [[] for _ in range(wave + 1 - len(found))]
        found[wave].append(step)
    return found


def steps_part(steps: Sequence[Document]) -> Iterator[str]:
    """The steps as a list of waves."""
    for number, wave in enumerate(waves(steps), start=1):
        yield f'<li class="wave"><h3>Wave {number} <span class="count">{len(wave)}</span></h3><ul>'
        for step in wave:
            needs = ", ".join(f'<a href="#s-{need:d}">{need:d}</a>' for need in step["needs"])
            after = f'<span class="needs">after {needs}</span>' if needs else ""
            about = f'data-needs="{",".join(f"{need:d}" for need in step["needs"])}"'
            yield (
                f'<li class="step" id="s-{step["id"]:d}" {about}><b>{step["id"]:d}</b> '
                f"{text(step['text'])} {after}</li>"
            )
        yield "</ul></li>"
