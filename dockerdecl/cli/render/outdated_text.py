"""What is outdated as text for people: a table, and how many there are. Takes the document, gives styled lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs
from dockerdecl.cli.render.values import shorten
from dockerdecl.cli.render.visible import visible

Document = Mapping[str, Any]

_HEADINGS = ("IMAGE", "CURRENT", "DIGEST", "PATCH", "MINOR", "MAJOR")
_GAP = "  "
_NARROWEST = 12
_NOTHING = "-"


def outdated_lines(document: Document, *, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """A line for every image; what is newer stands under what it differs by."""
    images = document["images"]
    if not images:
        yield Text("No image comes from a registry by a tag.")
        return
    rows = [_row(image) for image in images]
    widths = [max(cell_len(cell) for cell in column) for column in zip(_HEADINGS, *rows, strict=True)]
    spare = width - sum(widths) - len(_GAP) * (len(widths) - 1)
    widths[0] = max(widths[0] + min(spare, 0), min(widths[0], _NARROWEST))
    yield Text(_line(_HEADINGS, widths, glyphs), style="bold")
    for row, image in zip(rows, images, strict=True):
        style = "red" if image["error"] else "yellow" if image["outdated"] else ""
        yield Text(_line(row, widths, glyphs), style=style)
    count = sum(image["outdated"] for image in images)
    yield Text(f"{count} of {len(images)} {'image is' if len(images) == 1 else 'images are'} outdated.")


def _row(image: Document) -> tuple[str, ...]:
    newer = (visible(image[level]) if image[level] else _NOTHING for level in ("patch", "minor", "major"))
    return visible(image["repository"]), visible(image["tag"]), _digest(image), *newer


def _digest(image: Document) -> str:
    if image["error"]:
        return "not known"
    if image["registry_digest"] is None:
        return "gone"
    return {True: "moved", False: "same", None: "not here"}[image["moved"]]


def _line(cells: Sequence[str], widths: Sequence[int], glyphs: Glyphs) -> str:
    cut = (shorten(text, size, glyphs.ellipsis) for text, size in zip(cells, widths, strict=True))
    return _GAP.join(text + " " * (size - cell_len(text)) for text, size in zip(cut, widths, strict=True)).rstrip()
