"""In which way containers are replaced: the old one stopped first or the new one started first, and in which batches.

Takes what the manifest asks for and what becomes of every container; gives what is possible, and a note for each thing
that is asked for and isn't. Makes no step.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from dockerdecl.planning.steps.places import place_in_common
from dockerdecl.planning.steps.work import Rollout, Ways, Work
from dockerdecl.planning.values import Action, Note
from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import DesiredContainer


def asked_ways(work: Work) -> Ways:
    """What the manifest asks for, less what can be seen to be impossible by one container alone."""
    replaced = [*_replaced(work)]
    start_first: set[Address] = set()
    notes: list[Note] = []
    for container in replaced:
        settings = container.spec.replace
        if settings is None or settings.order != "start-first":
            continue
        obstacle = _obstacle(work, container, replaced)
        if obstacle is None:
            start_first.add(container.address)
        else:
            notes.append(_not_start_first(container.address, obstacle))
    return Ways(frozenset(start_first), tuple(_rollouts(work, replaced)), tuple(notes))


def without_circles(ways: Ways, circles: Set[str]) -> Ways:
    """The ways less those that make steps need one another: start-first before batches, since it asks for more."""
    stuck = sorted(address for address in ways.start_first if str(address) in circles)
    if stuck:
        reason = "what it depends on is stopped meanwhile, and it would have to start before that"
        impossible = (_not_start_first(address, reason) for address in stuck)
        return replace(ways, start_first=ways.start_first - {*stuck}, notes=(*ways.notes, *impossible))
    found, notes = list[Rollout](), list(ways.notes)
    for rollout in ways.rollouts:
        members = [address for batch in rollout for address in batch]
        if len(rollout) > 1 and circles & {*map(str, members)}:
            message = "all its replicas are replaced at once, since what they depend on is stopped meanwhile"
            notes.append(Note(str(members[0]), "batches-impossible", message))
            found.append((tuple(members),))
        else:
            found.append(rollout)
    return replace(ways, rollouts=tuple(found), notes=tuple(notes))


def _replaced(work: Work) -> Iterator[DesiredContainer]:
    for address, outcome in sorted(work.outcomes.items()):
        container = work.situation.desired.containers.get(address)
        if container is not None and outcome.live is not None and outcome.change.action is Action.REPLACE:
            yield container


def _not_start_first(address: Address, reason: str) -> Note:
    return Note(str(address), "start-first-impossible", f"is replaced stop-first: {reason}")


def _obstacle(work: Work, container: DesiredContainer, replaced: list[DesiredContainer]) -> str | None:
    "why the old one has to stop before the new one starts"
    live = work.outcomes[container.address].live
    assert live is not None, "only what exists can be replaced"
    if container.state != "running":
        return f"it is declared {container.state}, not running"
    if not live.running or live.state == "paused":
        return "the old one is paused" if live.running else "the old one doesn't run"
    if work.late(container):
        return "it can only be made when others are stopped: what it is bound to, or a network or volume, is made anew"
    replicas = [other for other in work.situation.desired.containers if other.key == container.address.key]
    together = [other for other in replaced if other.address.key == container.address.key]
    at_once = min(_at_once(container) or len(together), len(together))
    place = place_in_common(container, live, len(replicas), at_once)
    return f"the old and the new one need {place}" if place else None


def _at_once(container: DesiredContainer) -> int | None:
    return container.spec.replace.max_parallel if container.spec.replace else None


def _rollouts(work: Work, replaced: list[DesiredContainer]) -> Iterator[Rollout]:
    "one that is removed before its successor is made can't be put back with the others"
    by_key: dict[str, list[DesiredContainer]] = {}
    for container in replaced:
        if _at_once(container) is not None and not work.outcomes[container.address].remove_first:
            by_key.setdefault(container.address.key, []).append(container)
    for members in by_key.values():
        size = _at_once(members[0]) or len(members)
        addresses = [container.address for container in members]
        yield tuple(tuple(addresses[start : start + size]) for start in range(0, len(addresses), size))
