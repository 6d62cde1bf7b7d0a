"""A project as a graph: what there is, what it is bound to, and how each of it is or what would happen to it.

Takes the desired state, the actual one and a plan as far as they are known, gives the JSON document that every picture
is drawn from. Decides no colour and no place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from typing_extensions import TypedDict

from dockerdecl.errors import fail
from dockerdecl.planning.document import EngineDocument
from dockerdecl.planning.graph_edges import Edge, EdgeDocument, declared_edges, live_edges
from dockerdecl.planning.standing import owned_containers
from dockerdecl.planning.surroundings import live_network
from dockerdecl.planning.values import Action, Plan, covered
from dockerdecl.resources.actual import Actual, LiveContainer, LiveNetwork, LiveVolume
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.container.parts import Port
from dockerdecl.resources.desired import Desired, DesiredContainer
from dockerdecl.resources.ownership import owned_address
from dockerdecl.resources.schemas import documented, one_of

FORMAT: Literal["dockerdecl/graph/v1"] = "dockerdecl/graph/v1"

STATES = (
    *("running", "healthy", "starting", "unhealthy", "restarting", "paused", "created", "stopped", "completed"),
    *("failed", "dead", "present", "missing", "external"),
)
ACTIONS = (*(action.value for action in Action if action is not Action.NONE), "unchanged")


@documented
class NodeDocument(TypedDict):
    """One address: a container, a network, a volume or an image."""

    address: str
    """`KIND.KEY`, with `[N]` for a replica."""
    kind: Annotated[str, one_of(kind.value for kind in Kind)]
    """What it is."""
    name: str
    """Its name on the engine, or the reference of an image."""
    detail: str | None
    """What it is made of: the image of a container, the driver of a network or a volume."""
    ports: list[str]
    """The published ports, such as `127.0.0.1:8080 → 80`."""
    networks: list[str]
    """The addresses of the networks that a container is on."""
    declared: bool
    """Whether the manifest declares it; what it declares no more is shown as long as it is on the engine."""
    state: Annotated[str | None, one_of((*STATES, None))]
    """How it is on the engine; null where no engine was asked."""
    action: Annotated[str | None, one_of((*ACTIONS, None))]
    """What the plan does to it; null without a plan."""
    reason: str | None
    """Why the plan does that."""


@documented
class GraphDocument(TypedDict):
    """A project as a graph."""

    format: Literal["dockerdecl/graph/v1"]
    """The format of this document."""
    project: str
    """The project."""
    engine: EngineDocument | None
    """The engine that was asked; null where none was."""
    shows: Annotated[str, one_of(("declared", "state", "change"))]
    """What the pictures of it show of each node: that it is declared, its state, or what a plan does to it."""
    nodes: list[NodeDocument]
    """What there is, in the order of plans."""
    edges: list[EdgeDocument]
    """What is bound to what, by addresses of nodes."""


def graph_document(
    desired: Desired, actual: Actual | None = None, plan: Plan | None = None, *, targets: Sequence[Address] = ()
) -> GraphDocument:
    """The graph of a project: only as declared where no engine was asked, with `targets` only these and what they need.

    Raises DockerdeclError for a target that there isn't.
    """
    facts = actual.engine if actual else None
    nodes = dict(_nodes(desired, actual, plan))
    edges = [edge for edge in _edges(desired, actual) if edge.source in nodes and edge.target in nodes]
    kept = _reached(nodes, edges, targets, desired) if targets else set(nodes)
    return {
        "format": FORMAT,
        "project": desired.project,
        "engine": {"host": facts.host, "version": facts.version, "api": facts.api_version} if facts else None,
        "shows": "change" if plan else "state" if actual else "declared",
        "nodes": [nodes[address] for address in sorted(kept)],
        "edges": [edge.document() for edge in edges if edge.source in kept and edge.target in kept],
    }


def _reached(
    nodes: Mapping[Address, Any], edges: Iterable[Edge], targets: Sequence[Address], d: Desired
) -> set[Address]:
    for target in targets:
        if not any(target.covers(address) for address in nodes):
            names = ", ".join(str(address) for address in sorted(nodes) if address.kind is target.kind) or "none"
            message = f"{target} is not declared in project {d.project}"
            raise fail("unknown-address", message, hint=f"the {target.kind} addresses are: {names}")
    needs: dict[Address, list[Address]] = {}
    for edge in edges:
        needs.setdefault(edge.source, []).append(edge.target)
    found = {address for address in nodes if covered(address, targets)}
    queue = list(found)
    while queue:
        new = [address for address in needs.get(queue.pop(), ()) if address not in found]
        found.update(new)
        queue += new
    return found


def _edges(desired: Desired, actual: Actual | None) -> Iterator[Edge]:
    yield from declared_edges(desired)
    if actual is not None:
        yield from live_edges(desired, actual)


def _nodes(desired: Desired, actual: Actual | None, plan: Plan | None) -> Iterator[tuple[Address, NodeDocument]]:
    changes = {change.address: change for change in plan.changes} if plan else None
    for address, node in (*_declared(desired, actual), *(_undeclared(desired, actual) if actual else ())):
        change = changes.get(address) if changes is not None else None
        gone = not node["declared"] and node["state"] == "missing"
        if gone and (change is None or change.action is Action.NONE):
            continue
        if changes is not None:
            acts = change is not None and change.action is not Action.NONE
            node["action"] = str(change.action) if change and acts else "unchanged"
            node["reason"] = change.reason if change and acts else None
        yield address, node


def _declared(desired: Desired, actual: Actual | None) -> Iterator[tuple[Address, NodeDocument]]:
    """What the manifest declares; what it declares absent counts as not declared."""
    for address, image in desired.images.items():
        state = _presence(actual is not None, actual is not None and actual.image(image.reference) is not None)
        yield address, _node(address, image.reference, None, state, declared=not image.absent)
    for address, network in desired.networks.items():
        found = actual is not None and live_network(network, actual, desired.project) is not None
        state = _presence(actual is not None, found, external=network.spec.external)
        detail = network.spec.driver or ("external" if network.spec.external else None)
        yield address, _node(address, network.name, detail, state, declared=network.spec.state != "absent")
    for address, volume in desired.volumes.items():
        found = actual is not None and volume.name in actual.volumes
        state = _presence(actual is not None, found, external=volume.spec.external)
        detail = volume.spec.driver or ("external" if volume.spec.external else None)
        yield address, _node(address, volume.name, detail, state, declared=volume.spec.state != "absent")
    owned = owned_containers(actual, desired) if actual else {}
    on = {network.name: str(address) for address, network in desired.networks.items()}
    for address, container in desired.containers.items():
        live = owned.get(address, [None])[0]
        state = (_container_state(live, container) if live else "missing") if actual else None
        node = _node(
            address, container.name, _image_of(container, desired), state, declared=container.state != "absent"
        )
        node["ports"] = [port_text(port) for port in container.spec.ports or ()]
        node["networks"] = [on[name] for name in container.networks if name in on]
        yield address, node


def _undeclared(desired: Desired, actual: Actual) -> Iterator[tuple[Address, NodeDocument]]:
    """What is the project's on the engine, and not in the manifest."""
    on = {live.name: owned_address(live.labels, desired.project) for live in actual.networks}
    on |= {network.name: address for address, network in desired.networks.items()}
    for address, (live, *_) in owned_containers(actual, desired).items():
        if address not in desired.containers:
            node = _node(address, live.name, live.image_name, _container_state(live, None), declared=False)
            node["networks"] = [str(on[name]) for name in live.networks if on.get(name)]
            yield address, node
    around: list[tuple[Address | None, LiveNetwork | LiveVolume]] = [
        *((owned_address(network.labels, desired.project), network) for network in actual.networks),
        *((owned_address(volume.labels, desired.project), volume) for volume in actual.volumes.values()),
    ]
    for owned, thing in around:
        if owned is not None and owned not in desired.networks and owned not in desired.volumes:
            yield owned, _node(owned, thing.name, thing.raw.get("Driver"), "present", declared=False)


def _node(address: Address, name: str, detail: str | None, state: str | None, *, declared: bool) -> NodeDocument:
    return {
        "address": str(address),
        "kind": address.kind.value,
        "name": name,
        "detail": detail,
        "ports": [],
        "networks": [],
        "declared": declared,
        "state": state,
        "action": None,
        "reason": None,
    }


def _presence(asked: bool, found: bool, *, external: bool = False) -> str | None:
    if not asked:
        return None
    return ("external" if external else "present") if found else "missing"


_ENDED = {"exited": "stopped"}


def _container_state(live: LiveContainer, declared: DesiredContainer | None) -> str:
    state: Mapping[str, Any] = live.raw.get("State") or {}
    if live.state == "running":
        health = (state.get("Health") or {}).get("Status")
        return health if health in ("healthy", "starting", "unhealthy") else "running"
    if live.state == "exited" and (declared is None or declared.state in ("running", "completed")):
        failed = state.get("ExitCode") not in (0, None)
        if failed:
            return "failed"
        return "completed" if declared is not None and declared.state == "completed" else "stopped"
    return _ENDED.get(live.state, live.state)


def _image_of(container: DesiredContainer, desired: Desired) -> str | None:
    image = desired.images.get(container.image)
    return image.reference if image else None


def port_text(port: Port) -> str:
    """A published port for people: `127.0.0.1:8080 → 80/udp`."""
    host = f"[{port.host_ip}]" if ":" in port.host_ip else port.host_ip
    published = ":".join(part for part in (host, port.published or "any") if part)
    protocol = "" if port.protocol == "tcp" else f"/{port.protocol}"
    return f"{published} → {port.target}{protocol}"
