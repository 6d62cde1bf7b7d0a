"""A status document as a table that fits the terminal: per address what is declared, what is there, and drift.

What differs stands beside its address where there is room, and else on lines of its own, whole.

Takes a `dockerdecl/status/v1` document, a width and the time it is, gives styled lines. Knows no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs, engine_of
from dockerdecl.cli.render.values import shorten
from dockerdecl.cli.render.visible import visible
from dockerdecl.cli.render.wrapping import wrapped
from dockerdecl.values import dataclass

Document = Mapping[str, Any]

_HEADINGS = ("ADDRESS", "DESIRED", "ACTUAL", "HEALTH", "SINCE", "DRIFT")
_GAP = "  "
_HEALTH_STYLES = {"healthy": "green", "unhealthy": "bold red", "starting": "yellow"}
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[str, ...]
    remarks: tuple[str, ...]
    differs: bool


def status_lines(document: Document, *, width: int, glyphs: Glyphs, now: datetime) -> Iterator[Text]:
    """The table and a closing line that says how many are as declared."""
    yield Text(f"Project {visible(document['project'])} on {visible(engine_of(document['engine']))}", style="bold")
    yield Text()
    rows = [_row(resource, now) for resource in document["resources"]]
    if not rows:
        yield Text("Nothing is declared, and nothing of the project is on the engine.")
        return
    yield from _table(rows, width, glyphs)
    yield Text()
    yield _closing_line(rows)


def _row(resource: Document, now: datetime) -> _Row:
    since = resource.get("since")
    desired, actual = resource.get("desired"), resource.get("actual")
    # Of what isn't there, every field would differ.
    drift = "" if actual in {None, "absent"} else ", ".join(visible(path) for path in resource["drift"])
    detail = visible(resource.get("detail") or "")
    cells = (
        visible(resource["address"]),
        visible(desired or _NOTHING),
        visible(actual or _NOTHING),
        visible(resource.get("health") or _NOTHING),
        age(since, now) if since else _NOTHING,
    )
    return _Row(cells, tuple(part for part in (drift, detail) if part), bool(drift or detail))


def _table(rows: Sequence[_Row], width: int, glyphs: Glyphs) -> Iterator[Text]:
    widths = [
        max(cell_len(text) for text in column) for column in zip(_HEADINGS, *(r.cells for r in rows), strict=False)
    ]
    widths[0] = min(widths[0], max(width - sum(widths[1:]) - len(_GAP) * len(widths), 16))
    last = width - sum(widths) - len(_GAP) * len(widths)
    remarks = ["; ".join(row.remarks) for row in rows]
    beside = all(cell_len(remark) <= last for remark in remarks) and any(remarks)
    headings = _HEADINGS if beside else _HEADINGS[:-1]
    yield Text(
        _GAP.join(_padded(text, size) for text, size in zip(headings, [*widths, 0], strict=False)).rstrip(), "bold"
    )
    for row, remark in zip(rows, remarks, strict=True):
        line = _cells(row, widths, glyphs)
        if beside and remark:
            line.append(_GAP).append(remark, style="yellow")
        line.rstrip()
        yield line
        if not beside:
            for part in row.remarks:
                yield from wrapped(part, width, indent=4, style="yellow")


def _cells(row: _Row, widths: Sequence[int], glyphs: Glyphs) -> Text:
    line = Text()
    for column, (text, size) in enumerate(zip(row.cells, widths, strict=True)):
        style = _HEALTH_STYLES.get(text, "") if _HEADINGS[column] == "HEALTH" else ""
        if _HEADINGS[column] == "ACTUAL" and row.differs:
            style = "yellow"
        line.append(_GAP if column else "").append(_padded(shorten(text, size, glyphs.ellipsis), size), style=style)
    return line


def _padded(text: str, size: int) -> str:
    return text + " " * (size - cell_len(text))


def age(since: str, now: datetime) -> str:
    """How long ago the ISO time `since` was, in its largest unit: `12s`, `5m`, `3h`, `9d`.

    Clocks of client and engine may differ a little, so what lies in the future is now.
    """
    then = datetime.fromisoformat(since)
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    seconds = max(int((now - then).total_seconds()), 0)
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _closing_line(rows: Sequence[_Row]) -> Text:
    differing = sum(row.differs for row in rows)
    counted = f"{len(rows)} {'resource' if len(rows) == 1 else 'resources'}"
    if not differing:
        return Text(f"{counted}: all as declared.", style="green")
    verb = "differs" if differing == 1 else "differ"
    return Text(f"{counted}: {len(rows) - differing} as declared, {differing} {verb}.", style="bold yellow")
