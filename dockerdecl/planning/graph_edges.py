"""What binds a project's resources to one another: why a container needs another one, and what it is on or has.

Takes the desired and the actual state, gives edges between addresses. An edge leads from what needs to what is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from typing_extensions import TypedDict

from dockerdecl.planning.standing import owned_containers
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.container.parts import Condition
from dockerdecl.resources.desired import Bond, Dependence, Desired, DesiredContainer
from dockerdecl.resources.ownership import owned_address
from dockerdecl.resources.schemas import documented, one_of
from dockerdecl.values import dataclass

BONDS = tuple(bond.value for bond in Bond)
EDGES = (*BONDS, "image", "network", "volume")


@documented
class EdgeDocument(TypedDict):
    """That one address needs another one."""

    source: str
    """What needs."""
    target: str
    """What is needed."""
    kind: Annotated[str, one_of(EDGES)]
    """How it is bound."""
    label: str | None
    """What there is to say of it: the condition, the other name of a link, the namespace, the path in the container."""
    read_only: bool
    """Whether a volume, or what comes from another container, can only be read."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge."""

    source: Address
    target: Address
    kind: str
    label: str | None = None
    read_only: bool = False

    def document(self) -> EdgeDocument:
        """As JSON."""
        return {
            "source": str(self.source),
            "target": str(self.target),
            "kind": self.kind,
            "label": self.label,
            "read_only": self.read_only,
        }


_CONDITIONS = {Condition.HEALTHY: "healthy", Condition.COMPLETED: "completed"}


def declared_edges(desired: Desired) -> Iterator[Edge]:
    """The edges that the manifest declares, in its order."""
    networks = {network.name: address for address, network in desired.networks.items()}
    volumes = {volume.name: address for address, volume in desired.volumes.items()}
    for address, container in desired.containers.items():
        if container.state == "absent":
            continue
        for dependence in dict.fromkeys(container.dependencies):
            label, read_only = _said(dependence, container, desired)
            yield Edge(address, dependence.on, dependence.bond.value, label, read_only)
        for name in container.networks:
            if name in networks:
                yield Edge(address, networks[name], "network")
        for mount in container.spec.volumes:
            if mount.type == "volume" and mount.source in volumes:
                yield Edge(address, volumes[mount.source], "volume", mount.target, mount.read_only)
        for image in dict.fromkeys((container.image, *container.mounted_images)):
            if image in desired.images:
                yield Edge(address, image, "image")


def live_edges(desired: Desired, actual: Actual) -> Iterator[Edge]:
    """The edges of the project's containers that are on the engine, and declared no more."""
    networks = {live.name: owned_address(live.labels, desired.project) for live in actual.networks}
    networks |= {network.name: address for address, network in desired.networks.items()}
    volumes = {live.name: owned_address(live.labels, desired.project) for live in actual.volumes.values()}
    volumes |= {volume.name: address for address, volume in desired.volumes.items()}
    for address, (live, *_) in owned_containers(actual, desired).items():
        if address in desired.containers and desired.containers[address].state != "absent":
            continue
        for name in live.networks:
            if (network := networks.get(name)) is not None:
                yield Edge(address, network, "network")
        for mount in live.raw.get("Mounts") or ():
            volume = volumes.get(str(mount.get("Name")))
            if mount.get("Type") == "volume" and volume is not None and volume.kind is Kind.VOLUME:
                yield Edge(address, volume, "volume", str(mount.get("Destination") or ""), not mount.get("RW", True))


def _said(dependence: Dependence, container: DesiredContainer, desired: Desired) -> tuple[str | None, bool]:
    target = desired.containers[dependence.on]
    match dependence.bond:
        case Bond.DEPENDS_ON:
            return _CONDITIONS.get(dependence.condition), False
        case Bond.LINK | Bond.LEGACY_LINK:
            names = [alias for alias, name in (container.spec.links or {}).items() if name == target.name]
            return ", ".join(sorted(names)) or None, False
        case Bond.NAMESPACE:
            words = ("network_mode", "pid", "ipc")
            shared = [word for word in words if getattr(container.spec, word) == f"container:{target.name}"]
            return ", ".join(word.removesuffix("_mode") for word in shared) or None, False
        case Bond.VOLUMES_FROM:
            return None, f"{target.name}:ro" in (container.spec.volumes_from or ())
