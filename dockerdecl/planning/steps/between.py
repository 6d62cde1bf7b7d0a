"""What the steps of different containers need of one another, and the checkpoint before anything is disturbed.

Takes a draft with every container's own steps; adds needs only: dependants stop before what they depend on and start
after it, names and ports are free before they are taken, and all that can fail comes before the first stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from dockerdecl.planning.standing import needs_label
from dockerdecl.planning.steps.draft import CHECKPOINT, DISRUPTING, PREPARING, Draft, Key, removals
from dockerdecl.planning.steps.making import add_wait
from dockerdecl.planning.steps.places import free_places
from dockerdecl.planning.steps.pushes import order_pushes
from dockerdecl.planning.steps.restoring import restoring
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.values import Action
from dockerdecl.planning.verbs import Checkpoint, CreateContainer, RemoveContainer, RemoveImage, Rename, Target
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.address import Address
from dockerdecl.resources.container.parts import Condition
from dockerdecl.resources.desired import Bond, Dependence
from dockerdecl.resources.ownership import OLD_SUFFIX, owned_address
from dockerdecl.resources.rows import look_up

_STANDING = ("start", "post-start", "await", "steady", "rename-new", "stop-old", "pause")
_STOP_FIRST = ("pre-stop", "stop-old", "rename-old", "rename-new")


def order_containers(work: Work) -> None:
    """Add what the steps of different containers need of one another."""
    for container in work.situation.desired.containers.values():
        for dependence in container.dependencies:
            _await_condition(work, dependence)
            _start_after(work, container.address, dependence)
    _stop_in_order(work)
    _free_names(work)
    free_places(work)
    _in_batches(work)
    _images_last(work.draft)
    order_pushes(work)


def _await_condition(work: Work, dependence: Dependence) -> None:
    "a dependency that is not started must be seen to be healthy all the same"
    outcome = work.outcomes.get(dependence.on)
    container = work.situation.desired.containers.get(dependence.on)
    if outcome is None or container is None or outcome.live is None or work.draft.of(dependence.on, "await", "start"):
        return
    health = look_up(outcome.live.raw, "State.Health.Status")
    stays = outcome.live.running and outcome.change.action is not Action.REMOVE
    if dependence.condition is Condition.HEALTHY and health != "healthy" and stays:
        starting = [key for key in work.draft.entries if key[1] in ("start", "create")]
        if starting:
            add_wait(work, container, Target(str(dependence.on), outcome.live.id), [], running=outcome.live)


def _start_after(work: Work, address: Address, dependence: Dependence) -> None:
    on, draft = str(dependence.on), work.draft
    made: list[Key] = [(on, "create"), (on, "rename-new"), (on, "rename")]
    started: list[Key] = [*made, (on, "start")]
    match dependence.bond:
        case Bond.VOLUMES_FROM:
            draft.need((str(address), "create"), made)
        case Bond.NAMESPACE | Bond.LEGACY_LINK:
            draft.need((str(address), "create"), made)
            draft.need((str(address), "start"), started)
        case Bond.LINK | Bond.DEPENDS_ON:
            draft.need((str(address), "start"), started)
            if dependence.condition is not Condition.STARTED:
                draft.need((str(address), "start"), [(on, "await")])


def needs_of(work: Work) -> dict[Address, set[Address]]:
    """What every container needs, declared now or when it was made: the labels remember.

    Where the two go round in a circle, what is declared now holds.
    """
    found = {a: {d.on for d in container.dependencies} for a, container in work.situation.desired.containers.items()}
    for live in sorted(work.situation.actual.containers, key=lambda live: live.name):
        address = owned_address(live.labels, work.situation.project)
        if address is not None:
            needed = found.setdefault(address, set())
            needed |= {other for other in needs_label(live) if not _leads_to(other, address, found)}
    return found


def _leads_to(start: Address, end: Address, needs: Mapping[Address, set[Address]]) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        address = waiting.pop()
        if address == end:
            return True
        waiting += needs.get(address, set()) - seen
        seen |= needs.get(address, set())
    return False


def _stop_in_order(work: Work) -> None:
    "of replicas that are replaced in batches some always run, so that nobody has to stop before them"
    draft = work.draft
    for address, needed in needs_of(work).items():
        stops = draft.of(address, "stop", "stop-old")
        if not stops:
            continue
        for other in needed - {address, *work.ways.in_turn}:
            for key in draft.of(other, "stop", "stop-old", "pre-stop"):
                draft.need(key, stops)
        _stop_late(work, address, needed)


def _stop_late(work: Work, address: Address, needed: set[Address]) -> None:
    "who needs one that is replaced start-first has no reason to be stopped before the new one of that stands"
    stands = [(str(other), "rename-new") for other in sorted(needed & work.ways.start_first)]
    if address not in work.ways.start_first:
        for key in work.draft.of(address, "pre-stop", "stop", "stop-old"):
            work.draft.need(key, stands)


def _in_batches(work: Work) -> None:
    "what disturbs begins for the next replicas when those before them stand"
    draft = work.draft
    for rollout in work.ways.rollouts:
        for earlier, later in pairwise(rollout):
            stand = [key for address in earlier for key in draft.of(address, *_STANDING)]
            for address in later:
                first = ("start",) if address in work.ways.start_first else _STOP_FIRST
                for key in draft.of(address, *first):
                    draft.need(key, stand)


def _free_names(work: Work) -> None:
    holders = {live.name: live for live in work.situation.actual.containers}
    _break_circles(work, holders)
    for key, entry in list(work.draft.entries.items()):
        if isinstance(entry.payload, CreateContainer | Rename) and key[1] != "rename-aside":
            holder = holders.get(entry.payload.name)
            owner = owned_address(holder.labels, work.situation.project) if holder else None
            if holder is not None and owner is not None and str(owner) != key[0]:
                work.draft.need(key, _freeing(work, owner, holder))


def _freeing(work: Work, owner: Address, holder: LiveContainer) -> list[Key]:
    "the first of the owner's steps that takes the name away from the holder"
    outcome = work.outcomes.get(owner)
    if outcome is None or outcome.live is not holder:
        return removals(owner, holder.name)
    for part in ("rename-aside", "rename", "rename-old"):
        if (str(owner), part) in work.draft.entries:
            return [(str(owner), part)]
    return removals(owner, holder.name)


def _break_circles(work: Work, holders: Mapping[str, LiveContainer]) -> None:
    "containers that swap their names: one of them steps aside first"
    renames = {
        key[0]: entry.payload.name
        for key, entry in work.draft.entries.items()
        if key[1] == "rename" and isinstance(entry.payload, Rename)
    }
    aside: set[str] = set()
    for start in sorted(renames):
        circle, address = [start], _holder_of(renames[start], holders, work)
        while address in renames and address not in circle:
            circle.append(address)
            address = _holder_of(renames[address], holders, work)
        if address == start and len(circle) > 1 and not aside & {*circle}:
            aside.add(start)
    for text in sorted(aside):
        payload = work.draft.entries[(text, "rename")].payload
        assert isinstance(payload, Rename)
        name = payload.name + OLD_SUFFIX
        held = next(held for held, live in holders.items() if live.id == payload.target.id)
        key = work.draft.add((text, "rename-aside"), replace(payload, name=name), f"rename {held} to {name}")
        work.draft.need((text, "rename"), [key])


def _holder_of(name: str, holders: Mapping[str, LiveContainer], work: Work) -> str:
    holder = holders.get(name)
    return str(owned_address(holder.labels, work.situation.project)) if holder else ""


def _images_last(draft: Draft) -> None:
    removed = [key for key, entry in draft.entries.items() if isinstance(entry.payload, RemoveContainer)]
    for key, entry in draft.entries.items():
        if isinstance(entry.payload, RemoveImage):
            draft.need(key, removed)


def add_checkpoint(work: Work) -> None:
    """One step that everything disturbing needs, and that needs all which can be prepared without disturbing."""
    draft = work.draft
    disrupted, harmless = draft.disrupted(), {*restoring(work)}
    disturbing = [
        key
        for key, entry in draft.entries.items()
        if entry.payload.verb in DISRUPTING
        and key not in harmless
        and not (key[1] == "pause" and (key[0], "start") in draft.entries)
    ]
    prepared = [key for key, entry in draft.entries.items() if entry.payload.verb in PREPARING and key not in disrupted]
    if not disturbing or not prepared:
        return
    draft.add(CHECKPOINT, Checkpoint(), "all is prepared; nothing has been stopped yet", prepared)
    for key in disturbing:
        draft.need(key, [CHECKPOINT])
