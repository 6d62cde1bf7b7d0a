"""Taking what others made under ownership, as it is: a record on the engine says so, and nothing of it is touched.

What then differs from the manifest is an ordinary plan.
"""

from __future__ import annotations

from collections.abc import Iterable

from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.planning.standing import newer_labels
from dockerdecl.planning.surroundings import live_network
from dockerdecl.planning.values import Action, Change, Plan, Reason, Step
from dockerdecl.planning.verbs import Adopt
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.ownership import adoption_record, owner


def make_adopt_plan(desired: Desired, actual: Actual, addresses: Iterable[Address]) -> Plan:
    """The plan that takes these addresses under ownership.

    Raises DockerdeclError with every one that can't be: not declared, not on the engine, another project's.
    """
    changes: list[Change] = []
    steps: list[Step] = []
    problems: list[Problem] = [*newer_labels(actual, desired.project)]
    for address in sorted(addresses):
        found = _found(address, desired, actual)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        name, identity, held_by = found
        if held_by == desired.project:
            changes.append(Change(address, Action.NONE, Reason.NONE, "is this project's already"))
        elif held_by is not None:
            message = f"{name} belongs to the project {held_by}"
            problems.append(Problem("not-ours", message, address=str(address), hint="take it down there first"))
        else:
            reason = f"{name} was made by others, and is this project's from now on"
            changes.append(Change(address, Action.ADOPT, Reason.ASKED_FOR, reason))
            record, labels = adoption_record(desired.project, address, identity)
            payload = Adopt({"Name": record, "Labels": labels})
            steps.append(Step(len(steps) + 1, str(address), payload, f"adopt {name}"))
    if problems:
        raise DockerdeclError(*problems)
    return Plan(desired.project, actual.engine, tuple(changes), tuple(steps))


def _found(address: Address, desired: Desired, actual: Actual) -> tuple[str, str, str | None] | Problem:
    "the name, the identity and the owner of what an address would be"
    if address not in desired.addresses:
        return Problem("unknown-address", f"{address} is not declared", address=str(address), hint="declare it first")
    match address.kind:
        case Kind.CONTAINER:
            name = desired.containers[address].name
            live = next((c for c in actual.containers if c.name == name), None)
            found = (live.id, owner(live.labels)) if live else None
        case Kind.NETWORK:
            network = desired.networks[address]
            name, held = network.name, live_network(network, actual, desired.project)
            found = (held.id, owner(held.labels)) if held else None
        case Kind.VOLUME:
            name = desired.volumes[address].name
            volume = actual.volumes.get(name)
            found = (name, owner(volume.labels)) if volume else None
        case Kind.IMAGE:
            message = "images belong to nobody, so there is nothing to adopt"
            return Problem("nothing-to-adopt", message, address=str(address))
    if found is None:
        hint = "give it the name that it has on the engine (`container_name`, `name`), or let `apply` make it"
        return Problem("nothing-to-adopt", f"there is no {address.kind} named {name}", address=str(address), hint=hint)
    return (name, *found)
