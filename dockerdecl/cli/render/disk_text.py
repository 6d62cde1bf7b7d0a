"""The images of a project, and what it holds on disk, as tables.

Takes a `dockerdecl/images/v1` or a `dockerdecl/disk/v1` document, gives styled lines. Knows no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs
from dockerdecl.cli.render.sizes import NOTHING, size_words
from dockerdecl.cli.render.status_text import age
from dockerdecl.cli.render.tables import Cell, Column, Row, table_lines

Document = Mapping[str, Any]

_IMAGES = (
    Column("ADDRESS", shrinks=True),
    Column("REFERENCE", shrinks=True),
    Column("ID"),
    Column("SIZE", right=True),
    Column("AGE"),
    Column("USED BY", shrinks=True),
)
_ENTRIES = (
    Column("KIND"),
    Column("ADDRESS", shrinks=True),
    Column("NAME", shrinks=True),
    Column("SIZE", right=True),
    Column("SHARED", right=True),
    Column("UNIQUE", right=True),
    Column("PRUNE"),
)


def images_lines(document: Document, *, width: int | None, glyphs: Glyphs, now: datetime) -> Iterator[Text]:
    """A line an image."""
    if not document["images"]:
        yield Text("There are no images.")
        return
    yield from table_lines(_IMAGES, (_image(i, now) for i in document["images"]), width=width, glyphs=glyphs)


def _image(image: Document, now: datetime) -> Row:
    made = datetime.fromtimestamp(image["created"], UTC).isoformat() if image["created"] else None
    return (
        image["address"] or NOTHING,
        Cell("dangling", "yellow") if image["dangling"] else ", ".join(image["references"]),
        Cell("missing", "yellow") if image["id"] is None else image["id"].removeprefix("sha256:")[:12],
        size_words(image["size"]),
        age(made, now) if made else NOTHING,
        ", ".join(image["containers"]) or NOTHING,
    )


def disk_lines(document: Document, *, width: int | None, glyphs: Glyphs) -> Iterator[Text]:
    """What each holds, the sums of the kinds, and what prune would free."""
    entries = document["entries"]
    if entries:
        yield from table_lines(_ENTRIES, map(_entry, entries), width=width, glyphs=glyphs)
        yield Text()
    for kind in ("image", "container", "volume"):
        sizes = [entry["unique"] or 0 for entry in entries if entry["kind"] == kind]
        word = f"{len(sizes)} {kind}{'' if len(sizes) == 1 else 's'}"
        yield Text(f"{word}: {size_words(sum(sizes))}{' not shared with others' if kind == 'image' else ''}")
    yield Text(f"The engine's build cache: {size_words(document['build_cache'])}")
    if document["prunable"] is not None:
        yield Text(f"`dockerdecl prune` would free {size_words(document['prunable'])}.")


def _entry(entry: Document) -> Row:
    return (
        entry["kind"],
        entry["address"] or NOTHING,
        entry["name"],
        size_words(entry["size"]),
        size_words(entry["shared"]),
        size_words(entry["unique"]),
        Cell("frees it", "yellow") if entry["prunable"] else NOTHING,
    )
