"""The report of an apply or destroy as text for people: what came of it, what failed, what was never begun.

Takes a `dockerdecl/report/v1` document, gives styled lines. Steps that were done are not listed again: they were
shown while they ran.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.marks import OUTCOME_STYLES
from dockerdecl.cli.render.visible import visible

Document = Mapping[str, Any]

_HEADLINES: Mapping[str, tuple[str, str]] = {
    "succeeded": ("Done", "bold green"),
    "failed": ("Failed", "bold red"),
    "interrupted": ("Interrupted", "bold yellow"),
    "rolled-back": ("Rolled back", "bold yellow"),
}
_COUNTED = ("done", "failed", "undone", "skipped")
_IN_WORDS = {"skipped": "not begun"}


def report_lines(document: Document) -> Iterator[Text]:
    """The failed steps with their errors, those that were undone or never begun, and a closing line."""
    steps = document["steps"]
    listed = [step for step in steps if step["outcome"] != "done"]
    for step in sorted(listed, key=lambda step: _COUNTED.index(step["outcome"])):
        yield from _step_lines(step)
    restored = [visible(address) for address in document.get("restored", ())]
    if restored:
        yield Text(f"  restored  {', '.join(restored)}: what stood there before runs again")
    errors = document.get("errors", ())
    for error in errors:
        yield Text().append(f"  {'failed':<9} ", OUTCOME_STYLES["failed"]).append(visible(error.get("address") or ""))
        yield from _error_lines(error)
    rollback = document.get("rollback")
    if listed or restored or errors:
        yield Text()
    if rollback is not None:
        yield from _rollback_lines(rollback)
    outcome = "failed" if rollback is not None else document["outcome"]
    yield _closing_line(outcome, steps)
    if rollback is not None and document["outcome"] == "rolled-back":
        yield Text(f"Rolled back to revision {rollback['back_to']}.", style="bold yellow")


def _rollback_lines(rollback: Document) -> Iterator[Text]:
    missing = [step for step in rollback["steps"] if step["outcome"] != "done"]
    for step in missing:
        yield from _step_lines(step)
    for error in rollback["errors"]:
        yield from _error_lines(error)
    if missing or rollback["errors"]:
        yield Text(f"Going back to revision {rollback['back_to']} {rollback['outcome']}.", style="bold red")
        yield Text()


def _step_lines(step: Document) -> Iterator[Text]:
    outcome = step["outcome"]
    words = _IN_WORDS.get(outcome, outcome)
    line = Text().append(f"  {words:<9} ", OUTCOME_STYLES[outcome]).append(step_words(step))
    if step.get("seconds"):
        line.append(f"  ({seconds_words(step['seconds'])})", style="dim")
    yield line
    if step.get("note"):
        yield Text(f"    {visible(step['note'])}", style="yellow")
    if step.get("error") is not None:
        yield from _error_lines(step["error"])


def _error_lines(error: Document) -> Iterator[Text]:
    yield from (Text(f"    {visible(line)}".rstrip(), style="red") for line in error["message"].split("\n"))
    if error.get("hint"):
        yield Text().append("    hint: ", "cyan").append(visible(error["hint"]))


def step_words(step: Document) -> str:
    """What a step does, in words: its own text, or its verb and address."""
    return visible(step.get("text") or f"{step['verb']} {step['address']}")


def seconds_words(seconds: float) -> str:
    """A duration as people say it: `0.4s`, `12s`, `3m 05s`."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    if seconds < 60:
        return f"{seconds:.0f}s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m {rest:02}s"


def _closing_line(outcome: str, steps: Sequence[Document]) -> Text:
    headline, style = _HEADLINES[outcome]
    if outcome == "succeeded":
        return Text(f"{headline}: {len(steps)} {'step' if len(steps) == 1 else 'steps'}.", style=style)
    counts = Counter(step["outcome"] for step in steps)
    parts = [f"{counts[word]} {_IN_WORDS.get(word, word)}" for word in _COUNTED if counts[word]]
    return Text(f"{headline}: {', '.join(parts) or 'nothing begun'}.", style=style)
