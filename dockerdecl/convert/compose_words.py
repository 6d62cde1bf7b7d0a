"""The words of Compose that can be left out without another outcome on a single engine, each with the reason.

Takes a tree in the words of a manifest, gives it without them, and a warning with its place for each. Other words that
have no meaning here are left to validation, which refuses them: without them the result would be another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace

from dockerdecl.errors import Problem
from dockerdecl.manifest.explain import address_of
from dockerdecl.manifest.nodes import Entry, Mapping, Node, NodePath, Scalar, Sequence, is_null
from dockerdecl.manifest.patterns import Patterns, patterns
from dockerdecl.values import dataclass

_CLUSTER = "only a cluster can do it, and Compose ignores it, too"
_CACHE = "it speeds a build up, or slows it down, and changes nothing of its outcome"
_BUILT = "the engine's own builder takes no such word; where the build needs it, the build fails"
_RESTARTS = "the engine waits a time of its own between restarts, under Compose as well"
_UNNAMED = "a file in a container has none, under Compose as well"

_LEFT_OUT: Patterns[str] = patterns(
    (
        ("containers.*.develop", "only `docker compose watch` reads it"),
        ("containers.*.deploy.endpoint_mode", _CLUSTER),
        ("containers.*.deploy.labels", "they are those of a cluster's service, and no container gets them"),
        ("containers.*.deploy.placement", _CLUSTER),
        ("containers.*.deploy.rollback_config", _CLUSTER),
        ("containers.*.deploy.update_config.delay", _CLUSTER),
        ("containers.*.deploy.update_config.max_failure_ratio", _CLUSTER),
        ("containers.*.deploy.resources.reservations.cpus", "an engine can't set CPUs aside, and Compose ignores it"),
        ("containers.*.deploy.resources.reservations.generic_resources", _CLUSTER),
        ("containers.*.deploy.resources.reservations.pids", _CLUSTER),
        ("containers.*.deploy.restart_policy.delay", _RESTARTS),
        ("containers.*.deploy.restart_policy.window", _RESTARTS),
        *((f"containers.*.build.{word}", _CACHE) for word in ("cache_from", "cache_to", "no_cache", "no_cache_filter")),
        *((f"containers.*.build.{word}", _CACHE) for word in ("pull", "provenance", "sbom")),
        *((f"containers.*.build.{word}", _BUILT) for word in ("extra_hosts", "isolation", "shm_size", "ulimits")),
        *((f"{section}.*.{word}", _UNNAMED) for section in ("secrets", "configs") for word in ("name", "labels")),
    )
)
_FAILURE_ACTIONS = ("pause", "continue")


@dataclass(slots=True)
class LeftOut:
    """Takes words out, and notes each."""

    warnings: list[Problem] = field(default_factory=list)

    def tree(self, root: Mapping) -> Mapping:
        """The tree without them."""
        left = self._walk(root, _LEFT_OUT, ())
        return left if isinstance(left, Mapping) else root

    def word(self, entry: Entry, path: NodePath, why: str) -> None:
        """Notes one that was taken out."""
        message = f"`{'.'.join(map(str, path[2:])) or entry.key}` is left out: {why}"
        self.warnings.append(Problem("compose-word-left-out", message, address_of(path), entry.key_where))

    def _walk(self, node: Node, places: Patterns[str], path: NodePath) -> Node:
        if not places.below:
            return node
        if isinstance(node, Mapping):
            return replace(node, entries=tuple(self._entries(node, places, path)))
        if isinstance(node, Sequence) and (below := places.at("*")):
            items = tuple(self._walk(item, below, (*path, index)) for index, item in enumerate(node.items))
            return replace(node, items=items)
        return node

    def _entries(self, node: Mapping, places: Patterns[str], path: NodePath) -> Iterator[Entry]:
        for entry in node.entries:
            here = (*path, entry.key)
            below = places.at(entry.key)
            if below is None:
                yield entry
            elif below.rule is None:
                value = self._walk(entry.value, below, here)
                if value == entry.value or not _emptied(entry.key, value):
                    yield replace(entry, value=value)
            elif not is_null(entry.value):
                self.word(entry, here, below.rule)


def _emptied(key: str, node: Node) -> bool:
    """Whether nothing is left of what says nothing then; a build without words is one all the same."""
    return isinstance(node, Mapping) and not node.entries and key != "build"


def without_failure_action(deploy: Mapping, path: NodePath, noting: LeftOut) -> Mapping:
    """A `deploy` without what only a cluster does where an update fails."""
    config = deploy.get("update_config")
    action = config.entry("failure_action") if isinstance(config, Mapping) else None
    if action is None or not isinstance(config, Mapping) or not isinstance(action.value, Scalar):
        return deploy
    if action.value.text not in _FAILURE_ACTIONS:
        return deploy
    noting.word(action, (*path, "deploy", "update_config", "failure_action"), _CLUSTER)
    entries = (
        replace(entry, value=config.without("failure_action")) if entry.value is config else entry
        for entry in deploy.entries
    )
    return replace(deploy, entries=tuple(entries))
