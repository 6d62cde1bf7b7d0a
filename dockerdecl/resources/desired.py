"""The desired state: address to spec in normal form, every name resolved to the engine's. What planning compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from functools import cached_property
from typing import BinaryIO, Protocol

from dockerdecl.resources.address import Address
from dockerdecl.resources.container.lenses.files import PlacedFile
from dockerdecl.resources.container.parts import Condition
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.image.spec import Build, pull_interval
from dockerdecl.resources.masking import secret_texts
from dockerdecl.resources.network.spec import Network
from dockerdecl.resources.rows import Raw
from dockerdecl.resources.volume.spec import Volume
from dockerdecl.values import dataclass


class Content(Protocol):
    """Something that is sent to the engine: an archive, a root file system, a build context."""

    def open(self) -> BinaryIO:
        """A stream of what is sent; the caller closes it. Raises DockerdeclError where the file is gone."""


@dataclass(frozen=True, slots=True)
class Pull:
    """From a registry; `policy` is `missing`, `always`, `never` or `every_DURATION`."""

    policy: str

    @property
    def every(self) -> int | None:
        """How old an image may be, in seconds, before the registry is asked; None where it is never asked."""
        return 0 if self.policy == "always" else pull_interval(self.policy)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """From another place than the registry that its reference names: `origin` is its reference there."""

    origin: str


@dataclass(frozen=True, slots=True)
class Load:
    """From a `docker save` archive: `ids` are the ids that the image may have on an engine, one per kind of store.

    `layers` and `config` tell it where an engine gives it an id of its own: one with the containerd store does so for
    an archive that was saved by an engine before 25.
    """

    path: str
    ids: frozenset[str]
    content: Content
    layers: tuple[str, ...] = ()
    config: Raw = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Import:
    """From a root file system: `layer` is the digest of its only layer, `changes` what is set in its config."""

    path: str
    layer: str
    changes: tuple[str, ...]
    content: Content


@dataclass(frozen=True, slots=True)
class Built:
    """From a build context: `digest` stands for all that goes into it but its `bases`, which are image references.

    `locked` are the bases that must be a certain image, by digest: `NAME@sha256:...`.
    """

    spec: Build
    digest: str
    bases: tuple[str, ...]
    dockerfile: str
    content: Content
    locked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A certain image, as an earlier revision had it: by its `id` on this engine, or its `digests` in registries."""

    id: str
    digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Locked:
    """The image of a registry that has this `digest` (`NAME@sha256:...`), whatever its reference means there now."""

    digest: str


Source = Pull | Mirrored | Load | Import | Built | Pinned | Locked


@dataclass(frozen=True, slots=True)
class DesiredImage:
    """An image that must be there under `reference` and `tags`, all in their familiar form.

    `implied` where no entry declares it: a container names it itself. `pushed` are those references under which its
    registry must have it too.
    """

    address: Address
    reference: str
    source: Source
    tags: tuple[str, ...] = ()
    platform: str | None = None
    absent: bool = False
    implied: bool = False
    pushed: tuple[str, ...] = ()
    keep: int | None = None

    @property
    def asked(self) -> dict[str, int]:
        """What registries are asked for, each with how old, in seconds, the image may be before they are."""
        if self.absent:
            return {}
        found = dict.fromkeys(self.pushed, 0)
        match self.source:
            case Pull(every=int() as seconds):
                found[self.reference] = seconds
            case Mirrored(origin=origin) if not parse(origin).digest:
                found[origin] = 0
        return found


@dataclass(frozen=True, slots=True)
class DesiredNetwork:
    """A network by its engine name. `implied` where a container joins the default one."""

    address: Address
    name: str
    spec: Network
    implied: bool = False


@dataclass(frozen=True, slots=True)
class DesiredVolume:
    """A volume by its engine name."""

    address: Address
    name: str
    spec: Volume


class Bond(StrEnum):
    """What ties a container to another one."""

    DEPENDS_ON = "depends_on"
    LINK = "links"
    LEGACY_LINK = "legacy link"
    NAMESPACE = "namespace"
    VOLUMES_FROM = "volumes_from"


@dataclass(frozen=True, slots=True)
class Dependence:
    """That a container needs another one, in what condition, and why."""

    on: Address
    bond: Bond
    condition: Condition = Condition.STARTED
    restart: bool = False


@dataclass(frozen=True, slots=True)
class DesiredContainer:
    """A container by its engine name; the names in `spec` are the engine's."""

    address: Address
    name: str
    spec: Container
    image: Address
    dependencies: tuple[Dependence, ...] = ()
    files: tuple[PlacedFile, ...] = ()
    mounted_images: tuple[Address, ...] = ()

    @property
    def state(self) -> str:
        """The declared state."""
        return self.spec.state

    @property
    def networks(self) -> tuple[str, ...]:
        """The engine names of the user-defined networks it joins, the first one being its network mode."""
        return tuple(self.spec.networks or ()) if self.spec.network_mode is None else ()


@dataclass(frozen=True)
class Desired:
    """All that a project declares. `key` salts the digests of files for containers created from now on.

    `inactive` has the keys of the containers none of whose profiles is active: they are left as they are.
    """

    project: str
    images: Mapping[Address, DesiredImage] = field(default_factory=dict)
    networks: Mapping[Address, DesiredNetwork] = field(default_factory=dict)
    volumes: Mapping[Address, DesiredVolume] = field(default_factory=dict)
    containers: Mapping[Address, DesiredContainer] = field(default_factory=dict)
    inactive: frozenset[str] = frozenset()
    key: str = ""

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The texts that must not be shown anywhere."""
        files = (placed for container in self.containers.values() for placed in container.files)
        return secret_texts(placed.content for placed in files if placed.field == "secrets")

    @cached_property
    def wanted_healthy(self) -> frozenset[Address]:
        """The containers that others wait for until they are healthy."""
        dependences = (dependence for container in self.containers.values() for dependence in container.dependencies)
        return frozenset(one.on for one in dependences if one.condition is Condition.HEALTHY)

    @cached_property
    def network_addresses(self) -> Mapping[str, Address]:
        """The networks by the names that they have on the engine."""
        return {network.name: address for address, network in self.networks.items()}

    @cached_property
    def volume_addresses(self) -> Mapping[str, Address]:
        """The volumes by the names that they have on the engine."""
        return {volume.name: address for address, volume in self.volumes.items()}

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every declared address, in the order of plans."""
        return tuple(sorted([*self.images, *self.networks, *self.volumes, *self.containers]))
