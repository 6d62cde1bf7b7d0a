"""What became of a lock file as text for people: a line for each reference that changed, and one about all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from dockerdecl.cli.render.marks import Glyphs
from dockerdecl.cli.render.visible import visible

Document = Mapping[str, Any]

_MARKS = {"added": ("+", "green"), "moved": ("~", "yellow"), "removed": ("-", "red")}
_DIGEST = len("sha256:") + 12


def lock_lines(document: Document, *, glyphs: Glyphs, verbose: bool) -> Iterator[Text]:
    """What a run of `lock` did; `verbose` lists what stayed as it was, too."""
    for image in document["images"]:
        if image["change"] != "kept" or verbose:
            yield _line(image, glyphs)
    counts = Counter(image["change"] for image in document["images"])
    said = ", ".join(f"{counts[word]} {word}" for word in (*_MARKS, "kept") if counts[word]) or "nothing to lock"
    done = "Wrote" if document["written"] else "Nothing changed in"
    yield Text(f"{done} {visible(document['file'])}: {said}.")


def check_lines(document: Document, *, glyphs: Glyphs) -> Iterator[Text]:
    """Whether a lock file is up to date, and what it lacks or has too much."""
    for image in document["images"]:
        if image["change"] != "kept":
            yield _line(image, glyphs)
    name = visible(document["file"])
    if document["up_to_date"]:
        yield Text(f"{name} is up to date.")
    else:
        yield Text(f"{name} is not up to date: run `dockerdecl lock`.", style="bold")


def _line(image: Document, glyphs: Glyphs) -> Text:
    mark, style = _MARKS.get(image["change"], (" ", ""))
    before, after = (digest[:_DIGEST] if digest else None for digest in (image["before"], image["digest"]))
    shown = f"{before} {glyphs.arrow} {after}" if image["change"] == "moved" else after or before or ""
    return Text(f"{mark} {visible(image['reference'])}  {shown}".rstrip(), style=style)
