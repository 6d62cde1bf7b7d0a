"""The steps that change a container which stays: limits, networks, name, and whether it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dockerdecl.planning.containers import ContainerOutcome, transition_of
from dockerdecl.planning.standing import keeps_its_name
from dockerdecl.planning.steps.hooks import after_start, before_stop, forget_hooks, record_hooks
from dockerdecl.planning.steps.making import add_wait, network_keys, put_files, run
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.verbs import (
    Connect,
    Disconnect,
    Pause,
    Rename,
    Stop,
    Target,
    Unpause,
    Update,
)
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.container.lenses.networks import DEFAULT_BRIDGE, joins_the_bridge
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.rows import InPlace, is_set, look_up, rows
from dockerdecl.resources.spec import write


def update(work: Work, container: DesiredContainer, outcome: ContainerOutcome) -> None:
    """Change a container in place, and bring it to its declared state."""
    live = outcome.live
    assert live is not None, "only what exists can be updated"
    address, draft, target = str(container.address), work.draft, Target(str(container.address), live.id)
    before = draft.of(address, "discard")
    if not keeps_its_name(live, container):
        text = f"rename {live.name} to {container.name}"
        draft.add((address, "rename"), Rename(target, container.name), text, before)
    for part, body in update_bodies(container, outcome, work):
        text = f"update {', '.join(sorted(body))} of {container.name}"
        draft.add((address, part), Update(target, body), text, [*before, (address, "update:first")])
    _reattach(work, container, outcome, target)
    transition = transition_of(container, live)
    stop = outcome.restart or (transition is not None and transition.stop)
    if stop:
        needs = before_stop(draft, container, live, [(address, "rename"), (address, "update")])
        draft.add((address, "stop"), Stop(target), f"stop {container.name}", needs)
    if outcome.restart or (transition is not None and transition.start):
        if container.files and not _has_run(live):
            put_files(work, container, target, before)
        needs = forget_hooks(draft, container, live, draft.of(address, "stop", "discard"))
        run(work, container, target, *needs)
    elif outcome.hooks_are_due:
        hooked = after_start(draft, container, target, draft.of(address, "rename", "update", "connect"))
        record_hooks(work, container, target, hooked)
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
        add_wait(work, container, target, [start], running=live)
    elif transition.pause:
        draft.add((address, "pause"), Pause(target), f"pause {container.name}")
    elif not transition.stop:
        add_wait(work, container, target, [], running=live)


def update_bodies(
    container: DesiredContainer, outcome: ContainerOutcome, work: Work
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What updates are given: the keys of the fields that differ, as a creation would hold them.

    What an engine refuses another key beside goes first.
    """
    changed = {field.path[0] for field in outcome.change.fields}
    wanted = look_up(write(container.spec, work.situation.context), "HostConfig") or {}
    held = look_up(outcome.live.raw, "HostConfig") or {} if outcome.live else {}
    first: dict[str, Any] = {}
    body: dict[str, Any] = {}
    for row in rows(type(container.spec)):
        how = row.in_place
        if row.name in changed and isinstance(how, InPlace):
            body |= {key: wanted[key] if key in wanted else how.reset[key] for key in how.keys}
            first |= {key: value for key, value in how.refused_beside.items() if is_set(held.get(key))}
    parts = {"update:first": first, "update": {key: value for key, value in body.items() if key not in first}}
    yield from ((part, found) for part, found in parts.items() if found)


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
    endpoints = look_up(write(spec, work.situation.context), "NetworkingConfig.EndpointsConfig") or {}
    if DEFAULT_BRIDGE in touched and joins_the_bridge(spec.network_mode):
        endpoints = {DEFAULT_BRIDGE: {}}
    for name, settings in endpoints.items():
        if name in touched:
            # the engine looks up the network that the container was created on, too
            networks = network_keys(work, (name, live.network_mode))
            needs = [(address, f"disconnect:{name}"), *draft.of(address, "discard"), *networks]
            text = f"connect {container.name} to {name}"
            draft.add((address, f"connect:{name}"), Connect(target, name, settings), text, needs)
