"""What must stand together, or be taken back together.

Who takes what a replaced container or network gave up (its name, a port, an address, its id, the network itself) makes
it impossible to put the old one back alone. So they are one saga: where a part of it fails, all of it is taken back,
last first, and no old container is removed before all that is new stands. Takes a draft whose needs are complete.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.planning.standing import needs_label
from dockerdecl.planning.steps.draft import Draft, Entry, Key
from dockerdecl.planning.steps.replacing import held_endpoint
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.values import Action, Undo
from dockerdecl.planning.verbs import (
    Connect,
    CreateContainer,
    CreateNetwork,
    Disconnect,
    RemoveContainer,
    RemoveNetwork,
    Rename,
    Start,
    Stop,
    Target,
)
from dockerdecl.resources.actual import Actual, LiveContainer
from dockerdecl.resources.desired import Bond, Dependence
from dockerdecl.resources.rows import Raw, look_up

_STANDING = (
    *("create", "connect", "rename", "rename-new", "start", "post-start", "await", "steady", "record-hooks", "pause"),
)
_OUTSIDE = ("remove-old", "update", "volume", "discard", "discard-stop", "forget", "put-back", "start-again")


def bind_together(work: Work) -> None:
    """Make one saga of what can only be taken back together; keep what an old one needs until the new one stands."""
    draft = work.draft
    start_first = {str(address) for address in work.ways.start_first}
    lives = {str(address): outcome.live for address, outcome in work.outcomes.items()}
    for members in _groups(work):
        standing = [key for member in members for key in draft.of(member, *_STANDING)]
        standing += [(member, "stop-old") for member in members if member in start_first]
        for key in (key for member in members for key in draft.of(member)):
            entry = draft.entries[key]
            if key[1] == "remove-old":
                draft.need(key, standing)
            elif _part(key) not in _OUTSIDE:
                entry.saga = members[0]
                entry.undo = entry.undo or tuple(_undo(entry, key, lives.get(key[0]), work.situation.actual))
    _keep_what_is_needed(work)


def _keep_what_is_needed(work: Work) -> None:
    for address, outcome in sorted(work.outcomes.items()):
        stands = (str(address), "remove-old")
        for other in sorted(needs_label(outcome.live)) if outcome.live and stands in work.draft.entries else ():
            removed = other in work.outcomes and work.outcomes[other].change.action is Action.REMOVE
            for key in work.draft.of(other, "stop", "remove") if removed else ():
                if not work.draft.comes_after(stands, key):
                    work.draft.need(key, [stands])


def _part(key: Key) -> str:
    return key[1].partition(":")[0]


def _groups(work: Work) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for one, other in sorted({*_taken(work.draft), *_bound(work), *_rolled_out(work)}):
        first, second = groups.get(one, [one]), groups.get(other, [other])
        if first is not second:
            merged = sorted({*first, *second})
            groups |= dict.fromkeys(merged, merged)
    return [group for address, group in sorted(groups.items()) if address == group[0]]


def _rolled_out(work: Work) -> Iterator[tuple[str, str]]:
    "replicas that are replaced in batches: either all of them are of one version, or of the other"
    for rollout in work.ways.rollouts:
        first, *others = (str(address) for batch in rollout for address in batch)
        yield from ((first, other) for other in others)


def _taken(draft: Draft) -> Iterator[tuple[str, str]]:
    "who takes what another one gives up, and can't give it up for good before the taker stands"
    for key, entry in draft.entries.items():
        for need in entry.needs:
            if need not in draft.entries or need[0] == key[0] or not _takes(draft, key, need):
                continue
            if not any(_is_gone_first(draft, address) for address in (key[0], need[0])):
                yield key[0], need[0]


def _is_gone_first(draft: Draft, address: str) -> bool:
    "a container that is removed before the new one is made can't be put back"
    entry = draft.entries.get((address, "remove"))
    return entry is not None and isinstance(entry.payload, RemoveContainer)


def _takes(draft: Draft, key: Key, need: Key) -> bool:
    match _part(key), _part(need):
        case "stop" | "stop-old", _:
            return False
        case "remove", "stop-old" | "rename-old" | "disconnect":
            return isinstance(draft.entries[key].payload, RemoveNetwork) and (key[0], "create") in draft.entries
        case _, "stop-old" | "rename-old":
            return _part(key) in _STANDING
        case "create" | "connect", "create":
            return isinstance(draft.entries[need].payload, CreateNetwork) and (need[0], "remove") in draft.entries
    return False


def _bound(work: Work) -> Iterator[tuple[str, str]]:
    "who holds, or held, the id of another one that is replaced, or is restarted with it"
    for container in work.situation.desired.containers.values():
        for dependence in container.dependencies:
            owner, bound = str(dependence.on), str(container.address)
            if (owner, "remove-old") in work.draft.entries and _is_bound(work.draft, bound, dependence):
                yield bound, owner
    for address, outcome in work.outcomes.items():
        if outcome.live is not None and (str(address), "remove-old") in work.draft.entries and _holds_ids(outcome.live):
            for other in needs_label(outcome.live):
                if (str(other), "remove-old") in work.draft.entries:
                    yield str(address), str(other)


def _is_bound(draft: Draft, address: str, dependence: Dependence) -> bool:
    if dependence.bond in (Bond.NAMESPACE, Bond.LEGACY_LINK):
        return (address, "create") in draft.entries
    return dependence.restart and {(address, "stop"), (address, "start")} <= draft.entries.keys()


def _holds_ids(live: LiveContainer) -> bool:
    host = look_up(live.raw, "HostConfig") or {}
    modes = (str(host.get(key) or "") for key in ("NetworkMode", "PidMode", "IpcMode"))
    return bool(host.get("Links")) or any(mode.startswith("container:") for mode in modes)


def _undo(entry: Entry, key: Key, live: LiveContainer | None, actual: Actual) -> Iterator[Undo]:
    match entry.payload:
        case CreateContainer(name=name):
            yield Undo(RemoveContainer(Target(key[0]), force=True), f"remove {name}")
        case Start(target=target):
            yield Undo(Stop(target), f"stop {key[0]}")
        case Stop(target=target):
            yield Undo(Start(target), f"start {key[0]} again")
        case Rename(target=target) if live is not None:
            yield Undo(Rename(target, live.name), f"rename {key[0]} back to {live.name}")
        case Connect(target=target, network=network) if live is not None:
            yield Undo(Disconnect(target, network), f"disconnect {key[0]} from {network}")
        case Disconnect(target=target, network=network) if live is not None:
            yield Undo(Connect(target, network, held_endpoint(live, network)), f"connect {key[0]} to {network} again")
        case CreateNetwork(body=body):
            yield Undo(RemoveNetwork(body["Name"]), f"remove the network {body['Name']}, which was made anew")
        case RemoveNetwork(id=network_id):
            old = next(network for network in actual.networks if network.id == network_id)
            yield Undo(CreateNetwork(_request(old.raw)), f"make the network {old.name} as it was")


def _request(network: Raw) -> Raw:
    "what makes the same network again; one made from a configuration takes its addresses from there"
    keys = ["Name", "Driver", "Internal", "Attachable", "Labels", "ConfigOnly"]
    if look_up(network, "ConfigFrom.Network"):
        keys += ["ConfigFrom"]
    else:
        keys += ["EnableIPv4", "EnableIPv6", "IPAM", "Options"]
    return {"CheckDuplicate": True, **{key: network[key] for key in keys if network.get(key) is not None}}
