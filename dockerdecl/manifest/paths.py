"""Relative paths, made absolute against the folder that they are meant from.

Takes the tree of one file and its folder, gives the tree with absolute paths. Done before files are merged, while it
is still known which file a path stands in. Asks no file system, but for the home of a user in `~name`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from dockerdecl.manifest.nodes import Mapping, Node, Scalar, Sequence
from dockerdecl.manifest.patterns import Patterns, patterns
from dockerdecl.manifest.profiles import profile_path
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Base:
    """What a relative path is relative to, or, `inward`, what one that lies in it is to become relative to."""

    folder: Path
    home: str | None
    inward: bool = False

    @property
    def begins(self) -> tuple[str, ...]:
        """How a text begins that is a path to be changed."""
        return ("/",) if self.inward else (".", "~")

    def rewritten(self, text: str) -> str:
        """`text` as an absolute path, or as seen from the folder where it lies in it; nothing stays nothing."""
        if self.inward:
            inside = text.startswith("/") and Path(text).is_relative_to(self.folder)
            return f"./{os.path.relpath(text, self.folder)}" if inside else text
        if not text:
            return text
        home = self.home if text == "~" or text.startswith("~/") else None
        expanded = home + text[1:] if home else os.path.expanduser(text)  # noqa: PTH111 - must not become a Path yet
        return os.path.normpath(self.folder / expanded)


_Rewrite: TypeAlias = Callable[[Node, Base], Node]


def resolve_paths(root: Mapping, base: Base) -> Mapping:
    """The tree with every path of the table below made absolute."""
    resolved = _walk(root, _PATHS, base)
    return resolved if isinstance(resolved, Mapping) else root


def relative_paths(root: Mapping, folder: Path) -> Mapping:
    """The tree with every path that lies in `folder` as seen from it; what `resolve_paths` undoes."""
    return resolve_paths(root, Base(folder, None, inward=True))


def _walk(node: Node, places: Patterns[_Rewrite], base: Base) -> Node:
    if places.rule is not None:
        node = places.rule(node, base)
    if not places.below:
        return node
    if isinstance(node, Mapping):
        return replace(
            node,
            entries=tuple(
                replace(entry, value=_walk(entry.value, below, base)) if (below := places.at(entry.key)) else entry
                for entry in node.entries
            ),
        )
    if isinstance(node, Sequence) and (below := places.at("*")):
        return replace(node, items=tuple(_walk(item, below, base) for item in node.items))
    return node


def _text(change: Callable[[str, Base], str]) -> _Rewrite:
    """A rewrite of a single value; anything else is left to validation."""

    def rewrite(node: Node, base: Base) -> Node:
        if not isinstance(node, Scalar) or not node.text:
            return node
        changed = change(node.text, base)
        return replace(node, text=changed, written=node.written or node.text) if changed != node.text else node

    return rewrite


def _path(text: str, base: Base) -> str:
    return base.rewritten(text)


def _context(text: str, base: Base) -> str:
    """A build context may also be a repository or an address."""
    remote = "://" in text or text.startswith(("github.com/", "git@", "service:"))
    return text if remote else base.rewritten(text)


def _named_context(text: str, base: Base) -> str:
    name, separator, context = text.partition("=")
    return f"{name}={_context(context, base)}" if separator else text


def _named_contexts(node: Node, base: Base) -> Node:
    if isinstance(node, Sequence):
        return replace(node, items=tuple(_text(_named_context)(item, base) for item in node.items))
    if isinstance(node, Mapping):
        entries = (replace(entry, value=_text(_context)(entry.value, base)) for entry in node.entries)
        return replace(node, entries=tuple(entries))
    return node


def _short_mount(text: str, base: Base) -> str:
    """`SOURCE:TARGET[:MODE]`, where only a source that begins as a path does is one; others are names of volumes."""
    source, separator, rest = text.partition(":")
    return f"{base.rewritten(source)}:{rest}" if separator and source.startswith(base.begins) else text


def _seccomp_profile(text: str, base: Base) -> str:
    path = profile_path(text)
    return text.removesuffix(path) + base.rewritten(path) if path else text


def spellings(text: str, base: Base) -> Iterator[str]:
    """What a text may have become in a tree: itself, or with a path in it made absolute."""
    yield text
    yield from (change(text, base) for change in (_path, _short_mount, _context, _named_context, _seccomp_profile))


def _mount(node: Node, base: Base) -> Node:
    if not isinstance(node, Mapping):
        return _text(_short_mount)(node, base)
    return _with_path(node, "source", base) if _written(node, "type") == "bind" else node


def _bind_device(node: Node, base: Base) -> Node:
    """The options of a volume whose `device` is a folder of the host, since the local driver is told to bind it."""
    if isinstance(node, Mapping) and "bind" in _written(node, "o").split(","):
        return _with_path(node, "device", base)
    return node


def _with_path(node: Mapping, key: str, base: Base) -> Mapping:
    entries = (
        replace(entry, value=_text(_path)(entry.value, base)) if entry.key == key else entry for entry in node.entries
    )
    return replace(node, entries=tuple(entries))


def _written(node: Mapping, key: str) -> str:
    value = node.get(key)
    return value.text or "" if isinstance(value, Scalar) else ""


_PATHS: Patterns[_Rewrite] = patterns(
    (
        ("policy", _text(_path)),
        ("policy.*", _text(_path)),
        ("containers.*.volumes.*", _mount),
        ("containers.*.env_file", _text(_path)),
        ("containers.*.env_file.*", _text(_path)),
        ("containers.*.env_file.*.path", _text(_path)),
        ("containers.*.label_file", _text(_path)),
        ("containers.*.label_file.*", _text(_path)),
        ("containers.*.security_opt.*", _text(_seccomp_profile)),
        ("secrets.*.file", _text(_path)),
        ("configs.*.file", _text(_path)),
        ("volumes.*.driver_opts", _bind_device),
        ("images.*.load", _text(_path)),
        ("images.*.import", _text(_path)),
        *(
            (f"{place}{below}", rewrite)
            for place in ("images.*.build", "containers.*.build")
            for below, rewrite in (
                ("", _text(_context)),
                (".context", _text(_context)),
                (".additional_contexts", _named_contexts),
            )
        ),
    )
)
