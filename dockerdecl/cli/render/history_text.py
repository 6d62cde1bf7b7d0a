"""Revisions as text for people: all in a table, one with its manifest and its steps, two compared.

Takes the documents of the history, gives styled lines that fit the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from rich.cells import cell_len
from rich.text import Text

from dockerdecl.cli.render.marks import OUTCOME_STYLES, Glyphs
from dockerdecl.cli.render.report_text import seconds_words, step_words
from dockerdecl.cli.render.values import one_line, shorten
from dockerdecl.cli.render.visible import visible

Document = Mapping[str, Any]

_HEADINGS = ("REV", "WHEN (UTC)", "COMMAND", "OUTCOME", "COMMIT", "BY", "CHANGES")
_SPARED = ("BY", "COMMIT")
_NARROWEST = 8
_GAP = "  "
_STYLES = {"succeeded": "green", "failed": "bold red", "interrupted": "yellow"}
_COMMIT = 10
_TO_THE_MINUTE = len("2026-01-31 12:00")


def history_lines(document: Document, *, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """A table, the newest revision first."""
    revisions = document["revisions"]
    if not revisions:
        yield Text(f"Nothing was applied to project {visible(document['project'])} yet, or its records are gone.")
        return
    table = list(zip(_HEADINGS, *(_row(revision) for revision in revisions), strict=True))
    for spared in ("", *_SPARED):
        table = [column for column in table if column[0] != spared]
        widths = [max(cell_len(text) for text in column) for column in table]
        widths[-1] = width - sum(widths[:-1]) - len(_GAP) * (len(widths) - 1)
        if widths[-1] >= _NARROWEST:
            break
    headings, *rows = zip(*table, strict=True)
    yield Text(_line(headings, widths, glyphs), style="bold")
    for row, revision in zip(rows, revisions, strict=True):
        line = Text(_line(row, widths, glyphs))
        line.highlight_words([revision["outcome"]], _STYLES.get(revision["outcome"], ""))
        yield line


def _line(cells: Sequence[str], widths: Sequence[int], glyphs: Glyphs) -> str:
    cut = (shorten(text, size, glyphs.ellipsis) for text, size in zip(cells, widths, strict=True))
    padded = (text + " " * (size - cell_len(text)) for text, size in zip(cut, widths, strict=True))
    return _GAP.join(padded).rstrip()


def _row(revision: Document) -> tuple[str, ...]:
    back = f" to {revision['back_to']}" if revision["back_to"] else ""
    return (
        str(revision["revision"]),
        visible(revision["at"].replace("T", " ")[:_TO_THE_MINUTE]),
        visible(revision["command"] + back),
        visible(revision["outcome"]),
        _commit(revision["source"]) or "-",
        visible(revision["by"]),
        visible(_counted(revision)),
    )


def _commit(source: Document | None) -> str:
    return visible(source["commit"][:_COMMIT] + ("+" if source["dirty"] else "")) if source else ""


def _counted(revision: Document) -> str:
    counts = ", ".join(f"{count} {action}" for action, count in revision["summary"].items() if count) or "none"
    limited = f" (only {', '.join(revision['targets'])})" if revision["targets"] else ""
    return counts + limited


def revision_lines(document: Document) -> Iterator[Text]:
    """What is known of the run, the manifest, and the steps as they went."""
    revision = document["revision"]
    yield Text(f"Revision {revision['revision']} of {visible(document['project'])}", style="bold")
    for name, text in _facts(revision):
        yield Text().append(f"  {name:<9}", "dim").append(visible(text))
    yield Text()
    yield from (Text(visible(line)) for line in manifest_text(document).split("\n"))
    if document["steps"]:
        yield Text("Steps", style="bold")
    for step in document["steps"]:
        line = Text().append(f"  {step['outcome']:<9} ", OUTCOME_STYLES.get(step["outcome"], ""))
        yield line.append(step_words(step)).append(f"  ({seconds_words(step['seconds'])})", "dim")
        if step["error"]:
            yield from (Text(f"    {visible(text)}", style="red") for text in step["error"].split("\n"))


def _facts(revision: Document) -> Iterator[tuple[str, str]]:
    yield "when", f"{revision['at'].replace('T', ' ').rstrip('Z')} UTC"
    yield "by", revision["by"]
    yield "command", revision["command"] + (f" to {revision['back_to']}" if revision["back_to"] else "")
    yield "outcome", revision["outcome"]
    source = revision["source"]
    if source:
        branch = f" on {source['branch']}" if source["branch"] else ""
        yield (
            "commit",
            source["commit"] + branch + (", with changes that were not committed" if source["dirty"] else ""),
        )
    yield "changes", _counted(revision)


def manifest_text(document: Document) -> str:
    """The manifest of a revision, so that it can be applied as it stands once what is `(sensitive)` is filled in."""
    return yaml.safe_dump(_escaped(document["declared"]), sort_keys=False, allow_unicode=True, width=100)


def _escaped(value: Any) -> Any:
    "variables have been replaced already, so a dollar sign is one"
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value


def difference_lines(document: Document, *, glyphs: Glyphs) -> Iterator[Text]:
    """A line for each value that differs."""
    before, after = document["before"]["revision"], document["after"]["revision"]
    found = [*document["declared"], *document["images"]]
    if not found:
        yield Text(f"Revisions {before} and {after} declare the same, with the same images.")
        return
    yield Text(f"From revision {before} to {after} of {visible(document['project'])}", style="bold")
    for part in found:
        yield _difference(part, glyphs)


def _difference(part: Document, glyphs: Glyphs) -> Text:
    line = Text(f"  {visible(part['path'])}: ")
    if part["before"] is None:
        return line.append(f"+ {one_line(part['after'])}", "green")
    if part["after"] is None:
        return line.append(f"- {one_line(part['before'])}", "red")
    return (
        line.append(one_line(part["before"]), "red")
        .append(f" {glyphs.arrow} ")
        .append(one_line(part["after"]), "green")
    )
