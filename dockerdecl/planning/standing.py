"""What of a project stands on the engine: which container an address means, where an interrupted replacement has left
several, and whether this version can read the labels at all.

Takes the actual state, gives the project's containers by address, and the names that containers are told by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from dockerdecl.errors import Problem
from dockerdecl.resources.actual import Actual, LiveContainer
from dockerdecl.resources.address import Address, parse_address
from dockerdecl.resources.adopted import is_adopted
from dockerdecl.resources.desired import Desired, DesiredContainer
from dockerdecl.resources.ownership import NEEDS, NEW_SUFFIX, OLD_SUFFIX, newer_format, owned_address, plain_name


def owned_containers(actual: Actual, desired: Desired) -> dict[Address, list[LiveContainer]]:
    """The project's containers by address; the first one is the one that the address means."""
    found: dict[Address, list[LiveContainer]] = {}
    for live in actual.containers:
        address = owned_address(live.labels, desired.project)
        if address is not None:
            found.setdefault(address, []).append(live)
    for address, candidates in found.items():
        declared = desired.containers.get(address)
        name = declared.name if declared else None
        candidates.sort(key=partial(_standing, declared=name))
    return found


def _standing(live: LiveContainer, declared: str | None) -> tuple[int, str]:
    "one that stands, else the old one that was to be replaced, else what there is"
    if live.name.endswith(OLD_SUFFIX):
        return 1, live.name
    if live.name.endswith(NEW_SUFFIX):
        return 4, live.name
    if live.name == declared:
        return 0 if live.running else 2, live.name
    return 3, live.name


def keeps_its_name(live: LiveContainer, declared: DesiredContainer) -> bool:
    """Whether a container has the right name: the declared one, or one that others know it by since before it was
    adopted, as long as the manifest fixes no other.
    """
    adopted = is_adopted(live.labels) and declared.spec.container_name is None and live.name == plain_name(live.name)
    return live.name == declared.name or adopted


def is_copy(live: LiveContainer, declared: DesiredContainer, candidates: Iterable[LiveContainer]) -> bool:
    """Whether one that an address doesn't mean is none that a replacement left: somebody gave it the same labels.

    One of another name than the declared one was left where among the `candidates` is the one that made way for it.
    """
    made_way = any(other.name == live.name + OLD_SUFFIX for other in candidates)
    return live.name == plain_name(live.name) != declared.name and not made_way


def container_names(actual: Actual, desired: Desired, owned: Mapping[Address, list[LiveContainer]]) -> dict[str, str]:
    """The name that every container is told by, for its id.

    A rename leaves bound what is bound to a container, so a declared one is told by its declared name. What an
    interrupted replacement left has no name: who is bound to that is bound to something that will go.
    """
    leftovers = {live.id for candidates in owned.values() for live in candidates[1:]}
    declared = {
        candidates[0].id: desired.containers[address].name
        for address, candidates in owned.items()
        if address in desired.containers
    }
    return {
        live.id: declared.get(live.id, plain_name(live.name)) for live in actual.containers if live.id not in leftovers
    }


def needs_label(live: LiveContainer) -> set[Address]:
    """What a container needed when it was made."""
    named = (parse_address(text) for text in (live.labels.get(NEEDS) or "").split(","))
    return {address for address in named if address is not None}


def newer_labels(actual: Actual, project: str) -> Iterator[Problem]:
    """A problem for each thing of the project that a newer dockerdecl has labelled: what it says can't be trusted."""
    things = [
        *((f"container {live.name}", live.labels) for live in actual.containers),
        *((f"network {live.name}", live.labels) for live in actual.networks),
        *((f"volume {live.name}", live.labels) for live in actual.volumes.values()),
    ]
    for name, labels in sorted(things, key=lambda thing: thing[0]):
        version = newer_format(labels, project)
        if version is not None:
            message = f"the {name} was made by a newer dockerdecl (label format {version})"
            yield Problem("newer-format", message, hint="upgrade dockerdecl")
