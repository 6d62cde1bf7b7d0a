"""What changes drag along. Takes every container's own outcome and the changes around them, gives the outcomes with
what each one does to the others (measured on 20.10, 26.1, 28.5):

- a container that shares another's namespace, or has a legacy link to it, holds its id: it is replaced too;
- a namespace ends when its owner stops, so who shares one is started anew after its owner was, by whomever;
- one that takes another's volumes is replaced when those changed;
- one on a network that is made anew is connected again; one on a volume that is made anew is replaced, old one first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dockerdecl.planning.compare import connects_in_place
from dockerdecl.planning.containers import ContainerOutcome, transition_of
from dockerdecl.planning.values import Action, Change, FieldChange, Reason, Situation
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.address import Address
from dockerdecl.resources.adopted import is_adopted
from dockerdecl.resources.desired import Bond, Dependence, DesiredContainer
from dockerdecl.resources.rows import look_up

Outcomes = dict[Address, ContainerOutcome]


def with_effects(outcomes: Mapping[Address, ContainerOutcome], around: list[Change], situation: Situation) -> Outcomes:
    """The outcomes with all that they and the networks and volumes around them drag along."""
    found: Outcomes = dict(outcomes)
    renewed = {change.address for change in around if change.action is Action.REPLACE and not change.blocked}
    volumes = {volume.name: a for a, volume in situation.desired.volumes.items() if a in renewed}
    networks = {network.name: a for a, network in situation.desired.networks.items() if a in renewed}
    for address, container in situation.desired.containers.items() if renewed else ():
        if address in found:
            found[address] = _surrounded(found[address], container, volumes, networks, situation)
    changed = True
    while changed:
        changed = False
        for address, container in situation.desired.containers.items():
            for dependence in container.dependencies:
                after = _dragged(found, address, dependence, container, situation)
                if after is not None:
                    found[address], changed = after, True
    return found


def _surrounded(
    outcome: ContainerOutcome,
    container: DesiredContainer,
    renewed_volumes: Mapping[str, Address],
    networks: Mapping[str, Address],
    situation: Situation,
) -> ContainerOutcome:
    "by volumes and networks that are made anew, which come by their names"
    if outcome.live is None or outcome.change.action is Action.REMOVE:
        return outcome
    mounted = {mount.source for mount in container.spec.volumes if mount.type == "volume"} | {*outcome.live.volumes}
    volumes = [address for name, address in renewed_volumes.items() if name in mounted]
    if volumes:
        reason = f"{', '.join(map(str, volumes))} is made anew"
        return replace(_replaced(outcome, Reason.VOLUME_REPLACED, reason), remove_first=True)
    again = frozenset(networks.keys() & {*container.networks, *outcome.live.networks})
    if not again or outcome.change.action is Action.REPLACE:
        return replace(outcome, reconnect=outcome.reconnect | again)
    anew = ", ".join(str(networks[name]) for name in sorted(again))
    if not connects_in_place(container.spec, again, situation.context):
        reason = f"{anew} is made anew, and only a new container can have its MAC address there"
        return replace(_replaced(outcome, Reason.NETWORK_REPLACED, reason), reconnect=outcome.reconnect | again)
    fields = tuple(
        FieldChange(("networks", name), "(the one there is)", "(the one made anew)", forces="update")
        for name in sorted(again)
    )
    change = outcome.change
    if change.action is not Action.UPDATE:
        change = replace(change, action=Action.UPDATE, code=Reason.NETWORK_REPLACED, reason=f"{anew} is made anew")
    return replace(
        outcome, change=replace(change, fields=(*change.fields, *fields)), reconnect=outcome.reconnect | again
    )


def _replaced(outcome: ContainerOutcome, code: Reason, reason: str) -> ContainerOutcome:
    if outcome.change.action is Action.REPLACE:
        return outcome
    change = Change(outcome.change.address, Action.REPLACE, code, reason, outcome.change.fields)
    return replace(outcome, change=change)


def _dragged(
    outcomes: Outcomes, address: Address, dependence: Dependence, container: DesiredContainer, situation: Situation
) -> ContainerOutcome | None:
    "the outcome of the dependant where the other one's changes it, else None"
    outcome, other = outcomes.get(address), outcomes.get(dependence.on)
    if outcome is None or other is None or outcome.live is None:
        return None
    if outcome.change.action in (Action.REPLACE, Action.REMOVE, Action.CREATE):
        return None
    made_anew = other.change.action in (Action.REPLACE, Action.CREATE)
    if made_anew and (held := _held_otherwise(outcome.live, dependence, other, situation)):
        code, reason = held
        return _replaced(outcome, code, reason)
    match dependence.bond:
        case Bond.NAMESPACE if made_anew:
            reason = f"it shares a namespace of {dependence.on}, which is made anew"
            return _replaced(outcome, Reason.NAMESPACE_OWNER_REPLACED, reason)
        case Bond.LEGACY_LINK if made_anew:
            return _replaced(
                outcome, Reason.LINK_TARGET_REPLACED, f"it is linked to {dependence.on}, which is made anew"
            )
        case Bond.VOLUMES_FROM if made_anew and _mounts_change(other):
            return _replaced(outcome, Reason.VOLUMES_FROM_CHANGED, f"the volumes of {dependence.on} change")
        case Bond.NAMESPACE if _starts(other):
            reason = f"it shares a namespace of {dependence.on}, which is started anew"
            return _restarted(outcome, container, Reason.NAMESPACE_OWNER_RESTARTED, reason)
        case Bond.NAMESPACE if _was_started_after(other, outcome.live):
            reason = f"it shares a namespace of {dependence.on}, which was started anew since"
            return _restarted(outcome, container, Reason.NAMESPACE_OWNER_RESTARTED, reason)
        case Bond.DEPENDS_ON if made_anew and dependence.restart:
            reason = f"it asks to be restarted with {dependence.on}"
            return _restarted(outcome, container, Reason.DEPENDENCY_REPLACED, reason)
    return None


def _held_otherwise(
    live: LiveContainer, dependence: Dependence, other: ContainerOutcome, situation: Situation
) -> tuple[Reason, str] | None:
    "one that others made may hold another by its id, or by a name that its replacement doesn't get"
    if not is_adopted(live.labels) or other.live is None:
        return None
    if dependence.bond is Bond.LINK and other.live.name != situation.desired.containers[dependence.on].name:
        return Reason.LINK_TARGET_REPLACED, f"it is linked to {other.live.name}, which gets another name"
    sources = (text.partition(":")[0] for text in look_up(live.raw, "HostConfig.VolumesFrom") or ())
    if dependence.bond is Bond.VOLUMES_FROM and other.live.id in sources:
        return Reason.VOLUMES_FROM_CHANGED, f"it holds {dependence.on} by its id, which is made anew"
    return None


def _mounts_change(other: ContainerOutcome) -> bool:
    fields = {field.path[0] for field in other.change.fields}
    return (
        other.change.action is Action.CREATE
        or other.remove_first
        or bool(fields & {"volumes", "volumes_from", "tmpfs"})
    )


def _starts(other: ContainerOutcome) -> bool:
    return other.restart or (other.live is not None and not other.live.running and other.change.action is Action.START)


def _was_started_after(other: ContainerOutcome, live: LiveContainer) -> bool:
    "a namespace ends with its owner's process, and who shares it can only have started after that"
    return other.live is not None and other.live.running and live.running and other.live.started > live.started


def _restarted(
    outcome: ContainerOutcome, container: DesiredContainer, code: Reason, reason: str
) -> ContainerOutcome | None:
    if outcome.restart or outcome.live is None or not outcome.live.running or transition_of(container, outcome.live):
        return None
    change = outcome.change
    if change.action is not Action.UPDATE:
        change = Change(change.address, Action.UPDATE, code, reason)
    return replace(outcome, change=change, restart=True)
