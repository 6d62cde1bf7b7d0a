"""What the steps of different containers need of one another, and the checkpoint before anything is disturbed.

Takes a draft with every container's own steps; adds needs only: dependants stop before what they depend on and start
after it, names and ports are free before they are taken, and all that can fail comes before the first stop.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.planning.steps.draft import CHECKPOINT, DISRUPTING, PREPARING, Draft, Key
from dockerdecl.planning.steps.making import Work, add_wait
from dockerdecl.planning.values import Action
from dockerdecl.planning.verbs import Checkpoint, CreateContainer, Rename, Target
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.address import Address, parse_address
from dockerdecl.resources.container.lenses.ports import bindings, numbers
from dockerdecl.resources.container.parts import Condition
from dockerdecl.resources.desired import Bond, Dependence, DesiredContainer
from dockerdecl.resources.ownership import NEEDS, owned_address
from dockerdecl.resources.rows import look_up


def order_containers(work: Work) -> None:
    """Add what the steps of different containers need of one another."""
    for container in work.situation.desired.containers.values():
        for dependence in container.dependencies:
            _await_condition(work, dependence)
            _start_after(work, container.address, dependence)
    _stop_in_order(work)
    _free_names(work)
    _free_ports(work)


def _await_condition(work: Work, dependence: Dependence) -> None:
    "a dependency that nothing happens to must be seen to be healthy all the same"
    outcome = work.outcomes.get(dependence.on)
    container = work.situation.desired.containers.get(dependence.on)
    if outcome is None or container is None or outcome.live is None or work.draft.of(dependence.on, "await", "start"):
        return
    health = look_up(outcome.live.raw, "State.Health.Status")
    if dependence.condition is Condition.HEALTHY and health != "healthy" and outcome.change.action is Action.NONE:
        starting = [key for key in work.draft.entries if key[1] in ("start", "create")]
        if starting:
            add_wait(work, container, Target(str(dependence.on), outcome.live.id), [])


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
    """What every container needs, declared now or when it was made: the labels remember."""
    found = {a: {d.on for d in container.dependencies} for a, container in work.situation.desired.containers.items()}
    for live in work.situation.actual.containers:
        address = owned_address(live.labels, work.situation.project)
        if address is not None and address not in found:
            named = (parse_address(text) for text in (live.labels.get(NEEDS) or "").split(","))
            found.setdefault(address, set()).update(other for other in named if other)
    return found


def _stop_in_order(work: Work) -> None:
    draft = work.draft
    for address, needed in needs_of(work).items():
        stops = draft.of(address, "stop", "stop-old")
        if not stops:
            continue
        for other in needed - {address}:
            for key in draft.of(other, "stop", "stop-old"):
                draft.need(key, stops)


def _free_names(work: Work) -> None:
    holders: dict[str, LiveContainer] = {live.name: live for live in work.situation.actual.containers}
    for key, entry in list(work.draft.entries.items()):
        if isinstance(entry.payload, CreateContainer | Rename) and key[1] != "rename-old":
            holder = holders.get(entry.payload.name)
            owner = owned_address(holder.labels, work.situation.project) if holder else None
            if owner is not None and str(owner) != key[0]:
                freed = [(str(owner), part) for part in ("remove", "remove-old", "rename", "rename-old")]
                work.draft.need(key, freed)


Binding = tuple[str, int, str]


def _wanted_ports(container: DesiredContainer) -> Iterator[Binding]:
    for binding in bindings(container.spec.ports):
        if binding.published:
            protocol = binding.target.partition("/")[2]
            yield from ((protocol, number, binding.host_ip) for number in numbers(binding.published))


def _held_ports(live: LiveContainer) -> Iterator[Binding]:
    for target, entries in (look_up(live.raw, "HostConfig.PortBindings") or {}).items():
        for entry in entries or ():
            published = entry.get("HostPort") or ""
            if published.replace("-", "").isdigit():
                protocol = target.partition("/")[2] or "tcp"
                yield from ((protocol, number, entry.get("HostIp") or "") for number in numbers(published))


def _free_ports(work: Work) -> None:
    held: dict[tuple[str, int], set[Address]] = {}
    for live in work.situation.actual.containers:
        owner = owned_address(live.labels, work.situation.project)
        if owner is not None and live.running:
            for protocol, number, _ in _held_ports(live):
                held.setdefault((protocol, number), set()).add(owner)
    for container in work.situation.desired.containers.values():
        for protocol, number, _ in _wanted_ports(container):
            for owner in held.get((protocol, number), set()) - {container.address}:
                work.draft.need((str(container.address), "start"), work.draft.of(owner, "stop", "stop-old"))


def add_checkpoint(draft: Draft) -> None:
    """One step that everything disturbing needs, and that needs all which can be prepared without disturbing."""
    disrupted = draft.disrupted()
    disturbing = [key for key, entry in draft.entries.items() if entry.payload.verb in DISRUPTING]
    prepared = [key for key, entry in draft.entries.items() if entry.payload.verb in PREPARING and key not in disrupted]
    if not disturbing or not prepared:
        return
    draft.add(CHECKPOINT, Checkpoint(), "all is prepared; nothing has been stopped yet", prepared)
    for key in disturbing:
        draft.need(key, [CHECKPOINT])
