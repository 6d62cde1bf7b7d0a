"""The steps that make, replace, update and remove containers.

A replacement keeps the old container until the new one stands: create the new one under a temporary name, stop the
old, rename both, start, wait; then remove the old. What was done of it is taken back where a part of it fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from dockerdecl.planning.containers import ContainerOutcome, transition_of
from dockerdecl.planning.images import ImagePlan
from dockerdecl.planning.steps.draft import Draft, Key, forget
from dockerdecl.planning.steps.request import carried_volumes, creation
from dockerdecl.planning.values import Action, Situation, Undo
from dockerdecl.planning.verbs import (
    AwaitCompleted,
    AwaitHealthy,
    AwaitRunning,
    Connect,
    CreateContainer,
    Disconnect,
    Pause,
    PutFiles,
    RemoveContainer,
    RemoveVolume,
    Rename,
    Start,
    Stop,
    Target,
    Unpause,
    Update,
)
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.address import Address
from dockerdecl.resources.container.lenses.networks import endpoint
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.ownership import NEW_SUFFIX, OLD_SUFFIX
from dockerdecl.resources.rows import InPlace, look_up, rows
from dockerdecl.resources.spec import write

_SECOND = 10**9


@dataclass(frozen=True, slots=True)
class Work:
    """What the steps of containers are made from, and where they go."""

    draft: Draft
    situation: Situation
    images: ImagePlan
    outcomes: dict[Address, ContainerOutcome]

    def late(self, container: DesiredContainer) -> bool:
        """Whether the new one can only be created after others have been stopped: it is bound to their new ids, or
        to a network that is made anew.
        """
        renewed = (Action.REPLACE, Action.CREATE)
        bound = any(
            d.on in self.outcomes and self.outcomes[d.on].change.action in renewed
            for d in container.dependencies
            if d.bond in ("namespace", "legacy link", "volumes_from")
        )
        outcome = self.outcomes[container.address]
        return bound or outcome.remove_first or bool(outcome.reconnect)


def add_container_steps(work: Work) -> None:
    """Steps for every container, in the order of their addresses. What they need of one another comes afterwards."""
    for address, outcome in sorted(work.outcomes.items()):
        container = work.situation.desired.containers.get(address)
        _discard(work, address, outcome, first=True)
        match outcome.change.action:
            case Action.CREATE if container is not None:
                _create(work, container, container.name)
                _run(work, container, Target(str(address)), (str(address), "create"))
            case Action.REPLACE if container is not None:
                _replace(work, container, outcome)
            case Action.REMOVE:
                _remove(work, address, outcome)
            case Action.NONE | Action.ADOPT:
                pass
            case _ if container is not None:
                _update(work, container, outcome)
        if outcome.change.action is not Action.REMOVE:
            _discard(work, address, outcome, first=False)


def _discard(work: Work, address: Address, outcome: ContainerOutcome, *, first: bool) -> None:
    "what an interrupted replacement left: a new one that never stood goes first, an old one when the new one stands"
    for live in outcome.leftovers:
        standing = outcome.live is not None and outcome.live.running and live.name.endswith(OLD_SUFFIX)
        if (standing and outcome.change.action is not Action.REPLACE) == first:
            continue
        key = (str(address), f"discard:{live.name}")
        needs = [] if first else work.draft.of(address, "start", "await", "rename", "update")
        text = f"remove {live.name}, left by an interrupted replacement"
        work.draft.add(key, RemoveContainer(Target(str(address), live.id), force=True), text, needs)


def _create(work: Work, container: DesiredContainer, name: str, old: LiveContainer | None = None) -> None:
    address, draft = str(container.address), work.draft
    image = work.situation.desired.images[container.image]
    request = creation(container, work.images.outcomes[container.image], image.reference, old, work.situation)
    saga = address if old is not None else None
    target = Target(address)
    undo = (Undo(RemoveContainer(target, force=True), f"remove {name}"),) if old is not None else ()
    payload = CreateContainer(address, name, request.body, image.platform)
    needs = [*_before_creation(work, container), *draft.of(address, "discard")]
    last = draft.add((address, "create"), payload, f"create {name}", needs, saga=saga, undo=undo)
    if container.files:
        last = _put_files(work, container, target, [last], saga)
    for network, settings in request.later.items():
        payload_ = Connect(target, network, settings)
        needs = [last, *_network_keys(work, (network,))]
        last = draft.add((address, f"connect:{network}"), payload_, f"connect {name} to {network}", needs, saga=saga)


def _put_files(
    work: Work, container: DesiredContainer, target: Target, needs: Iterable[Key], saga: str | None = None
) -> Key:
    files = ", ".join(f"{placed.field}.{placed.source}" for placed in container.files)
    payload, text = PutFiles(target, container.files), f"put {files} into {container.name}"
    return work.draft.add((str(container.address), "put-files"), payload, text, needs, saga=saga)


def _before_creation(work: Work, container: DesiredContainer) -> Iterable[Key]:
    image = str(container.image)
    yield (image, "make")
    yield from work.draft.of(image, "tag")
    yield from _network_keys(work, container.networks)
    for mount in container.spec.volumes:
        if mount.type == "volume" and mount.source:
            yield from _volume_keys(work, mount.source)


def _network_keys(work: Work, names: Iterable[str]) -> list[Key]:
    keys = {network.name: str(address) for address, network in work.situation.desired.networks.items()}
    return [(keys[name], "create") for name in names if name in keys]


def _volume_keys(work: Work, name: str) -> list[Key]:
    return [(str(a), "create") for a, volume in work.situation.desired.volumes.items() if volume.name == name]


def _run(
    work: Work,
    container: DesiredContainer,
    target: Target,
    *after: Key,
    saga: str | None = None,
) -> None:
    "start a container that has been made, and wait until it is what it should be"
    address, draft = str(container.address), work.draft
    if container.state in ("created", "stopped"):
        return
    needs = {*after, *draft.of(address, "put-files", "connect", "update", "rename", "rename-new", "disconnect")}
    start = draft.add((address, "start"), Start(target), f"start {container.name}", needs, saga=saga)
    add_wait(work, container, target, [start], saga)
    if container.state == "paused":
        needs = {start, *draft.of(address, "await")}
        draft.add((address, "pause"), Pause(target), f"pause {container.name}", needs, saga=saga)


def add_wait(
    work: Work, container: DesiredContainer, target: Target, after: Iterable[Key], saga: str | None = None
) -> None:
    """Wait until a container is what it should be: completed, healthy where that was asked for, or still up."""
    draft, key, name = work.draft, (str(container.address), "await"), container.name
    if container.state == "completed":
        draft.add(key, AwaitCompleted(target), f"wait until {name} has completed", after, saga=saga)
    elif _health_was_asked_for(work, container):
        payload = AwaitHealthy(target, health_seconds(container, work))
        draft.add(key, payload, f"wait until {name} is healthy", after, saga=saga)
    elif work.situation.options.settle > 0:
        payload_ = AwaitRunning(target, work.situation.options.settle)
        draft.add(key, payload_, f"see that {name} stays up", after, saga=saga)


def _health_was_asked_for(work: Work, container: DesiredContainer) -> bool:
    spec = container.spec
    declared = spec.healthcheck is not None and not spec.healthcheck.disable and spec.healthcheck.test != ("NONE",)
    return (
        declared
        or (spec.replace is not None and spec.replace.health_timeout is not None)
        or any(
            dependence.on == container.address and dependence.condition == "service_healthy"
            for other in work.situation.desired.containers.values()
            for dependence in other.dependencies
        )
    )


def health_seconds(container: DesiredContainer, work: Work) -> float:
    """How long a container may take to become healthy: as declared, else until its checks must have failed."""
    spec = container.spec
    if spec.replace and spec.replace.health_timeout is not None:
        return spec.replace.health_timeout / _SECOND
    config: Any = work.images.outcomes[container.image].config or {}
    image = config.get("Healthcheck") or {}
    own = spec.healthcheck
    interval = (own and own.interval) or image.get("Interval") or 30 * _SECOND
    timeout = (own and own.timeout) or image.get("Timeout") or 30 * _SECOND
    period = (own and own.start_period) or image.get("StartPeriod") or 0
    retries = (own and own.retries) or image.get("Retries") or 3
    return float(period + (interval + timeout) * (retries + 1)) / _SECOND


def _replace(work: Work, container: DesiredContainer, outcome: ContainerOutcome) -> None:
    live = outcome.live
    assert live is not None, "only what exists can be replaced"
    address, draft = str(container.address), work.draft
    target, old, saga = Target(address), Target(address, live.id), address
    if outcome.remove_first:
        _remove(work, container.address, replace(outcome, leftovers=()))
        _create(work, container, container.name)
        draft.need((address, "create"), [(address, "remove")])
        _run(work, container, target, (address, "create"))
        return
    temporary, aside = container.name + NEW_SUFFIX, container.name + OLD_SUFFIX
    _create(work, container, temporary, live)
    made = [] if work.late(container) else draft.of(address, "create", "put-files", "connect")
    stopped = made
    if live.running:
        undo = _restarting(container, outcome, old, live)
        stopped = [draft.add((address, "stop-old"), Stop(old), f"stop {live.name}", made, saga=saga, undo=undo)]
    if work.late(container):
        draft.need((address, "create"), stopped)
    if live.name != aside:
        undo = (Undo(Rename(old, live.name), f"rename {aside} back to {live.name}"),)
        needs = [*stopped, *draft.of(address, "create", "put-files", "connect")]
        draft.add(
            (address, "rename-old"), Rename(old, aside), f"rename {live.name} to {aside}", needs, saga=saga, undo=undo
        )
    undo = (Undo(RemoveContainer(target, force=True), f"remove {container.name}, which never stood"),)
    needs = [*stopped, (address, "rename-old"), *draft.of(address, "create", "put-files", "connect")]
    text = f"rename {temporary} to {container.name}"
    draft.add((address, "rename-new"), Rename(target, container.name), text, needs, saga=saga, undo=undo)
    _run(work, container, target, (address, "rename-new"), saga=saga)
    stands = [(address, "rename-new"), *draft.of(address, "start", "await", "pause")]
    removal = draft.add(
        (address, "remove-old"), RemoveContainer(old), f"remove {live.name}, which was replaced", stands
    )
    _remove_belongings(work, container.address, live, removal, keep=look_up(_body(work, address), "HostConfig.Mounts"))


def _body(work: Work, address: str) -> Any:
    payload = work.draft.entries[(address, "create")].payload
    assert isinstance(payload, CreateContainer)
    return payload.body


def _restarting(
    container: DesiredContainer, outcome: ContainerOutcome, old: Target, live: LiveContainer
) -> tuple[Undo, ...]:
    "an old one whose network was made anew under it holds an id that is gone, and could not start"
    again = [name for name in sorted(outcome.reconnect) if name in live.networks]
    reconnect = [
        undo
        for name in again
        for undo in (
            Undo(Disconnect(old, name), f"disconnect {live.name} from {name}"),
            Undo(Connect(old, name, _held_endpoint(live, name)), f"connect {live.name} to {name}"),
        )
    ]
    start = Undo(Start(old), f"start {container.name} again")
    paused = (Undo(Pause(old), f"pause {container.name} again"),) if live.state == "paused" else ()
    return (*reconnect, start, *paused)


def _held_endpoint(live: LiveContainer, name: str) -> dict[str, Any]:
    held = (look_up(live.raw, "NetworkSettings.Networks") or {}).get(name) or {}
    keys = ("Aliases", "IPAMConfig", "Links", "DriverOpts")
    return {key: held[key] for key in keys if held.get(key)}


def _remove_belongings(work: Work, address: Address, live: LiveContainer, removal: Key, keep: Any = None) -> None:
    forget(work.draft, address, live.labels, removal)
    kept = {mount.get("Source") for mount in keep or ()}
    for name in carried_volumes(live):
        if name not in kept:
            text = f"remove the anonymous volume {name[:12]}"
            work.draft.add((str(address), f"volume:{name}"), RemoveVolume(name, anonymous=True), text, [removal])


def _remove(work: Work, address: Address, outcome: ContainerOutcome) -> None:
    draft = work.draft
    for live in filter(None, (outcome.live, *outcome.leftovers)):
        part = "" if live is outcome.live else f":{live.name}"
        target, needs = Target(str(address), live.id), list[Key]()
        if live.running:
            needs = [draft.add((str(address), f"stop{part}"), Stop(target), f"stop {live.name}")]
        key = draft.add((str(address), f"remove{part}"), RemoveContainer(target), f"remove {live.name}", needs)
        _remove_belongings(work, address, live, key)


def _update(work: Work, container: DesiredContainer, outcome: ContainerOutcome) -> None:
    live = outcome.live
    assert live is not None, "only what exists can be updated"
    address, draft, target = str(container.address), work.draft, Target(str(container.address), live.id)
    before = draft.of(address, "discard")
    if live.name != container.name:
        text = f"rename {live.name} to {container.name}"
        draft.add((address, "rename"), Rename(target, container.name), text, before)
    body = update_body(container, outcome, work)
    if body:
        text = f"update {', '.join(sorted(body))} of {container.name}"
        draft.add((address, "update"), Update(target, body), text, before)
    _reattach(work, container, outcome, target)
    transition = transition_of(container, live)
    stop = outcome.restart or (transition is not None and transition.stop)
    if stop:
        needs = [(address, "rename"), (address, "update")]
        draft.add((address, "stop"), Stop(target), f"stop {container.name}", needs)
    if outcome.restart or (transition is not None and transition.start):
        if container.files and not _has_run(live):
            _put_files(work, container, target, before)
        _run(work, container, target, *draft.of(address, "stop", "discard"))
    elif transition is not None:
        _change_state(work, container, target)


def _has_run(live: LiveContainer) -> bool:
    "one that has not may have been left before its files were put into it"
    return not (look_up(live.raw, "State.StartedAt") or "0001").startswith("0001")


def _change_state(work: Work, container: DesiredContainer, target: Target) -> None:
    live = work.outcomes[container.address].live
    transition = transition_of(container, live) if live else None
    address, draft = str(container.address), work.draft
    if transition is None:
        return
    if transition.unpause:
        start = draft.add((address, "start"), Unpause(target), f"unpause {container.name}")
        add_wait(work, container, target, [start])
    elif transition.pause:
        draft.add((address, "pause"), Pause(target), f"pause {container.name}")
    elif not transition.stop:
        add_wait(work, container, target, [])


def update_body(container: DesiredContainer, outcome: ContainerOutcome, work: Work) -> dict[str, Any]:
    """What an update is given: the keys of the fields that differ, as a creation would hold them."""
    changed = {field.path[0] for field in outcome.change.fields}
    held = look_up(write(container.spec, work.situation.context), "HostConfig") or {}
    body: dict[str, Any] = {}
    for row in rows(type(container.spec)):
        if row.name in changed and isinstance(row.in_place, InPlace):
            body |= {key: held[key] if key in held else row.in_place.reset[key] for key in row.in_place.keys}
    return body


def _reattach(work: Work, container: DesiredContainer, outcome: ContainerOutcome, target: Target) -> None:
    live = outcome.live
    assert live is not None, "only what exists can be connected"
    address, draft, spec = str(container.address), work.draft, container.spec
    touched = {
        f.path[1] for f in outcome.change.fields if f.path[0] == "networks" and len(f.path) > 1
    } | outcome.reconnect
    for name in sorted(touched):
        if name in live.networks:
            text = f"disconnect {container.name} from {name}"
            needs = [(address, "rename"), (address, "update")]
            draft.add((address, f"disconnect:{name}"), Disconnect(target, name), text, needs)
    for name in container.networks:
        if name in touched and spec.networks is not None:
            settings = endpoint(spec.networks[name], spec.links)
            needs = [(address, f"disconnect:{name}"), *_network_keys(work, (name,))]
            text = f"connect {container.name} to {name}"
            draft.add((address, f"connect:{name}"), Connect(target, name, settings), text, needs)
