"""A plan document as text for people: what changes, why, the fields that differ, the steps, a summary.

Takes a `dockerdecl/plan/v1` document and a width, gives styled lines. Knows no stream: whether colour is shown is
decided by who prints them, so nothing is said by colour alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.fields import FieldLayout, field_lines
from dockerdecl.cli.render.marks import Glyphs, count_of, mark_of
from dockerdecl.cli.render.plan_empty import NO_CHANGES, heading
from dockerdecl.cli.render.visible import visible
from dockerdecl.cli.render.wrapping import wrapped

Document = Mapping[str, Any]

_MARK_WIDTH = 3
_REASON_INDENT = 2 + _MARK_WIDTH + 1 + 2
_FIELD_INDENT = _REASON_INDENT

# A longer plan shows the fields of what differs, and only the names of what comes and goes.
_LONG_PLAN = 100


def plan_lines(
    document: Document, *, width: int, glyphs: Glyphs, verbose: bool = False, when_empty: str = NO_CHANGES
) -> Iterator[Text]:
    """The whole plan in lines of at most `width` cells, as far as words allow.

    `verbose` shows every step, every field and every line of a value; `when_empty` is said when there is
    nothing to do.
    """
    yield Text(heading(document), style="bold")
    changes = document["changes"]
    short = len(changes) > _LONG_PLAN and not verbose
    for kind, members in _by_kind(changes):
        yield Text()
        yield Text(kind, style="bold")
        for change in members:
            yield from _change_lines(change, FieldLayout(width, _FIELD_INDENT, glyphs, verbose), short)
    if short:
        yield Text()
        yield from wrapped("A plan this long shows no fields of what is created or removed; --verbose does.", width)
    yield from _note_lines(document.get("notes", ()), width)
    yield Text()
    if not changes and not document["steps"]:
        yield Text(when_empty, style="green")
        return
    yield from _step_lines(document["steps"], width, verbose)
    yield from wrapped(f"Plan: {count_of(document['summary'])}.", width, indent=6, first_indent=0, style="bold")
    if any(change.get("blocked") for change in changes):
        yield from wrapped("Nothing of it can be done before what is blocked is decided.", width, style="bold red")


def _by_kind(changes: Sequence[Document]) -> Iterator[tuple[str, list[Document]]]:
    """The changes under the plural of their kind, in the order in which kinds first appear."""
    kinds: dict[str, list[Document]] = {}
    for change in changes:
        kinds.setdefault(change["address"].partition(".")[0], []).append(change)
    for kind, members in kinds.items():
        yield f"{visible(kind)}s", members


def _change_lines(change: Document, layout: FieldLayout, short: bool) -> Iterator[Text]:
    action = change["action"]
    mark = mark_of(action)
    line = Text("  ").append(mark.sign.rjust(_MARK_WIDTH), style=f"bold {mark.style}").append(" ")
    line.append(visible(change["address"]), style=mark.style)
    reason = f"{action}: {visible(change['reason'])}"
    if len(line.plain) + 2 + len(reason) <= layout.width:
        yield line.append("  ").append(reason, style="dim")
    else:
        yield line
        yield from wrapped(reason, layout.width, indent=_REASON_INDENT, style="dim")
    if change.get("blocked"):
        yield from wrapped(f"blocked: {visible(change['blocked'])}", layout.width, _REASON_INDENT, "bold red")
    if change.get("loss"):
        yield from wrapped(f"needs to be allowed: {visible(change['loss'])}", layout.width, _REASON_INDENT, "bold red")
    if not (short and action in {"create", "remove"}):
        yield from field_lines(action, change["fields"], layout)


def _note_lines(notes: Sequence[Document], width: int) -> Iterator[Text]:
    if not notes:
        return
    yield Text()
    yield Text("notes", style="bold")
    for note in notes:
        place = f"{visible(note['address'])}: " if note.get("address") else ""
        yield from wrapped(f"{place}{visible(note['message'])}", width, indent=6, first_indent=2)


def _step_lines(steps: Sequence[Document], width: int, verbose: bool) -> Iterator[Text]:
    verbs = Counter(step["verb"] for step in steps)
    counts = ", ".join(f"{count} {visible(verb)}" for verb, count in verbs.items())
    yield from wrapped(f"Steps: {len(steps)} ({counts})" if counts else "Steps: 0", width, indent=2, first_indent=0)
    if not verbose:
        return
    digits = len(str(len(steps)))
    for step in steps:
        needs = ", ".join(str(need) for need in step["needs"])
        after = f"  (after {needs})" if needs else ""
        text = f"{step['id']!s:>{digits}}. {visible(step['text'])}{after}"
        yield from wrapped(text, width, indent=digits + 4, first_indent=2)
