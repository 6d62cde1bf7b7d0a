"""Plain scalars as Compose reads them: its YAML knows numbers and dates, whose spelling it does not keep.

Takes the tree of a Compose file before its variables are replaced, gives the same tree with the texts that Compose
makes of such values (`010` is 8, `1.10` is 1.1), so that a container gets what Compose gives it. Notes what changed.
And takes the tree of a manifest, gives it with quotes where Compose would read another value than was written.
"""

from __future__ import annotations

from dataclasses import field, replace
from decimal import Decimal
from operator import is_

from dockerdecl.errors import Problem
from dockerdecl.expressions import expression
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar, Sequence
from dockerdecl.manifest.schema import below, branches, manifest_schema
from dockerdecl.resources.schemas import Schema
from dockerdecl.values import dataclass

_MODE = "mode"
_TEXT_TYPES = frozenset(("string", "number", "boolean"))
_INTEGER = expression(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
_OCTAL = expression(r"(0o)?[0-7]+")
_FLOAT = expression(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DATE = expression(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
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


def as_compose_reads(root: Mapping) -> Mapping:
    """The tree of a manifest, quoted where a plain text would be a number to Compose and must not be one."""
    schema = manifest_schema()
    quoted = _quoted(root, "", schema, schema)
    return quoted if isinstance(quoted, Mapping) else root


def _quoted(node: Node, key: str, part: Schema | None, schema: Schema) -> Node:
    if isinstance(node, Mapping):
        entries = (
            Entry(e.key, e.key_where, _quoted(e.value, e.key, _below(schema, part, e.key), schema))
            for e in node.entries
        )
        return replace(node, entries=tuple(entries))
    if isinstance(node, Sequence):
        return replace(node, items=tuple(_quoted(item, key, _below(schema, part, 0), schema) for item in node.items))
    if node.text is None:
        return node
    if key == _MODE and _OCTAL.fullmatch(node.text):
        return replace(node, text=f"0{int(node.text.removeprefix('0o'), 8):o}", plain=True)
    is_text = part is not None and any({*_types(branch)} >= _TEXT_TYPES for branch in branches(schema, part))
    return replace(node, plain=False) if is_text or spelling(node.text) != node.text else node


def _below(schema: Schema, part: Schema | None, step: str | int) -> Schema | None:
    return below(schema, part, step) if part is not None else None


def _types(branch: Schema) -> list[str]:
    types = branch.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def spelling(text: str) -> str:
    """What Compose makes of a plain scalar where it needs a text."""
    if text in ("True", "TRUE", "False", "FALSE"):
        return text.lower()
    if _INTEGER.fullmatch(text):
        number = _integer(text)
        return str(number) if -(_LARGEST >> 1) <= number < _LARGEST else _float(text)
    if _FLOAT.fullmatch(text.replace("_", "")):
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
    """The shortest spelling, with an exponent from a million on and below a ten-thousandth, as Go has it."""
    number = Decimal(repr(float(text.replace("_", "")))).normalize()
    exponent = number.adjusted()
    if not number or -5 < exponent < 6:
        return f"{number:f}"
    sign, digits, _ = number.as_tuple()
    first, *rest = map(str, digits)
    return f"{'-' * sign}{first}{'.' * bool(rest)}{''.join(rest)}e{exponent:+03d}"


def _mode(text: str) -> str:
    """Permission bits are octal here; a plain number of Compose's YAML is so only with a zero before it."""
    return f"0{_integer(text):o}" if _INTEGER.fullmatch(text) else text


def _respelled(node: Scalar, text: str) -> Problem:
    kind = "a date" if text.endswith("UTC") else "a number"
    message = f"`{node.text}` is {kind} to Compose, which hands it on as `{text}`"
    return Problem("compose-respelled", message, where=node.where, hint="put it in quotes to keep its spelling")
