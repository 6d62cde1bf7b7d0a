"""`include`: other manifests whose resources are taken over as they are.

Takes the tree of a manifest, gives what it includes; and takes two trees, gives one with the resources of both. Reads
no file: `load` does, and calls itself for what is included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from dockerdecl.errors import Problem, Where
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar, Sequence, is_null, kind, to_plain
from dockerdecl.manifest.paths import Base
from dockerdecl.values import dataclass

SECTIONS = ("images", "networks", "volumes", "secrets", "configs", "containers")
_OF_THE_FILE = ("apiVersion", "project", "include")
_FORM = "write a path, or a mapping with `path` and, if need be, `env_file` and `project_directory`"


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a manifest names, and where it does."""

    path: Path
    where: Where | None


@dataclass(frozen=True, slots=True)
class Include:
    """One entry of `include`: files that are merged to one manifest, and what they are read with.

    Without `env_files`, a `.env` beside the manifest counts; without a `folder`, paths are meant from their own file.
    """

    files: tuple[Named, ...]
    env_files: tuple[Named, ...]
    folder: Path | None


@dataclass(slots=True)
class Includes:
    """What a manifest includes, and what is wrong with how it says so."""

    entries: list[Include] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_includes(root: Mapping, base: Base) -> Includes:
    """The entries of `include` in `root`, paths absolute from `base`."""
    includes = Includes()
    section = root.get("include")
    if section is None or is_null(section):
        return includes
    if not isinstance(section, Sequence):
        includes.problems.append(_bad_form("`include` takes a list", section, "begin each path with `- `"))
        return includes
    for item in section.items:
        include = _Reader(base, includes.problems).entry(item)
        if include and include.files:
            includes.entries.append(include)
    return includes


def import_resources(root: Mapping, included: Mapping) -> tuple[Mapping, tuple[Problem, ...]]:
    """`root` with the resources of `included`, and a problem for each that both declare in different ways."""
    entries = {entry.key: entry for entry in root.entries}
    problems: list[Problem] = []
    for entry in included.entries:
        if entry.key in _OF_THE_FILE:
            continue
        own = entries.get(entry.key)
        if own is None or is_null(own.value):
            entries[entry.key] = entry
        elif entry.key == "policy":
            entries[entry.key] = Entry(entry.key, own.key_where, _both(own.value, entry.value))
        elif entry.key in SECTIONS and isinstance(own.value, Mapping) and isinstance(entry.value, Mapping):
            problems.extend(_conflicts(entry.key, own.value, entry.value))
            entries[entry.key] = Entry(entry.key, own.key_where, _united(own.value, entry.value))
    return Mapping(tuple(entries.values()), root.where), tuple(problems)


def _united(own: Mapping, included: Mapping) -> Mapping:
    entries = {entry.key: entry for entry in included.entries} | {entry.key: entry for entry in own.entries}
    return Mapping(tuple(entries.values()), own.where)


def _both(own: Node, included: Node) -> Node:
    "the policies of both; what is no path or list of them is left to validation"
    lists = [node if isinstance(node, Sequence) else Sequence((node,), node.where) for node in (own, included)]
    return Sequence(tuple(item for each in lists for item in each.items), own.where)


def _conflicts(section: str, own: Mapping, included: Mapping) -> Iterator[Problem]:
    there = {entry.key: entry for entry in included.entries}
    for entry in own.entries:
        other = there.get(entry.key)
        if other is not None and to_plain(other.value) != to_plain(entry.value):
            message = f"`{section}.{entry.key}` is declared here and, differently, at {other.key_where}"
            hint = "rename one of them, or change what is included in a further file (`-f`)"
            yield Problem("include-conflict", message, where=entry.key_where, hint=hint)


@dataclass(frozen=True, slots=True)
class _Reader:
    base: Base
    problems: list[Problem]

    def entry(self, item: Node) -> Include | None:
        if not isinstance(item, Mapping):
            return Include(self._files("include", item), (), None)
        for known in item.entries:
            if known.key not in ("path", "env_file", "project_directory"):
                problem = Problem(
                    "unknown-key", f"`include` has no key `{known.key}`", where=known.key_where, hint=_FORM
                )
                self.problems.append(problem)
        path = item.get("path")
        if path is None:
            self.problems.append(_bad_form("this entry of `include` names no `path`", item, _FORM))
            return None
        folder = self._files("project_directory", item.get("project_directory"), many=False)
        env_files = self._files("env_file", item.get("env_file"))
        return Include(self._files("path", path), env_files, folder[0].path if folder else None)

    def _files(self, key: str, node: Node | None, *, many: bool = True) -> tuple[Named, ...]:
        match node:
            case None:
                return ()
            case Scalar(text=str(text)) if text:
                return (Named(Path(self.base.rewritten(text)), node.where),)
            case Sequence() if many:
                return tuple(file for item in node.items for file in self._files(key, item, many=False))
        takes = "a path or a list of paths" if many else "a path"
        self.problems.append(_bad_form(f"`{key}` takes {takes}, not {kind(node)}", node, _FORM))
        return ()


def _bad_form(message: str, node: Node, hint: str) -> Problem:
    return Problem("include-form", message, where=node.where, hint=hint)
