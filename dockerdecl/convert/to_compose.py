"""A manifest as a Compose file.

Takes the tree of a manifest, gives the tree of a Compose file that does the same, and a warning with its place for all
that Compose has no word for. Reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from types import MappingProxyType

from dockerdecl.convert.compose_scalars import as_compose_reads
from dockerdecl.errors import Problem
from dockerdecl.manifest import nodes
from dockerdecl.manifest.explain import address_of
from dockerdecl.manifest.nodes import Entry, Node, NodePath, Scalar, Sequence, is_null
from dockerdecl.values import dataclass

_NONE = "Compose has no word for it"
_STATES: Mapping[str, str] = MappingProxyType(
    {
        "created": "Compose starts every container that it makes; `docker compose create` makes them without",
        "stopped": "Compose starts every container that it makes",
        "paused": "Compose starts every container that it makes; `docker compose pause` pauses one",
        "completed": "Compose does not wait for its end; others can, with `service_completed_successfully`",
    }
)
_NO_WORD: Mapping[str, str] = MappingProxyType(
    {
        "publish_all_ports": "write the ports that are meant",
        "volume_driver": "write it in the entries of `volumes`",
        **dict.fromkeys(("stdin_once", "shell", "cpuset_mems", "masked_paths", "readonly_paths"), _NONE),
    }
)
_SOURCES: Mapping[str, str] = MappingProxyType({"load": "docker load", "import": "docker import"})
_UPDATES = (("order", "order"), ("max_parallel", "parallelism"), ("monitor", "monitor"))


@dataclass(slots=True)
class Exporting:
    """One run; what Compose can't say is added to `warnings`."""

    warnings: list[Problem] = field(default_factory=list)
    images: dict[str, nodes.Mapping] = field(default_factory=dict)
    builders: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def compose(self, root: nodes.Mapping) -> nodes.Mapping:
        """The tree of the Compose file."""
        root = as_compose_reads(root)
        self.images = {e.key: e.value for e in _entries(root.get("images")) if isinstance(e.value, nodes.Mapping)}
        self.builders = _builders(root)
        found: list[Entry] = []
        for entry in root.entries:
            match entry.key:
                case "apiVersion" | "images":
                    continue
                case "project":
                    found.append(replace(entry, key="name"))
                case "containers":
                    found.append(replace(entry, key="services", value=self._each(entry, self._service)))
                case "networks" | "volumes":
                    found.append(replace(entry, value=self._each(entry, self._present)))
                case "on_failure" | "policy":
                    self._lost(entry, (entry.key,), _NONE)
                case _:
                    found.append(entry)
        self._unused(root)
        return replace(root, entries=tuple(found))

    def _each(self, section: Entry, change: Callable[[NodePath, nodes.Mapping], nodes.Mapping | None]) -> Node:
        if not isinstance(section.value, nodes.Mapping):
            return section.value
        kept = []
        for entry in section.value.entries:
            value = entry.value
            changed = change((section.key, entry.key), value) if isinstance(value, nodes.Mapping) else value
            if changed is not None:
                kept.append(replace(entry, value=changed))
        return replace(section.value, entries=tuple(kept))

    def _present(self, path: NodePath, spec: nodes.Mapping) -> nodes.Mapping | None:
        state = spec.entry("state")
        if state and _text(state.value) == "absent":
            self._lost(state, path, "Compose takes down only what it knows; this entry is left out")
            return None
        return spec.without("state")

    def _service(self, path: NodePath, spec: nodes.Mapping) -> nodes.Mapping | None:
        present = self._present(path, spec)
        if present is None:
            return None
        state = spec.entry("state")
        if state and _text(state.value) in _STATES:
            self._lost(state, path, _STATES[_text(state.value)])
        found: dict[str, Entry] = {}
        for entry in present.entries:
            if entry.key in _NO_WORD:
                self._lost(entry, path, _NO_WORD[entry.key])
            elif entry.key == "replicas":
                found["scale"] = replace(entry, key="scale")
            elif entry.key == "image":
                found |= {part.key: part for part in self._image(entry, spec, str(path[-1]))}
            elif entry.key != "replace":
                found.setdefault(entry.key, entry)
        if replacing := spec.entry("replace"):
            found |= {entry.key: entry for entry in self._deploy(found.get("deploy"), replacing, path)}
        if "volumes" in found:
            found["volumes"] = replace(found["volumes"], value=self._mounts(path, found["volumes"].value))
        return replace(present, entries=tuple(found.values()))

    def _image(self, named: Entry, spec: nodes.Mapping, service: str) -> Iterator[Entry]:
        """What a service says of its image: the reference, how it is built or pulled, its platform."""
        key = _text(named.value)
        image = self.images.get(key)
        if image is None:
            yield named
            return
        self.used.add(key)
        for entry in image.entries:
            match entry.key:
                case "ref":
                    yield replace(named, value=entry.value)
                case "build" if self.builders.get(key) == service:
                    yield replace(entry, value=_with_tags(entry.value, image.entry("tags")))
                case "pull":
                    yield replace(entry, key="pull_policy")
                case "platform" if spec.get("platform") is None:
                    yield entry
                case "load" | "import":
                    self._lost(entry, ("images", key), f"Compose can't; `{_SOURCES[entry.key]}` must have made it")
                    yield Entry("pull_policy", entry.key_where, Scalar("never", plain=True, where=entry.value.where))
                case "tags" if image.get("build") is None:
                    self._lost(entry, ("images", key), "Compose tags only what it builds")
                case "changes":
                    self._lost(entry, ("images", key), _NONE)

    def _deploy(self, own: Entry | None, replacing: Entry, path: NodePath) -> Iterator[Entry]:
        settings = replacing.value
        deploy = own.value if own and isinstance(own.value, nodes.Mapping) else nodes.Mapping((), replacing.key_where)
        config = deploy.get("update_config")
        config = config if isinstance(config, nodes.Mapping) else nodes.Mapping((), replacing.key_where)
        entries = {entry.key: entry for entry in config.entries}
        if isinstance(settings, nodes.Mapping):
            for word, name in _UPDATES:
                if found := settings.entry(word):
                    entries[name] = replace(found, key=name)
            if timeout := settings.entry("health_timeout"):
                self._lost(timeout, (*path, "replace"), _NONE)
        if not entries:
            return
        parts = {entry.key: entry for entry in deploy.entries}
        parts["update_config"] = Entry(
            "update_config", replacing.key_where, replace(config, entries=tuple(entries.values()))
        )
        yield Entry("deploy", replacing.key_where, replace(deploy, entries=tuple(parts.values())))

    def _mounts(self, path: NodePath, volumes: Node) -> Node:
        if not isinstance(volumes, Sequence):
            return volumes
        return replace(volumes, items=tuple(self._mount(path, item) for item in volumes.items))

    def _mount(self, path: NodePath, item: Node) -> Node:
        options = item.get("volume") if isinstance(item, nodes.Mapping) else None
        made = [entry for entry in _entries(options) if entry.key in ("labels", "driver", "driver_opts")]
        for entry in made:
            self._lost(entry, (*path, "volumes"), "write it in an entry of `volumes`")
        if not made or not isinstance(item, nodes.Mapping) or not isinstance(options, nodes.Mapping):
            return item
        left = options.without(*(entry.key for entry in made))
        kept = (replace(entry, value=left) if entry.value is options else entry for entry in item.entries)
        return replace(item, entries=tuple(entry for entry in kept if entry.value is not left or left.entries))

    def _unused(self, root: nodes.Mapping) -> None:
        for entry in _entries(root.get("images")):
            if entry.key not in self.used:
                self._lost(entry, ("images", entry.key), "no container uses it, and Compose knows no other images")

    def _lost(self, entry: Entry, path: NodePath, why: str) -> None:
        message = f"`{entry.key}` is no word of a Compose file: {why}"
        if path[0] == "images" and path[-1] == entry.key:
            message = f"the image `{entry.key}` is left out: {why}"
        self.warnings.append(Problem("export-word-left-out", message, address_of(path), entry.key_where))


def _entries(node: Node | None) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, nodes.Mapping) else ()


def _builders(root: nodes.Mapping) -> dict[str, str]:
    """By image, the container that says how it is built: that of the same key, or the first, best without profiles."""
    found: dict[str, str] = {}
    specs = [(e.key, e.value) for e in _entries(root.get("containers")) if isinstance(e.value, nodes.Mapping)]
    specs.sort(key=lambda spec: (spec[0] != _text(spec[1].get("image")), spec[1].get("profiles") is not None))
    for key, spec in specs:
        found.setdefault(_text(spec.get("image")), key)
    return found


def _text(node: Node | None) -> str:
    return node.text or "" if isinstance(node, Scalar) else ""


def _with_tags(build: Node, tags: Entry | None) -> Node:
    if tags is None or is_null(tags.value):
        return build
    if not isinstance(build, nodes.Mapping):
        build = nodes.Mapping((Entry("context", build.where, build),), build.where)
    return replace(build, entries=(*build.entries, tags))
