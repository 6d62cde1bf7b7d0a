"""Where a field was written, whichever of its forms the user chose.

Takes the tree and a path in the words of the typed document, gives a place. A list of `KEY=value`, of names or of short
forms stands for a map there, so a path may name an item that the text only lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dockerdecl.errors import DockerdeclError, Problem, Where
from dockerdecl.manifest.nodes import Mapping, Node, NodePath, Scalar, Sequence, is_null
from dockerdecl.values import dataclass

_IDENTITIES = ("source", "target", "path")


@dataclass(frozen=True, slots=True)
class Places:
    """Finds the places of a tree. A path that leads beyond what was written gives the last thing on it that was."""

    root: Node

    def key(self, path: NodePath) -> Where:
        """Where the key at the end of `path` stands; of an item of a list, where it begins."""
        return self._walk(path)[0]

    def value(self, path: NodePath) -> Where:
        """Where the value at `path` begins; where nothing was written, the key that it belongs to."""
        key, node = self._walk(path)
        return key if is_null(node) else node.where

    def begins(self, path: NodePath) -> Where:
        """Where the value at `path` stands or would stand, also where nothing was written."""
        return self._walk(path)[1].where

    def _walk(self, path: NodePath) -> tuple[Where, Node]:
        place = self.root.where, self.root
        for step in path:
            found = _below(place[1], step)
            if found is None:
                break
            place = found
        return place


def _below(node: Node, step: str | int) -> tuple[Where, Node] | None:
    if isinstance(node, Mapping):
        entry = node.entry(str(step))
        return (entry.key_where, entry.value) if entry else None
    if not isinstance(node, Sequence):
        return None
    item = _by_number(node, step) if isinstance(step, int) else _by_name(node, step)
    return (item.where, item) if item else None


def _by_number(node: Sequence, index: int) -> Node | None:
    return node.items[index] if 0 <= index < len(node.items) else None


def _by_name(node: Sequence, name: str) -> Node | None:
    number = name.partition("/")[0] if name[:1].isdigit() else name
    return next((item for item in node.items if _names(item, name) or _names(item, number)), None)


def _names(item: Node, name: str) -> bool:
    """Whether an item says `name`: as a whole, before its `=`, as a part between colons, or in its long form."""
    match item:
        case Mapping():
            written = (item.get(word) for word in _IDENTITIES)
            return any(isinstance(node, Scalar) and node.text == name for node in written)
        case Scalar(text=str(text)):
            return text == name or text.partition("=")[0] == name or name in text.split(":")
    return False


def at_place(error: DockerdeclError, where: Where, address: str | None) -> Iterator[Problem]:
    """The problems of what a file holds, at the place that names it where they have none of their own."""
    for problem in error.problems:
        hint = problem.hint or "correct the path here, or put the file there"
        yield replace(problem, where=problem.where or where, address=problem.address or address, hint=hint)
