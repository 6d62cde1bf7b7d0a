"""The tree that a manifest is until its fields are typed: what was written, and where.

Takes nothing, gives the node types, their plain form and a finder of places. Every scalar stays the text that was
written, so that the typed fields alone decide what `no`, `010` or `22:22` mean. Knows no YAML and no file.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from dockerdecl.errors import Where
from dockerdecl.values import dataclass


class Tag(StrEnum):
    """What an overlay may say of a value beside the value itself, as Compose has it."""

    RESET = "!reset"
    OVERRIDE = "!override"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `text` is None for a plain `null`, `~` or nothing at all; `plain` says that it had no quotes.

    `written` is what stands in the file, where variables were replaced in it or a path was made absolute.
    """

    text: str | None
    plain: bool
    where: Where
    tag: Tag | None = None
    written: str | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list, in the order of the text."""

    items: tuple[Node, ...]
    where: Where
    tag: Tag | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping and its value."""

    key: str
    key_where: Where
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping, in the order of the text; no key stands in it twice."""

    entries: tuple[Entry, ...]
    where: Where
    tag: Tag | None = None

    def get(self, key: str) -> Node | None:
        """The value under `key`, or None where there is none."""
        entry = self.entry(key)
        return entry.value if entry else None

    def entry(self, key: str) -> Entry | None:
        """The entry of `key`, or None where there is none."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def without(self, *keys: str) -> Mapping:
        """The same mapping, less the entries of `keys`."""
        return Mapping(tuple(entry for entry in self.entries if entry.key not in keys), self.where, self.tag)


Node: TypeAlias = Mapping | Sequence | Scalar
Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | None"
NodePath: TypeAlias = tuple[str | int, ...]


def kind(node: Node) -> str:
    """What `node` is, in words for a message."""
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(text=None):
            return "nothing"
        case Scalar():
            return "a single value"


def is_null(node: Node) -> bool:
    """Whether nothing was written."""
    return isinstance(node, Scalar) and node.text is None


def to_plain(node: Node) -> Plain:
    """The tree as dicts, lists and texts, for a validator; the places are left behind."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [to_plain(item) for item in node.items]
    return {entry.key: to_plain(entry.value) for entry in node.entries}


def from_plain(value: Plain, where: Where) -> Node:
    """The tree of dicts, lists and texts, all of it at one place."""
    match value:
        case dict():
            entries = (Entry(key, where, from_plain(item, where)) for key, item in value.items())
            return Mapping(tuple(entries), where)
        case list():
            return Sequence(tuple(from_plain(item, where) for item in value), where)
    return Scalar(value, plain=value is None, where=where)


@dataclass(frozen=True, slots=True)
class Positions:
    """Finds where a path of keys and indexes, such as `("containers", "web", "ports", 0)`, was written.

    A path that leads on beyond what was written (a key that is missing, a part inside a scalar) gives the place of the
    last thing on it that was.
    """

    root: Node

    def value(self, path: NodePath) -> Where:
        """Where the value at `path` begins."""
        return self._walk(path)[1].where

    def key(self, path: NodePath) -> Where:
        """Where the key at the end of `path` was written; for an item of a list, where the item begins."""
        return self._walk(path)[0]

    def node(self, path: NodePath) -> Node | None:
        """What was written at exactly `path`, or None."""
        _, node, walked = self._walk(path)
        return node if walked == len(path) else None

    def _walk(self, path: NodePath) -> tuple[Where, Node, int]:
        key_where, node = self.root.where, self.root
        for walked, step in enumerate(path):
            found = _child(node, step)
            if found is None:
                return key_where, node, walked
            key_where, node = found
        return key_where, node, len(path)


def _child(node: Node, step: str | int) -> tuple[Where, Node] | None:
    if isinstance(node, Mapping):
        entry = node.entry(str(step))
        return (entry.key_where, entry.value) if entry else None
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        item = node.items[step]
        return item.where, item
    return None
