"""What the steps of different containers need of one another, and the checkpoint before anything is disturbed.

Takes a draft with every container's own steps; adds needs only: dependants stop before what they depend on and start
after it, names and ports are free before they are taken, and all that can fail comes before the first stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address

from dockerdecl.planning.standing import needs_label
from dockerdecl.planning.steps.draft import CHECKPOINT, DISRUPTING, PREPARING, Draft, Key, removals
from dockerdecl.planning.steps.making import add_wait
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.values import Action
from dockerdecl.planning.verbs import Checkpoint, CreateContainer, RemoveContainer, RemoveImage, Rename, Target
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.address import Address
from dockerdecl.resources.container.lenses.ports import bindings, numbers
from dockerdecl.resources.container.parts import Condition
from dockerdecl.resources.desired import Bond, Dependence, DesiredContainer
from dockerdecl.resources.ownership import OLD_SUFFIX, owned_address
from dockerdecl.resources.rows import look_up


def order_containers(work: Work) -> None:
    """Add what the steps of different containers need of one another."""
    for container in work.situation.desired.containers.values():
        for dependence in container.dependencies:
            _await_condition(work, dependence)
            _start_after(work, container.address, dependence)
    _stop_in_order(work)
    _free_names(work)
    _free_places(work)
    _images_last(work.draft)


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
    draft = work.draft
    for address, needed in needs_of(work).items():
        stops = draft.of(address, "stop", "stop-old")
        if not stops:
            continue
        for other in needed - {address}:
            for key in draft.of(other, "stop", "stop-old", "pre-stop"):
                draft.need(key, stops)


def _free_names(work: Work) -> None:
    holders = {live.name: live for live in work.situation.actual.containers}
    _break_circles(work, holders)
    for key, entry in list(work.draft.entries.items()):
        if isinstance(entry.payload, CreateContainer | Rename) and key[1] not in ("rename-old", "rename-aside"):
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


Place = tuple[str, str]
"""What only one running container can have: a port of the host, or an address on a network."""


def _wanted_places(container: DesiredContainer) -> Iterator[tuple[Place, str]]:
    "each place with the part that takes it while the container runs; one that has not started takes none"
    for binding in bindings(container.spec.ports):
        if binding.published:
            protocol = binding.target.partition("/")[2]
            yield from (((protocol, str(number)), "start") for number in numbers(binding.published))
    for network in container.networks:
        attachment = (container.spec.networks or {})[network]
        for address in (attachment.ipv4_address, attachment.ipv6_address):
            if address:
                yield (network, address), f"connect:{network}"


def _held_places(live: LiveContainer) -> Iterator[tuple[Place, str]]:
    "each place with the part that frees it while the container runs on"
    for target, entries in (look_up(live.raw, "HostConfig.PortBindings") or {}).items():
        for entry in entries or ():
            published = entry.get("HostPort") or ""
            if published.replace("-", "").isdigit():
                protocol = target.partition("/")[2] or "tcp"
                yield from (((protocol, str(number)), "stop") for number in numbers(published))
    for network, endpoint in (look_up(live.raw, "NetworkSettings.Networks") or {}).items():
        configured = endpoint.get("IPAMConfig") or {}
        for address in (configured.get("IPv4Address"), configured.get("IPv6Address")):
            if address:
                yield (network, str(ip_address(address))), f"disconnect:{network}"


def _free_places(work: Work) -> None:
    held: dict[Place, set[tuple[Address, str]]] = {}
    for live in work.situation.actual.containers:
        owner = owned_address(live.labels, work.situation.project)
        if owner is not None and live.running:
            for place, part in _held_places(live):
                held.setdefault(place, set()).add((owner, part))
    for container in work.situation.desired.containers.values():
        for place, taking in _wanted_places(container):
            for owner, freeing in sorted(held.get(place, set())):
                if owner != container.address:
                    freed = [*work.draft.of(owner, "stop", "stop-old"), (str(owner), freeing)]
                    work.draft.need((str(container.address), "start"), freed)
                    if (str(container.address), "create") not in work.draft.entries:
                        work.draft.need((str(container.address), taking), freed)


def _images_last(draft: Draft) -> None:
    removed = [key for key, entry in draft.entries.items() if isinstance(entry.payload, RemoveContainer)]
    for key, entry in draft.entries.items():
        if isinstance(entry.payload, RemoveImage):
            draft.need(key, removed)


def add_checkpoint(draft: Draft) -> None:
    """One step that everything disturbing needs, and that needs all which can be prepared without disturbing."""
    disrupted = draft.disrupted()
    disturbing = [
        key
        for key, entry in draft.entries.items()
        if entry.payload.verb in DISRUPTING and not (key[1] == "pause" and (key[0], "start") in draft.entries)
    ]
    prepared = [key for key, entry in draft.entries.items() if entry.payload.verb in PREPARING and key not in disrupted]
    if not disturbing or not prepared:
        return
    draft.add(CHECKPOINT, Checkpoint(), "all is prepared; nothing has been stopped yet", prepared)
    for key in disturbing:
        draft.need(key, [CHECKPOINT])
