"""How an action looks: its mark and colour, and the few characters that need Unicode.

Takes the words of the documents, gives marks. Knows no value and no layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters that an output of a narrow encoding can't show."""

    arrow: str
    ellipsis: str


UNICODE = Glyphs(arrow="→", ellipsis="…")
ASCII = Glyphs(arrow="->", ellipsis="...")


@dataclass(frozen=True, slots=True)
class Mark:
    """The sign that stands before an address, and its colour; each sign is another, so that colour is never needed."""

    sign: str
    style: str


MARKS: Mapping[str, Mark] = MappingProxyType(
    {
        "create": Mark("+", "green"),
        "update": Mark("~", "yellow"),
        "replace": Mark("-/+", "magenta"),
        "remove": Mark("-", "red"),
        "start": Mark(">", "cyan"),
        "stop": Mark("#", "cyan"),
        "adopt": Mark("=", "blue"),
    }
)

# Counted even where there are none: a reader looks for "0 to remove" first.
ALWAYS_COUNTED = ("create", "update", "replace", "remove")

OUTCOME_STYLES: Mapping[str, str] = MappingProxyType(
    {"done": "green", "failed": "bold red", "skipped": "yellow", "undone": "yellow"}
)


def mark_of(action: str) -> Mark:
    """The mark of `action`; a plain `*` for one that this version doesn't know yet."""
    return MARKS.get(action, Mark("*", ""))


def count_of(summary: Mapping[str, int]) -> str:
    """The counts of a plan's `summary` in words: `2 to create, 0 to update, …`."""
    rest = [action for action in summary if action not in ALWAYS_COUNTED and summary[action]]
    return ", ".join(f"{summary.get(action, 0)} to {action}" for action in (*ALWAYS_COUNTED, *rest))


def engine_of(engine: Mapping[str, object]) -> str:
    """The engine of a document in words: `unix:///var/run/docker.sock (Docker 20.10.24, API 1.41)`."""
    return f"{engine.get('host')} (Docker {engine.get('version')}, API {engine.get('api')})"
