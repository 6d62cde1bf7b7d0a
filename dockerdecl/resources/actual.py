"""The actual state of one engine, as it was read: what planning compares with the desired state.

Own containers, networks and volumes carry their whole inspection; of what belongs to others only that is held which
could be in the way: names, states, and which images, networks and volumes they use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property

from dockerdecl.errors import Problem
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.rows import Raw, look_up
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """Which engine was read: where it is, its version, the API version spoken, whether it can limit swap, the operating
    system of its containers, and whose product it is.
    """

    host: str = ""
    version: str = ""
    api_version: str = "1.41"
    limits_swap: bool = True
    system: str = "linux"
    product: str = "Docker"


@dataclass(frozen=True, slots=True)
class LiveImage:
    """An image on the engine; `config` is the `Config` of its inspection, `layers` its `RootFS.Layers`.

    `platform` is empty where it was not looked at.
    """

    id: str
    references: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    config: Raw = field(default_factory=dict)
    comment: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class LiveNetwork:
    """A network on the engine, with its inspection."""

    id: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    raw: Raw = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LiveVolume:
    """A volume on the engine, with its inspection."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    raw: Raw = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LiveContainer:
    """A container on the engine. `state` is the engine's word; `raw` is its inspection, empty for others' containers.

    `networks` are names, `volumes` the names of the volumes mounted into it. `link_paths` are the legacy links that
    lead to it, by the names of those who have them, such as `shop-web/database`.
    """

    id: str
    name: str
    state: str
    image_id: str
    image_name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    raw: Raw = field(default_factory=dict)
    link_paths: tuple[str, ...] = ()

    def uses(self, image: LiveImage) -> bool:
        """Whether it is made from an image, or mounts it."""
        mounts = (self.raw.get("HostConfig") or {}).get("Mounts") or ()
        sources = {mount.get("Source") for mount in mounts if mount.get("Type") == "image"}
        return self.image_id == image.id or bool(sources & {image.id, *image.references})

    @property
    def network_mode(self) -> str:
        """The network that it was created on, by name, or another mode of the engine's."""
        return str(look_up(self.raw, "HostConfig.NetworkMode") or "")

    @property
    def running(self) -> bool:
        """Whether its process lives, paused or between restarts included."""
        return self.state in ("running", "paused", "restarting")

    @property
    def started(self) -> str:
        """When its process began, by the engine's clock, as a text that sorts: engines leave out zeros at the end."""
        whole, _, fraction = str(look_up(self.raw, "State.StartedAt") or "").rstrip("Z").partition(".")
        return f"{whole}.{fraction:0<9}"


@dataclass(frozen=True)
class Actual:
    """All that was read of one engine.

    `references` gives the id that a listed reference means now; `registry_digests` what a registry says that it
    would pull for one, or why it could not be asked.
    """

    engine: EngineFacts = field(default_factory=EngineFacts)
    images: Mapping[str, LiveImage] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    networks: tuple[LiveNetwork, ...] = ()
    volumes: Mapping[str, LiveVolume] = field(default_factory=dict)
    containers: tuple[LiveContainer, ...] = ()
    registry_digests: Mapping[str, str | Problem] = field(default_factory=dict)

    @cached_property
    def network_ids(self) -> Mapping[str, str]:
        """The id of each network, by name."""
        return {network.name: network.id for network in self.networks}

    @cached_property
    def container_names(self) -> frozenset[str]:
        """The names of all containers."""
        return frozenset(container.name for container in self.containers)

    @cached_property
    def link_paths(self) -> frozenset[str]:
        """The legacy links that lead to any container, as `LiveContainer` has them."""
        return frozenset(path for container in self.containers for path in container.link_paths)

    def image(self, reference: str) -> LiveImage | None:
        """The image that a reference or an id means on this engine."""
        return self.images.get(self.id_of(reference) or reference)

    def id_of(self, reference: str) -> str | None:
        """The id that a reference means on this engine; None where it means nothing there."""
        return self.references.get(parse(reference).listed)
