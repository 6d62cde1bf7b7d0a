"""How large a manifest may be, so that a small text can't take all memory or time.

Takes nodes, gives their extent; names the limits. Decides nothing about what a manifest means.
"""

from __future__ import annotations

from dockerdecl.manifest.nodes import Mapping, Node, Scalar
from dockerdecl.values import dataclass

MAX_FILE_BYTES = 10_000_000
"""A manifest of a thousand containers has about half a million."""

MAX_NESTING = 50
"""The deepest place that the manifest format knows is about ten levels down."""

MAX_ALIASED_NODES = 100_000
"""How many nodes all aliases of a file may stand for together."""

MAX_FILES_READ = 1_000
"""How many manifests may be read in one run, those counted again that are included again."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How many nodes a tree has when every alias in it is written out, and how many levels."""

    nodes: int
    levels: int


def extent(node: Node, known: dict[int, Extent]) -> Extent:
    """The extent of `node`. `known` holds what was measured before, by identity, and is filled.

    A tree in which every level names the one below many times is walked once per level, not once per path.
    """
    if isinstance(node, Scalar):
        return Extent(1, 1)
    if (measured := known.get(id(node))) is not None:
        return measured
    children = tuple(entry.value for entry in node.entries) if isinstance(node, Mapping) else node.items
    below = [extent(child, known) for child in children]
    measured = Extent(1 + sum(part.nodes for part in below), 1 + max((part.levels for part in below), default=0))
    known[id(node)] = measured
    return measured
