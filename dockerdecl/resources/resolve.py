"""From what is written to what should be: names become the engine's, what is implied becomes explicit.

Takes a checked document and what was read from the files it names; gives the desired state. References that name
nothing have been refused before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.container.lenses.files import PlacedFile, file_base, file_target
from dockerdecl.resources.container.lenses.networks import DEFAULT_BRIDGE
from dockerdecl.resources.container.mount_parts import Mount
from dockerdecl.resources.container.parts import Attachment, Condition
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.desired import (
    Bond,
    Dependence,
    Desired,
    DesiredContainer,
    DesiredImage,
    DesiredNetwork,
    DesiredVolume,
    Mirrored,
    Pull,
    Source,
)
from dockerdecl.resources.document import Document
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.network.spec import Network
from dockerdecl.values import dataclass

DEFAULT_NETWORK = "default"


@dataclass(frozen=True, slots=True)
class Contents:
    """What the files that a document names hold: of secrets and configs by key, and the sources of images by key."""

    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    configs: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    sources: Mapping[str, Source] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """The engine names of what a document declares."""

    document: Document

    def network(self, key: str) -> str:
        """The engine name of a network."""
        return self._scoped(key, self.document.networks.get(key))

    def volume(self, key: str) -> str:
        """The engine name of a volume."""
        return self._scoped(key, self.document.volumes.get(key))

    def _scoped(self, key: str, spec: object) -> str:
        name: str | None = getattr(spec, "name", None)
        return name or (key if getattr(spec, "external", False) else f"{self.document.project}_{key}")

    def container(self, address: Address) -> str:
        """The engine name of a container."""
        fixed = self.document.containers[address.key].container_name
        return fixed or f"{self.document.project}-{address.key}" + (f"-{address.index}" if address.index else "")

    def containers(self, key: str) -> tuple[Address, ...]:
        """The addresses of a container: one, or one per replica."""
        count = self.document.containers[key].replicas
        if count is None:
            return (Address(Kind.CONTAINER, key),)
        return tuple(Address(Kind.CONTAINER, key, index) for index in range(1, count + 1))

    def first(self, key: str) -> str:
        """The engine name of a container, of its first replica where there are several."""
        return self.container((*self.containers(key), Address(Kind.CONTAINER, key))[0])

    def image(self, text: str) -> Address:
        """The address of the image that a container names by key or by reference."""
        return Address(Kind.IMAGE, text if text in self.document.images else parse(text).familiar)

    def reference(self, text: str) -> str:
        """The reference of the image that a container names by key or by reference."""
        declared = self.document.images.get(text)
        return declared.ref if declared else parse(text).familiar


def resolve(document: Document, contents: Contents, key: str = "", inactive: frozenset[str] = frozenset()) -> Desired:
    """The desired state. `key` salts the digests of files in labels that are written from now on; `inactive` are the
    containers that are left as they are.
    """
    names = Names(document)
    containers = {c.address: c for c in _containers(document, contents, names)}
    networks = {Address(Kind.NETWORK, k): spec for k, spec in document.networks.items()}
    implied = Address(Kind.NETWORK, DEFAULT_NETWORK)
    wanted = any(names.network(DEFAULT_NETWORK) in c.networks for c in containers.values() if c.state != "absent")
    return Desired(
        project=document.project,
        images=resolve_images(document, contents),
        networks={
            **{
                address: DesiredNetwork(address, names.network(address.key), spec) for address, spec in networks.items()
            },
            **(
                {implied: DesiredNetwork(implied, names.network(DEFAULT_NETWORK), Network(), implied=True)}
                if wanted and implied not in networks
                else {}
            ),
        },
        volumes={
            address: DesiredVolume(address, names.volume(k), spec)
            for k, spec in document.volumes.items()
            for address in (Address(Kind.VOLUME, k),)
        },
        containers=containers,
        inactive=inactive,
        key=key,
    )


def resolve_images(document: Document, contents: Contents) -> dict[Address, DesiredImage]:
    """The images alone, as they are desired: those that are declared, and those that containers name themselves."""
    names, found = Names(document), {}
    for key, spec in document.images.items():
        address = Address(Kind.IMAGE, key)
        source = contents.sources.get(key) or (Mirrored(spec.mirror) if spec.mirror else Pull(spec.pull or "missing"))
        tags = tuple(tag for tag in spec.tags if tag != spec.ref)
        absent = spec.state == "absent"
        found[address] = DesiredImage(
            address, spec.ref, source, tags, spec.platform, absent, pushed=spec.pushed, keep=spec.keep
        )
    for address, users in _image_users(document, names).items():
        policy = next((user.pull_policy for user in users if user.pull_policy not in (None, "build")), None)
        pull = Pull(policy or "missing")
        source = contents.sources.get(address.key) or pull
        image = found.get(address) or DesiredImage(address, address.key, source, implied=True)
        unsaid = image.source == Pull("missing") and policy is not None
        platform = image.platform or next((user.platform for user in users if user.platform), None)
        found[address] = replace(image, platform=platform, source=pull if unsaid else image.source)
    return found


def _image_users(document: Document, names: Names) -> dict[Address, list[Container]]:
    "by image, the containers that are made from it; one that only mounts it has nothing to say of it"
    found: dict[Address, list[Container]] = {}
    for container in document.containers.values():
        if container.state != "absent":
            if container.image:
                found.setdefault(names.image(container.image), []).append(container)
            for reference in mounted_images(container):
                found.setdefault(names.image(reference), [])
    return found


def mounted_images(spec: Container) -> tuple[str, ...]:
    """The images that a container mounts, as it names them."""
    return tuple(mount.source for mount in spec.volumes if mount.type == "image" and mount.source)


def _containers(document: Document, contents: Contents, names: Names) -> Iterator[DesiredContainer]:
    for key, spec in document.containers.items():
        for address in names.containers(key):
            yield DesiredContainer(
                address,
                names.container(address),
                _with_engine_names(spec, key, names),
                names.image(spec.image) if spec.image else Address(Kind.IMAGE, ""),
                tuple(_dependencies(spec, names)),
                tuple(_files(spec, contents, names.document)),
                tuple(names.image(reference) for reference in mounted_images(spec)),
            )


def _with_engine_names(spec: Container, key: str, names: Names) -> Container:
    changed: dict[str, object] = {"networks": _networks(spec, key, names)}
    if spec.volumes:
        changed["volumes"] = tuple(_mount(mount, names) for mount in spec.volumes)
    if spec.links is not None or spec.external_links:
        changed["links"] = _links(spec, names) or None
    if spec.volumes_from is not None:
        changed["volumes_from"] = tuple(_volumes_from(text, names) for text in spec.volumes_from) or None
    for word in ("network_mode", "pid", "ipc"):
        mode: str | None = getattr(spec, word)
        if mode is not None:
            changed[word] = _namespace(mode, names)
    return spec.model_copy(update=changed)


def _links(spec: Container, names: Names) -> dict[str, str]:
    outside = (text.partition(":") for text in spec.external_links or ())
    inside = {alias: names.first(target) for alias, target in (spec.links or {}).items()}
    return {**{alias or name: name for name, _, alias in outside}, **inside}


def _networks(spec: Container, key: str, names: Names) -> dict[str, Attachment] | None:
    if spec.network_mode is not None:
        return None
    declared = {DEFAULT_NETWORK: Attachment()} if spec.networks is None else spec.networks
    by_priority = sorted(declared.items(), key=lambda item: -item[1].priority)
    found = {names.network(name): attachment for name, attachment in by_priority}
    return {
        name: attachment.model_copy(update={"aliases": tuple(dict.fromkeys((key, *attachment.aliases)))})
        if name != DEFAULT_BRIDGE  # which has no aliases
        else attachment
        for name, attachment in found.items()
    }


def _mount(mount: Mount, names: Names) -> Mount:
    if mount.type == "image" and mount.source:
        return mount.model_copy(update={"source": names.reference(mount.source)})
    if mount.type != "volume" or mount.source is None:
        return mount
    return mount.model_copy(update={"source": names.volume(mount.source)})


def _volumes_from(text: str, names: Names) -> str:
    if text.startswith("container:"):
        return text.removeprefix("container:")
    key, colon, mode = text.partition(":")
    return names.first(key) + colon + mode


def _namespace(mode: str, names: Names) -> str:
    if not mode.startswith("service:"):
        return mode
    return f"container:{names.first(mode.removeprefix('service:'))}"


def shared_namespaces(spec: Container) -> dict[str, str]:
    """The fields of a container as written that share another declared one's namespace, and its key."""
    modes = {word: getattr(spec, word) or "" for word in ("network_mode", "pid", "ipc")}
    return {word: mode.removeprefix("service:") for word, mode in modes.items() if mode.startswith("service:")}


def _dependencies(spec: Container, names: Names) -> Iterator[Dependence]:
    for key, dependency in (spec.depends_on or {}).items():
        if key in names.document.containers:
            for address in names.containers(key):
                yield Dependence(address, Bond.DEPENDS_ON, dependency.condition, dependency.restart)
    bond = Bond.LINK if spec.network_mode is None else Bond.LEGACY_LINK
    for key in (spec.links or {}).values():
        yield Dependence(names.containers(key)[0], bond)
    for key in shared_namespaces(spec).values():
        yield Dependence(names.containers(key)[0], Bond.NAMESPACE)
    for text in spec.volumes_from or ():
        if not text.startswith("container:"):
            yield Dependence(names.containers(text.partition(":")[0])[0], Bond.VOLUMES_FROM, Condition.STARTED)


def _files(spec: Container, contents: Contents, document: Document) -> Iterator[PlacedFile]:
    for word, grants, found, declared in (
        ("secrets", spec.secrets, contents.secrets, document.secrets),
        ("configs", spec.configs, contents.configs, document.configs),
    ):
        for grant in grants or ():
            target = file_target(word, grant)
            content = found.get(grant.source, b"")
            base = file_base(spec, target)
            path = declared[grant.source].file if grant.source in declared else None
            yield PlacedFile(word, grant.source, target, grant.mode, grant.uid, grant.gid, content, base, path)
