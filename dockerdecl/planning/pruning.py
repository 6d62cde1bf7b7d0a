"""How a plan is made that clears away what a project brought to the engine and nobody needs any more.

What is declared, what runs, and what an apply would put right, stays. A volume goes only where it is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.planning.brought import no_longer_declared
from dockerdecl.planning.standing import is_copy, newer_labels, owned_containers
from dockerdecl.planning.steps.draft import Draft, Key, forget
from dockerdecl.planning.values import Action, Change, Note, Plan, Reason
from dockerdecl.planning.verbs import RemoveContainer, RemoveImage, RemoveNetwork, RemoveVolume, Stop, Target
from dockerdecl.resources.actual import Actual, LiveVolume
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.ownership import (
    ADDRESS,
    ADOPTED_FOR,
    ADOPTED_ID,
    HOOKED_FOR,
    HOOKED_ID,
    TEMPORARY_FOR,
    owned_address,
    plain_name,
)


def make_prune_plan(desired: Desired, actual: Actual, volumes: Iterable[Address] = ()) -> Plan:
    """The plan that clears away; `volumes` are those whose data may go.

    Raises DockerdeclError for a volume that is declared, used, or not there.
    """
    draft = Draft()
    named = frozenset(volumes)
    problems: list[Problem] = [*newer_labels(actual, desired.project)]
    notes: list[Note] = []
    changes = [
        *_leftovers(draft, desired, actual),
        *_temporary(draft, desired, actual),
        *_networks(draft, desired, actual),
        *_images(draft, desired, actual),
    ]
    held = {
        address: live for live in actual.volumes.values() if (address := owned_address(live.labels, desired.project))
    }
    for address, live in sorted(held.items()):
        if address in desired.volumes or address.kind is not Kind.VOLUME:
            continue
        if address not in named:
            hint = f"`--volume {address}` removes it with its data"
            notes.append(Note(str(address), "volume-kept", f"the volume {live.name} is declared no more; {hint}"))
        elif problem := _in_use(address, live, actual):
            problems.append(problem)
        else:
            changes.append(_volume(draft, address, live))
    problems += [_not_prunable(address, desired) for address in sorted(named - {*held} | named & {*desired.volumes})]
    _records(draft, desired, actual)
    if problems:
        raise DockerdeclError(*problems)
    ordered = tuple(sorted(changes, key=lambda change: change.address.sort_key))
    return Plan(desired.project, actual.engine, ordered, draft.steps(), tuple(notes))


def _leftovers(draft: Draft, desired: Desired, actual: Actual) -> Iterator[Change]:
    "what a replacement left behind, where what it replaced or was replaced by stands"
    for address, (live, *others) in sorted(owned_containers(actual, desired).items()):
        declared = desired.containers.get(address)
        if declared is None or live.name != declared.name or not live.running:
            continue
        for other in others:
            if not is_copy(other, declared, (live, *others)) and other.name != plain_name(other.name):
                left, target = f"{other.name}, left by an interrupted replacement", Target(str(address), other.id)
                stop = (str(address), f"discard-stop:{other.name}")
                if other.running:
                    draft.add(stop, Stop(target), f"stop {left}")
                removal = RemoveContainer(target, force=True)
                key = draft.add((str(address), f"discard:{other.name}"), removal, f"remove {left}", [stop])
                forget(draft, address, other.labels, key)
                yield Change(address, Action.REMOVE, Reason.NOT_NEEDED, f"an interrupted replacement left {other.name}")


def _temporary(draft: Draft, desired: Desired, actual: Actual) -> Iterator[Change]:
    "what a command that was killed had made for a while"
    for live in actual.containers:
        if live.labels.get(TEMPORARY_FOR) == desired.project:
            address = Address(Kind.CONTAINER, live.name)
            removal = RemoveContainer(Target(str(address), live.id), force=True)
            draft.add(
                (str(address), f"discard:{live.name}"), removal, f"remove {live.name}, left by `dockerdecl debug`"
            )
            runs = ", and still runs" if live.running else ""
            yield Change(address, Action.REMOVE, Reason.NOT_NEEDED, f"was made for a while by `dockerdecl debug`{runs}")


def _networks(draft: Draft, desired: Desired, actual: Actual) -> Iterator[Change]:
    names = {network.name for network in desired.networks.values()}
    for network in actual.networks:
        owned = owned_address(network.labels, desired.project)
        used = any(network.name in container.networks for container in actual.containers)
        if owned is not None and network.name not in names and not used:
            text = f"remove the network {network.name}"
            key = draft.add((str(owned), f"remove:{network.id}"), RemoveNetwork(network.id), text)
            forget(draft, owned, network.labels, key)
            yield Change(owned, Action.REMOVE, Reason.NOT_NEEDED, f"{network.name} is declared no more, and unused")


def _images(draft: Draft, desired: Desired, actual: Actual) -> Iterator[Change]:
    discarded = {str(e.payload.target.id) for e in draft.entries.values() if isinstance(e.payload, RemoveContainer)}
    for brought in no_longer_declared(desired, actual):
        users = [c for c in actual.containers if c.uses(brought.image)]
        if any(user.id not in discarded for user in users):
            continue
        names = brought.references or (brought.image.id,)
        address = Address(Kind.IMAGE, names[0])
        needs: list[Key] = [key for key in draft.entries if key[1].startswith("discard:")]
        for name in names:
            shown = name if brought.references else name[:19]
            draft.add((str(address), f"remove:{name}"), RemoveImage(name), f"remove the image {shown}", needs)
        yield Change(address, Action.REMOVE, Reason.NOT_NEEDED, "the project brought it, and no container needs it")


def _in_use(address: Address, live: LiveVolume, actual: Actual) -> Problem | None:
    users = sorted(container.name for container in actual.containers if live.name in container.volumes)
    if not users:
        return None
    message = f"the volume {live.name} is used by {', '.join(users)}"
    return Problem("volume-in-use", message, address=str(address), hint="apply the manifest first, or remove those")


def _volume(draft: Draft, address: Address, live: LiveVolume) -> Change:
    text = f"remove the volume {live.name} and its data"
    key = draft.add((str(address), "remove"), RemoveVolume(live.name), text)
    forget(draft, address, live.labels, key)
    return Change(address, Action.REMOVE, Reason.ASKED_FOR, f"{live.name} is declared no more, and named to go")


def _not_prunable(address: Address, desired: Desired) -> Problem:
    if address in desired.addresses:
        hint = "declare it `state: absent`, or take it out of the manifest first"
        return Problem("still-declared", f"{address} is declared", address=str(address), hint=hint)
    message = f"there is no {address} of {desired.project}"
    return Problem("unknown-address", message, address=str(address), hint="`dockerdecl prune` lists what is kept")


def _records(draft: Draft, desired: Desired, actual: Actual) -> None:
    "what was written down of things that are gone"
    there = {c.id for c in actual.containers} | {n.id for n in actual.networks} | {*actual.volumes, *actual.images}
    for name, live in sorted(actual.volumes.items()):
        for whose, subject in ((ADOPTED_FOR, ADOPTED_ID), (HOOKED_FOR, HOOKED_ID)):
            if live.labels.get(whose) == desired.project and live.labels.get(subject) not in there:
                address = live.labels.get(ADDRESS, "")
                draft.add((address, f"forget:{name}"), RemoveVolume(name, anonymous=True), f"forget {name}")
