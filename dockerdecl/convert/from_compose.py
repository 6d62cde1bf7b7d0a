"""Compose files as the tree of a manifest, every word of it at the place where Compose's file has it.

Takes files, gives the tree that `manifest_of` checks. A container takes the words of a Compose service, so what is done
here is little: sections are renamed, what is called otherwise is called as a manifest calls it, and what means nothing
to one engine is left out with a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TypeAlias

from dockerdecl.convert.compose_builds import with_images
from dockerdecl.convert.compose_files import settings
from dockerdecl.convert.compose_scalars import Respelled
from dockerdecl.convert.compose_words import LeftOut, without_failure_action
from dockerdecl.errors import Problem, Where
from dockerdecl.expressions import expression
from dockerdecl.manifest import nodes
from dockerdecl.manifest.extends import as_containers
from dockerdecl.manifest.load import Dialect, Loaded, read_nodes
from dockerdecl.manifest.nodes import Entry, Node, Scalar, is_null, to_plain
from dockerdecl.resources.document import API_VERSION
from dockerdecl.values import dataclass

_NO_NAME = expression(r"[^a-z0-9_-]")
_CONDITIONS = {"none": "no", "any": "always"}


def read_compose(
    files: tuple[Path, ...],
    *,
    environ: Mapping[str, str],
    env_files: tuple[Path, ...],
    working_directory: Path,
    project: str | None = None,
) -> Loaded:
    """The tree of a manifest that does what the Compose files say; warnings tell what it leaves out.

    Raises DockerdeclError (exit code 3) where a file can't be read.
    """
    respelled = Respelled()

    def prepare(root: nodes.Mapping, included: bool) -> nodes.Mapping:
        root = as_containers(root).without("version", *(("name",) if included else ()))
        return respelled.tree(root)

    loaded = read_nodes(
        files,
        environ=environ,
        env_files=env_files,
        working_directory=working_directory,
        dialect=Dialect(prepare, one_folder=True, versioned=False),
    )
    name = project or _project(loaded, environ)
    translated = _Translation(name)
    root = translated.root(loaded.root)
    noted = (*respelled.warnings, *translated.left_out.warnings)
    warnings = (*loaded.warnings, *loaded.with_lines(tuple(dict.fromkeys(noted))))
    return replace(loaded, root=root, warnings=tuple(sorted(warnings, key=_place)))


def _place(problem: Problem) -> Where:
    return problem.where or Where("", 0, 0)


def _project(loaded: Loaded, environ: Mapping[str, str]) -> Scalar:
    """What Compose calls the project: its variable, the file's `name`, or its folder."""
    entry = loaded.root.entry("name")
    chosen = settings(environ, loaded.project_directory).get("COMPOSE_PROJECT_NAME") or ""
    if not chosen and entry is not None and isinstance(entry.value, Scalar) and entry.value.text:
        return entry.value
    where = entry.value.where if entry else loaded.root.where
    folder = _NO_NAME.sub("", loaded.project_directory.resolve().name.lower()).lstrip("_-")
    return Scalar(chosen or folder or "project", plain=False, where=where)


@dataclass(slots=True)
class _Translation:
    """One run, of the project `name`."""

    name: Scalar | str
    left_out: LeftOut = field(default_factory=LeftOut)

    def root(self, compose: nodes.Mapping) -> nodes.Mapping:
        where = compose.where
        named = compose.entry("name")
        project = self.name if isinstance(self.name, Scalar) else Scalar(self.name, plain=False, where=where)
        head = (
            Entry("apiVersion", where, Scalar(API_VERSION, plain=True, where=where)),
            Entry("project", named.key_where if named else where, project),
        )
        root = self.left_out.tree(compose.without("name"))
        entries = {entry.key: entry for entry in root.entries}
        for section in ("networks", "volumes"):
            if section in entries:
                entries[section] = replace(entries[section], value=_each(entries[section].value, _external))
        if "containers" in entries:
            services = entries["containers"]
            containers = _each(services.value, self._service)
            containers, images = with_images(containers, project.text or "", self.left_out)
            entries["containers"] = replace(services, value=containers)
            if images:
                entries["images"] = Entry("images", services.key_where, nodes.Mapping(images, services.key_where))
        return replace(root, entries=(*head, *_ordered(entries)))

    def _service(self, key: str, node: nodes.Mapping) -> nodes.Mapping:
        node = replace(node, entries=tuple(entry for entry in node.entries if not is_null(entry.value)))
        deploy = node.get("deploy")
        if not isinstance(deploy, nodes.Mapping):
            return node
        path = ("containers", key)
        without = without_failure_action(deploy, path, self.left_out)
        policy, restart = deploy.get("restart_policy"), node.entry("restart")
        if restart and isinstance(policy, nodes.Mapping) and _restart(policy) != to_plain(restart.value):
            self.left_out.word(restart, (*path, "restart"), "`deploy.restart_policy` holds, as in Compose")
            node = node.without("restart")
        entries = (replace(entry, value=without) if entry.value is deploy else entry for entry in node.entries)
        return replace(node, entries=tuple(entries))


def _ordered(entries: Mapping[str, Entry]) -> Iterator[Entry]:
    """In the order of a manifest, which begins with what containers are made from and of."""
    first = [entries[key] for key in ("images", "networks", "volumes", "secrets", "configs") if key in entries]
    last = [entries["containers"]] if "containers" in entries else []
    yield from first
    yield from (entry for entry in entries.values() if entry not in first and entry not in last)
    yield from last


_Change: TypeAlias = Callable[[str, nodes.Mapping], nodes.Mapping]


def _each(section: Node, change: _Change) -> Node:
    if not isinstance(section, nodes.Mapping):
        return section
    entries = (
        replace(entry, value=change(entry.key, entry.value)) if isinstance(entry.value, nodes.Mapping) else entry
        for entry in section.entries
    )
    return replace(section, entries=tuple(entries))


def _external(_key: str, node: nodes.Mapping) -> nodes.Mapping:
    """`external: {name: NAME}`, the form of old files, as the one that came after it."""
    external = node.entry("external")
    if external is None or not isinstance(external.value, nodes.Mapping):
        return node
    true = replace(external, value=Scalar("true", plain=True, where=external.value.where))
    entries = (true if entry is external else entry for entry in node.entries)
    return replace(node, entries=(*entries, *(e for e in external.value.entries if node.entry(e.key) is None)))


def _restart(policy: nodes.Mapping) -> str:
    condition, attempts = policy.get("condition"), policy.get("max_attempts")
    written = condition.text if isinstance(condition, Scalar) else None
    name = _CONDITIONS.get(written or "any", written or "")
    count = attempts.text if isinstance(attempts, Scalar) and name == "on-failure" else None
    return f"{name}:{count}" if count else name
