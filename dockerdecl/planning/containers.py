"""What happens to containers, each seen alone; what they do to one another is added in `effects`.

Takes desired and actual state and what becomes of the images; gives an outcome for each container: the change, the
container it is about, and what an interrupted replacement left of it.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dockerdecl.errors import Problem
from dockerdecl.planning.compare import DROPPED, differences, leaves
from dockerdecl.planning.health import health_was_asked_for, is_unhealthy
from dockerdecl.planning.images import UNKNOWN_ID, ImageOutcome, ImagePlan, image_ids
from dockerdecl.planning.stale import stale_fields, stale_networks
from dockerdecl.planning.standing import is_copy, keeps_its_name
from dockerdecl.planning.surroundings import foreign
from dockerdecl.planning.values import Action, Change, FieldChange, Reason, Situation
from dockerdecl.resources.actual import Actual, LiveContainer
from dockerdecl.resources.address import Address
from dockerdecl.resources.adopted import container_as_declared
from dockerdecl.resources.container.lenses.files import expected_files, read_files_label
from dockerdecl.resources.container.lenses.hooks import hooks_differ
from dockerdecl.resources.container.lenses.mounts import anonymous, is_anonymous
from dockerdecl.resources.container.lenses.networks import DEFAULT_BRIDGE
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.masking import MASK, scrub
from dockerdecl.resources.ownership import HOOKED_BY, HOOKS, carried_label, owner, plain_name
from dockerdecl.resources.rows import look_up
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class ContainerOutcome:
    """What becomes of a container.

    `live` is the one that the address means now; `leftovers` are what an interrupted replacement left beside it.
    `reconnect` names networks that it must be disconnected from and connected to again. `remove_first`: the old one
    has to go before the new one can be made. `restart`: it is stopped and started though nothing of it changes.
    `dropped` names what the engine was given and did not take. `hooks_are_due`: what belongs after its start was not
    run to the end. `stopped_as` is the name under which an interrupted replacement left it stopped, where it is
    started again before it is replaced.
    """

    change: Change
    live: LiveContainer | None = None
    leftovers: tuple[LiveContainer, ...] = ()
    reconnect: frozenset[str] = frozenset()
    remove_first: bool = False
    restart: bool = False
    dropped: tuple[str, ...] = ()
    hooks_are_due: bool = False
    stopped_as: str | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """What it takes from a container's present state to the declared one."""

    code: Reason
    reason: str
    start: bool = False
    stop: bool = False
    pause: bool = False
    unpause: bool = False

    @property
    def action(self) -> Action:
        """How a plan calls it."""
        return Action.STOP if self.stop or (self.pause and not self.start) else Action.START


def plan_containers(situation: Situation, images: ImagePlan) -> Iterator[ContainerOutcome | Problem]:
    """An outcome for every declared container, and the removal of those that are declared no more."""
    owned = situation.owned
    by_name = {live.name: live for live in situation.actual.containers}
    for address, container in sorted(situation.desired.containers.items()):
        candidates = owned.get(address, [])
        live = candidates[0] if candidates else None
        rest = tuple(
            other
            for other in candidates[1:]
            if container.state == "absent" or not is_copy(other, container, candidates)
        )
        holder = by_name.get(container.name)
        if container.state == "absent":
            yield _absent(address, live, rest)
        elif holder is not None and owner(holder.labels) != situation.project:
            yield foreign(address, container.name)
        elif live is None:
            yield ContainerOutcome(Change(address, Action.CREATE, Reason.MISSING, "is not on the engine"))
        else:
            yield _existing(container, live, rest, situation, images)
    for address in sorted(owned.keys() - situation.desired.containers.keys()):
        if address.key in situation.desired.inactive:
            continue
        first, *others = owned[address]
        change = Change(address, Action.REMOVE, Reason.NOT_DECLARED, leaving("is declared no more", first))
        yield ContainerOutcome(change, first, tuple(others))


def _absent(address: Address, live: LiveContainer | None, rest: tuple[LiveContainer, ...]) -> ContainerOutcome:
    if live is None:
        return ContainerOutcome(Change(address, Action.NONE, Reason.NONE, "is absent, as declared"))
    reason = leaving("is declared absent", live)
    return ContainerOutcome(Change(address, Action.REMOVE, Reason.DECLARED_ABSENT, reason), live, rest)


def leaving(reason: str, live: LiveContainer) -> str:
    """Why a container goes, and the data that goes with it: nobody could find an anonymous volume again."""
    mounts = live.raw.get("Mounts") or ()
    files = {posixpath.dirname(entry["target"]) for entry in read_files_label(live.raw)[1].values()}
    own = (m["Destination"] for m in mounts if m.get("Type") == "volume" and is_anonymous(m.get("Name")))
    targets = sorted(set(own) - files)
    return f"{reason}; what it has in anonymous volumes goes too: {', '.join(targets)}" if targets else reason


def _existing(
    container: DesiredContainer,
    live: LiveContainer,
    rest: tuple[LiveContainer, ...],
    situation: Situation,
    images: ImagePlan,
) -> ContainerOutcome:
    stale = frozenset(stale_networks(container, live, situation.actual))
    found = tuple(_connectable(field_differences(container, live, situation, images), live, situation))
    dropped = tuple(".".join(field.path) for field in found if field.forces == DROPPED)
    fields = (
        *_named(container, live),
        *(field for field in found if field.forces != DROPPED),
        *stale_fields(container, live, situation),
    )
    change = _image_change(container, live, images.outcomes[container.image], fields)
    if change is None and situation.asked_for(container.address):
        change = Change(container.address, Action.REPLACE, Reason.ASKED_FOR, "made anew as asked for", fields)
    if change is None:
        change = _change(container, live, fields, rest)
    restart = change.action in (Action.NONE, Action.UPDATE) and is_unhealthy(container, live)
    restart = restart and health_was_asked_for(container, situation.desired)
    if restart:
        change = _started_anew(change)
    due = change.action in (Action.NONE, Action.UPDATE) and not restart and _hooks_are_due(container, live)
    if due and change.action is Action.NONE:
        reason = "what belongs after its start was not run to the end"
        change = Change(change.address, Action.UPDATE, Reason.INTERRUPTED, reason)
    return ContainerOutcome(change, live, rest, stale, restart=restart, dropped=dropped, hooks_are_due=due)


_MODES = ("", "default", DEFAULT_BRIDGE, "host", "none")


def _connectable(fields: tuple[FieldChange, ...], live: LiveContainer, situation: Situation) -> Iterator[FieldChange]:
    """The fields, networks replacing where the one that the container was created on is gone and not declared.

    An engine connects such a container to no other network (measured on 26.1).
    """
    if not fields:
        return
    there = situation.actual.network_ids
    declared = {network.name for network in situation.desired.networks.values()}
    mode = live.network_mode
    stranded = mode not in (*_MODES, *there, *declared) and not mode.startswith("container:")
    for field in fields:
        if stranded and field.path[0] == "networks" and field.after is not None and field.forces == "update":
            obstacle = f"{mode}, which it was created on, is gone, and an engine then connects it to no other"
            yield replace(field, forces="replace", obstacle=obstacle)
        else:
            yield field


def _hooks_are_due(container: DesiredContainer, live: LiveContainer) -> bool:
    runs = container.state == "running" == live.state
    return runs and bool(container.spec.post_start) and HOOKED_BY not in live.labels


def _started_anew(change: Change) -> Change:
    "an update alone would leave it unhealthy, and the next plan would find it so"
    reason = "its health check fails"
    if change.action is Action.NONE:
        return Change(change.address, Action.UPDATE, Reason.UNHEALTHY, reason)
    return replace(change, reason=f"{change.reason}; {reason}")


def _named(container: DesiredContainer, live: LiveContainer) -> Iterator[FieldChange]:
    if not keeps_its_name(live, container):
        yield FieldChange(("container_name",), live.name, container.name, forces="update")


def field_differences(
    container: DesiredContainer, live: LiveContainer, situation: Situation, images: ImagePlan
) -> tuple[FieldChange, ...]:
    """The fields in which a container differs from its spec, files included."""
    made_from = _made_from(live, images.outcomes[container.image], situation.actual)
    ids = image_ids(images, situation.desired) if container.mounted_images else {}
    context = situation.context.of(made_from, ids)
    raw = container_as_declared(live.raw, live.labels, container.spec, context)
    live = live if raw is live.raw else replace(live, raw=raw)
    show = situation.options.show_sensitive
    fields = differences(container.spec, live.raw, context, live.labels, show_sensitive=show)
    implied = _implied(fields, _unsure_targets(live))
    kept = (field for field in fields if field not in implied)
    secrets = situation.desired.secrets if fields or container.spec.post_start else ()
    scrubbed = (replace(f, before=scrub(f.before, secrets), after=scrub(f.after, secrets)) for f in kept)
    return (*scrubbed, *_file_differences(container, live), *_hook_differences(container, live, secrets))


def _hook_differences(
    container: DesiredContainer, live: LiveContainer, secrets: tuple[str, ...]
) -> Iterator[FieldChange]:
    if hooks_differ(container.spec, live.raw):
        commands = "; ".join(shlex.join(hook.command) for hook in container.spec.post_start or ())
        before = "(other commands)" if (look_up(live.raw, "Config.Labels") or {}).get(HOOKS) else None
        yield FieldChange(("post_start",), before, scrub(commands, secrets) or None)


def _made_from(live: LiveContainer, image: ImageOutcome, actual: Actual) -> Mapping[str, Any]:
    "the config of the image that it was made from; where that is gone, all it has beyond its spec may be the image's"
    own = actual.images.get(live.image_id)
    if own is not None:
        return own.config
    known = image.config if live.image_id in image.ids else None
    return known if known is not None else live.raw.get("Config") or {}


def _implied(fields: tuple[FieldChange, ...], unsure: set[str]) -> list[FieldChange]:
    "what nobody asked for: mounts that an image may want, and the classic bridge where the mode tells of it"
    told = any(field.path == ("network_mode",) for field in fields)
    mounts = [f for f in fields if f.path[0] == "volumes" and f.path[-1] in unsure and f.before == anonymous()]
    return [*mounts, *(f for f in fields if told and f.path == ("networks", DEFAULT_BRIDGE))]


def _unsure_targets(live: LiveContainer) -> set[str]:
    "mounts carried over to an image that was not known then: whether it wants them could not be told"
    return {target for target, (_, unsure) in carried_label(live.labels).items() if unsure}


def _file_differences(container: DesiredContainer, live: LiveContainer) -> Iterator[FieldChange]:
    key, held = read_files_label(live.raw)
    wanted = expected_files(container.files, key, held)
    for path, held_value, wanted_value in leaves(held, wanted, ()):
        before, after = held_value, wanted_value
        name = tuple(path[0].split(".", 1))
        hidden = len(path) == 1 or path[-1] == "content"
        if hidden:
            before, after = MASK if before else None, MASK if after else None
        yield FieldChange((*name, *path[1:]), before, after, sensitive=hidden)


def _image_change(
    container: DesiredContainer, live: LiveContainer, image: ImageOutcome, fields: tuple[FieldChange, ...]
) -> Change | None:
    if live.image_id in image.ids:
        return None
    if image.change.action is Action.NONE:
        code, reason = Reason.IMAGE_MOVED, f"{container.image} is another image now"
    else:
        code, reason = Reason.IMAGE_RENEWED, f"{container.image} changes"
    after = next(iter(image.ids)) if len(image.ids) == 1 else UNKNOWN_ID
    moved = FieldChange(("image",), _short(live.image_id), _short(after))
    return Change(container.address, Action.REPLACE, code, reason, (moved, *fields))


def _short(image_id: str) -> str:
    return image_id[:19] if image_id.startswith("sha256:") else image_id


def _change(
    container: DesiredContainer, live: LiveContainer, fields: tuple[FieldChange, ...], rest: tuple[LiveContainer, ...]
) -> Change:
    address = container.address
    if live.state == "dead":
        return Change(address, Action.REPLACE, Reason.DEAD, "the engine could not finish removing it", fields)
    transition = transition_of(container, live)
    if fields:
        action = Action.REPLACE if any(field.forces == "replace" for field in fields) else Action.UPDATE
        interrupted = action is Action.UPDATE and live.name != container.name and live.name != plain_name(live.name)
        if interrupted:
            return Change(address, action, Reason.INTERRUPTED, "an interrupted replacement is put right", fields)
        return Change(address, action, Reason.DIFFERS, _differs(fields, transition), fields)
    if transition is not None:
        return Change(address, transition.action, transition.code, transition.reason)
    if rest:
        names = ", ".join(other.name for other in rest)
        return Change(address, Action.UPDATE, Reason.INTERRUPTED, f"an interrupted replacement left {names}")
    return Change(address, Action.NONE, Reason.NONE, "is as declared")


def _differs(fields: tuple[FieldChange, ...], transition: Transition | None) -> str:
    "and why an update is not enough where it is for other values of the same field, and what it is beside"
    obstacles = dict.fromkeys(field.obstacle for field in fields if field.obstacle)
    return "; ".join(("differs", *obstacles, *((transition.reason,) if transition else ())))


def transition_of(container: DesiredContainer, live: LiveContainer) -> Transition | None:
    """What it takes from the present state of a container to the declared one; None where it is there."""
    match container.state:
        case "running":
            return _to_running(live)
        case "paused":
            return _to_paused(live)
        case "completed":
            return _to_completed(live)
        case _ if live.running:
            return Transition(Reason.RUNNING, f"runs, and is declared {container.state}", stop=True)
    return None


def _to_running(live: LiveContainer) -> Transition | None:
    if live.state in ("running", "restarting"):
        return None
    if live.state == "paused":
        return Transition(Reason.PAUSED, "is paused", unpause=True)
    return Transition(Reason.NOT_RUNNING, f"is {_in_words(live)}", start=True)


def _to_paused(live: LiveContainer) -> Transition | None:
    if live.state == "paused":
        return None
    if live.state == "running":
        return Transition(Reason.NOT_PAUSED, "runs, and is declared paused", pause=True)
    return Transition(Reason.NOT_PAUSED, f"is {_in_words(live)}", start=True, pause=True)


def _to_completed(live: LiveContainer) -> Transition | None:
    if live.state == "exited" and (live.raw.get("State") or {}).get("ExitCode") == 0:
        return None
    if live.state == "paused":
        return Transition(Reason.PAUSED, "is paused", unpause=True)
    if live.running:
        return Transition(Reason.NOT_COMPLETED, "has not completed yet")
    return Transition(Reason.NOT_COMPLETED, f"is {_in_words(live)}", start=True)


def _in_words(live: LiveContainer) -> str:
    state = live.raw.get("State") or {}
    if live.state == "exited":
        return f"stopped (exit code {state.get('ExitCode')})"
    return "created, not started" if live.state == "created" else live.state
