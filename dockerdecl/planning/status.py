"""What is declared beside what is there: one entry an address, with the drift that a plan has found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from typing_extensions import TypedDict

from dockerdecl.planning.document import EngineDocument, engine_document
from dockerdecl.planning.standing import owned_containers
from dockerdecl.planning.surroundings import live_network
from dockerdecl.planning.values import Action, Change, Plan, Reason
from dockerdecl.resources.actual import Actual, LiveContainer
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.schemas import documented

FORMAT: Literal["dockerdecl/status/v1"] = "dockerdecl/status/v1"


@documented
class ResourceDocument(TypedDict):
    """One address: what is declared, and what is there."""

    address: str
    """`KIND.KEY`, with `[N]` for a replica."""
    desired: str
    """The declared state."""
    actual: str
    """The state on the engine, in its own word; `present` or `absent` for what has none."""
    health: str | None
    """What the health check says: starting, healthy or unhealthy; null where there is none."""
    since: str | None
    """Since when, as a time by the engine's clock; null where the engine keeps none."""
    drift: list[str]
    """The fields that differ from the manifest."""
    detail: str | None
    """What apply would do, and why; null where it would do nothing."""


@documented
class StatusDocument(TypedDict):
    """What is declared beside what is there."""

    format: Literal["dockerdecl/status/v1"]
    """The format of this document."""
    project: str
    """The project."""
    engine: EngineDocument
    """The engine that this is the state of."""
    resources: list[ResourceDocument]
    """Every address, in the order of plans."""


_NEVER = "0001-01-01T00:00:00Z"


def status_document(desired: Desired, actual: Actual, plan: Plan) -> StatusDocument:
    """The document: of every address what is desired and actual, its health, since when, and what differs."""
    owned = owned_containers(actual, desired)
    return {
        "format": FORMAT,
        "project": plan.project,
        "engine": engine_document(plan),
        "resources": [_entry(change, desired, actual, owned) for change in plan.changes],
    }


def _entry(
    change: Change, desired: Desired, actual: Actual, owned: Mapping[Address, list[LiveContainer]]
) -> ResourceDocument:
    live = owned.get(change.address, [None])[0]
    state: Mapping[str, Any] = (live.raw.get("State") or {}) if live else {}
    return {
        "address": str(change.address),
        "desired": _desired(change.address, desired),
        "actual": live.state if live else _actual(change.address, desired, actual),
        "health": (state.get("Health") or {}).get("Status") if live and live.running else None,
        "since": _since(live, state),
        "drift": sorted({".".join(field.path) for field in change.fields}),
        "detail": _detail(change),
    }


def _detail(change: Change) -> str | None:
    if change.action is Action.NONE:
        return None
    if change.blocked:
        return f"{change.reason}; apply would change nothing: {change.blocked.hint}"
    would = f"apply would {change.action} it"
    return would if change.reason == Reason.DIFFERS else f"{change.reason}; {would}"


def _desired(address: Address, desired: Desired) -> str:
    if address.kind is Kind.CONTAINER:
        container = desired.containers.get(address)
        return container.state if container else "absent"
    if address.kind is Kind.IMAGE:
        return "absent" if desired.images[address].absent else "present"
    spec = (desired.networks if address.kind is Kind.NETWORK else desired.volumes).get(address)
    return spec.spec.state if spec else "absent"


def _actual(address: Address, desired: Desired, actual: Actual) -> str:
    match address.kind:
        case Kind.IMAGE:
            found = actual.image(desired.images[address].reference) is not None
        case Kind.NETWORK:
            network = desired.networks.get(address)
            found = network is None or live_network(network, actual, desired.project) is not None
        case Kind.VOLUME:
            found = desired.volumes[address].name in actual.volumes
        case Kind.CONTAINER:
            found = False
    return "present" if found else "absent"


def _since(live: LiveContainer | None, state: Mapping[str, Any]) -> str | None:
    if live is None:
        return None
    since = state.get("StartedAt") if live.running else state.get("FinishedAt")
    return since if since and since != _NEVER else live.raw.get("Created")
