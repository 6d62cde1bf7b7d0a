"""Text in which nothing can move the cursor, reorder the line or pass for something else. Knows no colour."""

from __future__ import annotations

import re
from functools import cache

# Control characters, line and paragraph separators, what is invisible or turns the direction of writing, and
# halves of surrogate pairs (bytes of a file name that aren't UTF-8).
_UNPRINTABLE = (
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """`text` with every character that a terminal would act on, or not show, as an escape."""
    return text if _is_plain(text) else _unprintable().sub(_escape, text)


def is_visible(text: str) -> bool:
    """Whether all of `text` can be shown as it is."""
    return _is_plain(text) or not _unprintable().search(text)


def _is_plain(text: str) -> bool:
    "most texts are, and to know it takes no table of all of Unicode"
    return text.isascii() and text.isprintable()


@cache
def _unprintable() -> re.Pattern[str]:
    return re.compile(_UNPRINTABLE)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"
