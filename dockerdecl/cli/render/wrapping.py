"""Sentences as lines of text. Takes words and a width, gives styled lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.text import Text


def wrapped(
    text: str, width: int, indent: int = 0, style: str = "", *, first_indent: int | None = None
) -> Iterator[Text]:
    """`text` broken at spaces, its lines indented; a word that is longer than a line stays whole."""
    start = indent if first_indent is None else first_indent
    for line in textwrap.wrap(
        text,
        width=max(width, indent + 20),
        initial_indent=" " * start,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    ):
        stripped = line.lstrip()
        yield Text(line[: len(line) - len(stripped)]).append(stripped, style=style)
