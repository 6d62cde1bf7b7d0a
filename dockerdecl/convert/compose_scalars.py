"""Plain scalars as Compose reads them: its YAML knows numbers and dates, whose spelling it does not keep.

Takes the tree of a Compose file before its variables are replaced, gives the same tree with the texts that Compose
makes of such values (`010` is 8, `1.10` is 1.1), so that a container gets what Compose gives it. Notes what changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from operator import is_

from dockerdecl.errors import Problem
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar, Sequence

_MODE = "mode"
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_LARGEST = 1 << 64
_BASES = {"0b": 2, "0o": 8, "0x": 16}


@dataclass(slots=True)
class Respelled:
    """What Compose spells otherwise than it was written."""

    warnings: list[Problem] = field(default_factory=list)

    def tree(self, root: Mapping) -> Mapping:
        """The tree with the texts of Compose."""
        entries = tuple(self._entry(entry) for entry in root.entries)
        return root if all(map(is_, entries, root.entries)) else replace(root, entries=entries)

    def _entry(self, entry: Entry) -> Entry:
        value = self._node(entry.value, entry.key)
        return entry if value is entry.value else Entry(entry.key, entry.key_where, value)

    def _node(self, node: Node, key: str) -> Node:
        if isinstance(node, Mapping):
            return self.tree(node)
        if isinstance(node, Sequence):
            items = tuple(self._node(item, key) for item in node.items)
            return node if all(map(is_, items, node.items)) else replace(node, items=items)
        if not node.plain or not node.text:
            return node
        text = _mode(node.text) if key == _MODE else spelling(node.text)
        if text == node.text:
            return node
        if text.lower() != node.text.lower() and key != _MODE:
            self.warnings.append(_respelled(node, text))
        return replace(node, text=text)


def spelling(text: str) -> str:
    """What Compose makes of a plain scalar where it needs a text."""
    if text in ("True", "TRUE", "False", "FALSE"):
        return text.lower()
    if _INTEGER.fullmatch(text):
        number = _integer(text)
        return str(number) if -(_LARGEST >> 1) <= number < _LARGEST else _float(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    if _DATE.fullmatch(text):
        year, month, day = (int(part) for part in text.split("-"))
        return f"{year:04}-{month:02}-{day:02} 00:00:00 +0000 UTC"
    return text


def _integer(text: str) -> int:
    digits = text.replace("_", "").lstrip("+-")
    base = _BASES.get(digits[:2], 8 if digits.startswith("0") and digits.strip("01234567") == "" else 10)
    number = int(digits.lower(), base) if base != 8 else int(digits.removeprefix("0o") or "0", 8)
    return -number if text.startswith("-") else number


def _float(text: str) -> str:
    number = float(text.replace("_", ""))
    if number == 0:
        return "-0" if text.startswith("-") else "0"
    exponent = int(f"{number:e}".partition("e")[2])
    if -5 < exponent < 21:
        return f"{number:.0f}" if number == int(number) else repr(number) if "e" not in repr(number) else f"{number:f}"
    digits, _, power = repr(number).partition("e")
    return f"{digits.removesuffix('.0')}e{int(power or exponent):+03d}"


def _mode(text: str) -> str:
    """Permission bits are octal here; a plain number of Compose's YAML is so only with a zero before it."""
    return f"0{_integer(text):o}" if _INTEGER.fullmatch(text) else text


def _respelled(node: Scalar, text: str) -> Problem:
    kind = "a date" if text.endswith("UTC") else "a number"
    message = f"`{node.text}` is {kind} to Compose, which hands it on as `{text}`"
    return Problem("compose-respelled", message, where=node.where, hint="put it in quotes to keep its spelling")
