"""The steps that replace and remove containers.

A replacement keeps the old container until the new one stands: create the new one under a temporary name, stop the
old, rename both, start, wait; then remove the old. Start-first: create, start, wait, rename both, stop the old. What
was done of it is taken back where a part of it fails.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dockerdecl.planning.containers import ContainerOutcome
from dockerdecl.planning.steps.draft import Key, forget
from dockerdecl.planning.steps.hooks import before_stop, started_again
from dockerdecl.planning.steps.making import create, health_seconds, run
from dockerdecl.planning.steps.request import carried_volumes
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.values import Action, Undo
from dockerdecl.planning.verbs import (
    AwaitHealthy,
    Connect,
    CreateContainer,
    Disconnect,
    Pause,
    RemoveContainer,
    RemoveVolume,
    Rename,
    Start,
    Stop,
    Target,
)
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.ownership import NEW_SUFFIX, OLD_SUFFIX
from dockerdecl.resources.rows import look_up


def discard(work: Work, address: Address, outcome: ContainerOutcome, *, first: bool) -> None:
    """Clear away what an interrupted replacement left.

    A new one that never stood goes first; an old one stays until the new one stands.
    """
    for live in outcome.leftovers:
        standing = outcome.live is not None and outcome.live.running and live.name.endswith(OLD_SUFFIX)
        needed = standing and not live.running  # one that runs was left after its successor was seen to stand
        if (needed and outcome.change.action is not Action.REPLACE) == first:
            continue
        key = (str(address), f"discard:{live.name}")
        needs = [] if first else work.draft.of(address, "start", "await", "rename", "update")
        if live.running:
            needs = _stop_left_over(work, address, live)
        text = f"remove {live.name}, left by an interrupted replacement"
        work.draft.add(key, RemoveContainer(Target(str(address), live.id), force=True), text, needs)
        forget(work.draft, address, live.labels, key)


def _stop_left_over(work: Work, address: Address, live: LiveContainer) -> list[Key]:
    "it may be at work, so that it is stopped as any other"
    part, needs = f"discard-stop:{live.name}", list[Key]()
    if live.name.endswith(OLD_SUFFIX):
        needs = before_stop(work.draft, work.declaration(address), live, (), part=part)
    text = f"stop {live.name}, left by an interrupted replacement"
    return [work.draft.add((str(address), part), Stop(Target(str(address), live.id)), text, needs)]


def replace_container(work: Work, container: DesiredContainer, outcome: ContainerOutcome) -> None:
    """Replace a container by one made anew, the old one staying until the new one stands."""
    live = outcome.live
    assert live is not None, "only what exists can be replaced"
    address, draft, target = str(container.address), work.draft, Target(str(container.address))
    if outcome.remove_first:
        remove(work, container.address, replace(outcome, leftovers=()))
        create(work, container, container.name)
        draft.need((address, "create"), [(address, "remove")])
        run(work, container, target, (address, "create"), replaces=True)
        return
    create(work, container, container.name + NEW_SUFFIX, live)
    if container.address in work.ways.start_first:
        _start_first(work, container, outcome, live)
    else:
        _stop_first(work, container, outcome, live)
    stands = [(address, "rename-new"), *standing(work, container.address)]
    payload, text = RemoveContainer(Target(address, live.id)), f"remove {live.name}, which was replaced"
    removal = draft.add((address, "remove-old"), payload, text, stands)
    _remove_belongings(work, container.address, live, removal, keep=look_up(_body(work, address), "HostConfig.Mounts"))


def standing(work: Work, address: Address) -> list[Key]:
    """The steps after which a new container stands for the one that it replaces."""
    last = ("stop-old",) if address in work.ways.start_first else ()
    return work.draft.of(address, "start", "post-start", "await", "steady", "record-hooks", "pause", *last)


def _start_first(work: Work, container: DesiredContainer, outcome: ContainerOutcome, live: LiveContainer) -> None:
    """The new one stands before anything is done to the old one.

    The name changes hands while both run: who asks for it, or for an alias of theirs, finds one that runs all the time,
    but for the moment between two renames.
    """
    address, draft = str(container.address), work.draft
    target, old, saga = Target(address), Target(address, live.id), address
    temporary, aside = container.name + NEW_SUFFIX, container.name + OLD_SUFFIX
    run(work, container, target, *draft.of(address, "create"), saga=saga, name=temporary, replaces=True)
    draft.entries[(address, "start")].undo = (Undo(Stop(target), f"stop {temporary}"),)
    stands = draft.of(address, "start", "post-start", "await", "steady", "discard")
    if live.name != aside:
        undo = (Undo(Rename(old, live.name), f"rename {aside} back to {live.name}"),)
        text = f"rename {live.name} to {aside}"
        draft.add((address, "rename-old"), Rename(old, aside), text, stands, saga=saga, undo=undo)
    undo = (Undo(Rename(target, temporary), f"rename {container.name} back to {temporary}"),)
    text = f"rename {temporary} to {container.name}"
    needs = [*stands, (address, "rename-old")]
    renamed = draft.add((address, "rename-new"), Rename(target, container.name), text, needs, saga=saga, undo=undo)
    hooked = before_stop(draft, container, replace(live, name=aside), [renamed], saga)
    again = _restarting(work, container, outcome, live)
    stopped = draft.add((address, "stop-old"), Stop(old), f"stop {aside}", hooked, saga=saga, undo=again)
    draft.need((address, "record-hooks"), [stopped])


def _stop_first(work: Work, container: DesiredContainer, outcome: ContainerOutcome, live: LiveContainer) -> None:
    address, draft = str(container.address), work.draft
    target, old, saga = Target(address), Target(address, live.id), address
    temporary, aside = container.name + NEW_SUFFIX, container.name + OLD_SUFFIX
    made = [] if work.late(container) else draft.of(address, "create", "put-files", "connect")
    stopped = made
    if live.running:
        undo = _restarting(work, container, outcome, live)
        hooked = before_stop(draft, container, live, made, saga)
        stopped = [draft.add((address, "stop-old"), Stop(old), f"stop {live.name}", hooked, saga=saga, undo=undo)]
    if work.late(container):
        draft.need((address, "create"), stopped)
    if live.name != aside:
        undo = (Undo(Rename(old, live.name), f"rename {aside} back to {live.name}"),)
        needs = [*stopped, *made, *draft.of(address, "discard")]
        text = f"rename {live.name} to {aside}"
        draft.add((address, "rename-old"), Rename(old, aside), text, needs, saga=saga, undo=undo)
    undo = (Undo(RemoveContainer(target, force=True), f"remove {container.name}, which never stood"),)
    needs = [*stopped, (address, "rename-old"), *draft.of(address, "create", "put-files", "connect")]
    text = f"rename {temporary} to {container.name}"
    draft.add((address, "rename-new"), Rename(target, container.name), text, needs, saga=saga, undo=undo)
    run(work, container, target, (address, "rename-new"), saga=saga, replaces=True)


def _body(work: Work, address: str) -> Any:
    payload = work.draft.entries[(address, "create")].payload
    assert isinstance(payload, CreateContainer)
    return payload.body


def _restarting(
    work: Work, container: DesiredContainer, outcome: ContainerOutcome, live: LiveContainer
) -> tuple[Undo, ...]:
    "an old one whose network was made anew under it holds an id that is gone, and could not start"
    old = Target(str(container.address), live.id)
    again = [name for name in sorted(outcome.reconnect) if name in live.networks]
    reconnect = [
        undo
        for name in again
        for undo in (
            Undo(Disconnect(old, name), f"disconnect {live.name} from {name}"),
            Undo(Connect(old, name, held_endpoint(live, name)), f"connect {live.name} to {name}"),
        )
    ]
    start = Undo(Start(old), f"start {container.name} again")
    paused = (Undo(Pause(old), f"pause {container.name} again"),) if live.state == "paused" else ()
    return (*reconnect, start, *started_again(container, live, old), *_healthy_again(work, container, live), *paused)


def _healthy_again(work: Work, container: DesiredContainer, live: LiveContainer) -> tuple[Undo, ...]:
    "nor is there an outage on the way back: the next one is taken away when the old one of this stands again"
    without_outage = container.address in work.ways.start_first | work.ways.in_turn
    if not without_outage or look_up(live.raw, "State.Health.Status") != "healthy":
        return ()
    restarts = int(live.raw.get("RestartCount") or 0)
    target = Target(str(container.address), live.id)
    payload = AwaitHealthy(target, health_seconds(container, work), restarts, container.spec.attach)
    return (Undo(payload, f"wait until {container.name} is healthy again"),)


def held_endpoint(live: LiveContainer, name: str) -> dict[str, Any]:
    """The settings with which a container is connected to a network, as a request takes them."""
    held = (look_up(live.raw, "NetworkSettings.Networks") or {}).get(name) or {}
    keys = ["Aliases", "IPAMConfig", "Links", "DriverOpts"]
    fixed = (look_up(live.raw, "Config.MacAddress") or "").lower()
    if fixed and fixed == (held.get("MacAddress") or "").lower():
        keys.append("MacAddress")
    return {key: held[key] for key in keys if held.get(key)}


def _remove_belongings(work: Work, address: Address, live: LiveContainer, removal: Key, keep: Any = None) -> None:
    forget(work.draft, address, live.labels, removal)
    kept = {mount.get("Source") for mount in keep or ()}
    for name in carried_volumes(live):
        if name not in kept:
            text = f"remove the anonymous volume {name[:12]}"
            work.draft.add((str(address), f"volume:{name}"), RemoveVolume(name, anonymous=True), text, [removal])


def remove(work: Work, address: Address, outcome: ContainerOutcome) -> None:
    """Stop and remove a container, and what an interrupted replacement left of it."""
    draft = work.draft
    for live in filter(None, (outcome.live, *outcome.leftovers)):
        part = "" if live is outcome.live else f":{live.name}"
        target, needs = Target(str(address), live.id), list[Key]()
        if live.running:
            needs = before_stop(draft, work.declaration(address), live, ()) if not part else []
            needs = [draft.add((str(address), f"stop{part}"), Stop(target), f"stop {live.name}", needs)]
        key = draft.add((str(address), f"remove{part}"), RemoveContainer(target), f"remove {live.name}", needs)
        _remove_belongings(work, address, live, key)
