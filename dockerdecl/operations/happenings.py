"""What happens on an engine, with whose it happens to.

Takes the engine's events, gives those of some containers, of a project, or all. What a container's health check and
others run in it is left out unless it is wanted, and the words of such commands always: secrets stand in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import TypedDict

from dockerdecl.operations.moments import engine_time, iso_time
from dockerdecl.resources.ownership import ADDRESS, owned_address, owner
from dockerdecl.resources.schemas import documented
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine
    from dockerdecl.operations.found import FoundContainer

_RUN_IN_IT = ("exec_create", "exec_start", "exec_die", "exec_detach")
_DETAILS = frozenset({"exitCode", "signal", "execDuration", "driver", "destination", "type", "oldName", "execID"})


@documented
class EventDocument(TypedDict):
    """Something that happened, as `dockerdecl events --format json` prints it: one document a line."""

    format: Literal["dockerdecl/event/v1"]
    """The format of this document."""
    time: str
    """When it happened, in UTC."""
    kind: str
    """`container`, `image`, `network` or `volume`."""
    action: str
    """What happened, in the engine's word, such as `start`, `die`, `destroy`, `health_status: healthy`."""
    project: str | None
    """The project that it happened to."""
    address: str | None
    """The address in it."""
    name: str
    """The name on the engine."""
    id: str
    """The id on the engine; an image's name, where it has one."""
    details: dict[str, str]
    """What the engine says beside it, such as `exitCode`; labels are left out."""


@dataclass(frozen=True, slots=True)
class Interest:
    """Which events: of these containers, else of this project, else all; `run_in_it` is of commands run in them too."""

    containers: tuple[FoundContainer, ...] = ()
    project: str | None = None
    run_in_it: bool = False
    since: int | None = None
    until: int | None = None


def happenings(engine: Engine, interest: Interest) -> Iterator[EventDocument]:
    """What happens, as it does: until `until`, or without an end. Raises `connection-lost`."""
    from dockerdecl.engine.events import EngineEvents

    known = _known(engine, interest)
    since = None if interest.since is None else engine_time(interest.since)
    until = None if interest.until is None else engine_time(interest.until)
    with closing(EngineEvents(engine, since=since, until=until)) as events:
        for event in events:
            document = event_document(event, known)
            if document and _is_wanted(document, interest):
                yield document


def event_document(event: Mapping[str, Any], known: Mapping[str, tuple[str, str]]) -> EventDocument | None:
    """An event as JSON; `known` are project and address of things whose events don't say, by id. None for others'."""
    actor = event.get("Actor") or {}
    attributes: Mapping[str, str] = actor.get("Attributes") or {}
    action = str(event.get("Action") or "")
    if event.get("scope", "local") != "local" or not action:
        return None
    short = action.partition(":")[0]
    project = owner(attributes)
    address = owned_address(attributes, project) if project else None
    whose = (project, str(address)) if project and address else known.get(str(actor.get("ID") or ""), (None, None))
    return {
        "format": "dockerdecl/event/v1",
        "time": iso_time(int(event.get("timeNano") or 0)),
        "kind": str(event.get("Type") or ""),
        "action": short if short in _RUN_IN_IT else action,
        "project": whose[0],
        "address": whose[1],
        "name": attributes.get("name") or str(actor.get("ID") or ""),
        "id": str(actor.get("ID") or ""),
        "details": _details(event, attributes),
    }


def _details(event: Mapping[str, Any], attributes: Mapping[str, str]) -> dict[str, str]:
    "a container's labels stand among what the engine adds, so it is known words that are taken"
    found = {key: text for key, text in attributes.items() if key in _DETAILS}
    if event.get("Type") == "network" and "container" in attributes:
        found["container"] = attributes["container"]
    return found


def _known(engine: Engine, interest: Interest) -> dict[str, tuple[str, str]]:
    "whose networks, volumes and adopted containers are: their events carry no labels"
    from dockerdecl.engine.calls.networks import list_networks
    from dockerdecl.engine.calls.volumes import list_volumes
    from dockerdecl.operations.found import find_containers

    known = {c.id: (c.project, str(c.address)) for c in find_containers(engine) if c.project and c.address}
    for identity, labels in (
        *((each["Id"], each.get("Labels")) for each in list_networks(engine)),
        *((each["Name"], each.get("Labels")) for each in list_volumes(engine)),
    ):
        if (project := owner(labels)) and labels:
            known[identity] = (project, labels[ADDRESS])
    return known


def _is_wanted(document: EventDocument, interest: Interest) -> bool:
    if document["action"] in _RUN_IN_IT and not interest.run_in_it:
        return False
    if interest.containers:
        return _is_of(document, interest.containers)
    return interest.project is None or document["project"] == interest.project


def _is_of(document: EventDocument, containers: Sequence[FoundContainer]) -> bool:
    "of one of these, of what took its place, or of a network that it joins or leaves"
    for each in containers:
        if each.id in (document["id"], document["details"].get("container")):
            return True
        if each.address and (document["project"], document["address"]) == (each.project, str(each.address)):
            return True
        if document["kind"] == "container" and document["name"] == each.name:
            return True
    return False
