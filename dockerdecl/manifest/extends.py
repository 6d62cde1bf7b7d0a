"""`extends`: a container that begins from another one, of the same file or of another.

Takes the tree of one file, whose variables are replaced and whose paths are absolute, and a way to get at the tree of
another one; gives the tree with each such container merged over the one that it begins from, as Compose does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from pathlib import Path

from dockerdecl.errors import Problem
from dockerdecl.manifest.explain import did_you_mean
from dockerdecl.manifest.include import Named
from dockerdecl.manifest.merge import merge_containers
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar, is_null
from dockerdecl.manifest.paths import Base
from dockerdecl.values import dataclass

SECTION = "containers"
_COMPOSE_SECTION = "services"
_FORM = "write the key of a container, or a mapping with `service` and, for one of another file, `file`"

ReadFile = Callable[[Named], Mapping | None]
"""Gives the tree of a file, variables replaced and paths absolute; None where it is told already why it can't."""


def as_containers(root: Mapping) -> Mapping:
    """The tree of a Compose file with its services under the word that this format has for them."""
    if root.get(SECTION) is not None:
        return root
    entries = (replace(entry, key=SECTION) if entry.key == _COMPOSE_SECTION else entry for entry in root.entries)
    return replace(root, entries=tuple(entries))


def extend_containers(root: Mapping, path: Path, base: Base, read: ReadFile) -> tuple[Mapping, tuple[Problem, ...]]:
    """`root`, the tree of the file at `path`, with every container whole, and what is wrong with how they extend."""
    section = root.get(SECTION)
    if not isinstance(section, Mapping) or not any(_extends(entry.value) for entry in section.entries):
        return root, ()
    extending = _Extending(read, {path: root}, base)
    whole = tuple(replace(entry, value=extending.whole(path, entry, ())) for entry in section.entries)
    entries = (
        replace(entry, value=replace(section, entries=whole)) if entry.key == SECTION else entry
        for entry in root.entries
    )
    return replace(root, entries=tuple(entries)), tuple(extending.problems)


def _extends(node: Node) -> Entry | None:
    return node.entry("extends") if isinstance(node, Mapping) else None


@dataclass(slots=True)
class _Extending:
    read: ReadFile
    roots: dict[Path, Mapping]
    base: Base
    problems: list[Problem] = field(default_factory=list)

    def whole(self, path: Path, container: Entry, chain: tuple[tuple[Path, str], ...]) -> Node:
        """A container of the file at `path`, with what it begins from beneath it."""
        extends = _extends(container.value)
        if extends is None or not isinstance(container.value, Mapping):
            return container.value
        own = container.value.without("extends")
        named = self._named(extends, path)
        if named is None:
            return own
        key, file, node = named
        here = (path, container.key)
        if (file, key) in (*chain, here):
            way = " → ".join(name for _, name in (*chain, here, (file, key)))
            self._problem("extends-cycle", f"`{key}` extends itself: {way}", node, "take one of these `extends` out")
            return own
        parent = self._container(file, key, node)
        inherited = self.whole(file, parent, (*chain, here)) if parent else None
        if not isinstance(inherited, Mapping):
            return own
        merged, problems = merge_containers(inherited, own)
        self.problems += problems
        return merged

    def _named(self, extends: Entry, path: Path) -> tuple[str, Path, Node] | None:
        """Which container is meant, in which file, and where that is said."""
        match extends.value:
            case Scalar(text=str(key)) as node:
                return key, path, node
            case Mapping() as form if {entry.key for entry in form.entries} <= {"service", "file"}:
                service, file = form.get("service"), form.get("file")
                if isinstance(service, Scalar) and service.text:
                    if file is None or is_null(file):
                        return service.text, path, service
                    if isinstance(file, Scalar) and file.text:
                        return service.text, self._file(file.text, path, file), service
        self._problem("extends-form", "`extends` takes the container to begin from", extends.value, _FORM)
        return None

    def _file(self, text: str, path: Path, node: Node) -> Path:
        found = Path(Base(path.parent, self.base.home).rewritten(text))
        if found not in self.roots:
            root = self.read(Named(found, node.where))
            self.roots[found] = as_containers(root) if root is not None else Mapping((), node.where)
        return found

    def _container(self, file: Path, key: str, node: Node) -> Entry | None:
        section = self.roots[file].get(SECTION)
        known = section.entries if isinstance(section, Mapping) else ()
        found = next((entry for entry in known if entry.key == key), None)
        if found is None and known:
            hint = did_you_mean(key, [entry.key for entry in known], f"there are {', '.join(e.key for e in known[:8])}")
            self._problem("extends-unknown", f"there is no container `{key}` to extend in {file.name}", node, hint)
        elif found is None and self.roots[file].entries:
            message = f"{file.name} declares no containers"
            self._problem("extends-unknown", message, node, "name a file with `containers`, or Compose's `services`")
        return found

    def _problem(self, code: str, message: str, node: Node, hint: str) -> None:
        self.problems.append(Problem(code, message, where=node.where, hint=hint))
