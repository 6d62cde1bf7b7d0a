"""What an interrupted replacement stopped is started again, before anything is prepared or can fail.

Takes outcomes and a situation, gives them as they are once the old containers are back: whoever plans the replacement
then need not know that it is the second try. Where an old one can't start, it is replaced all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dockerdecl.planning.containers import ContainerOutcome
from dockerdecl.planning.standing import needs_label
from dockerdecl.planning.steps.draft import Key
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.values import Action, Situation
from dockerdecl.planning.verbs import Rename, Start, Target
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.ownership import NEW_SUFFIX, OLD_SUFFIX

Outcomes = dict[Address, ContainerOutcome]

_BACK = "restarting"
"""The state of one that will be back, if it can: as one that runs, but no command is run in it."""


def with_old_ones_back(
    situation: Situation, outcomes: Mapping[Address, ContainerOutcome]
) -> tuple[Situation, Outcomes]:
    """The situation and the outcomes after the steps of `put_back`."""
    found = dict(outcomes)
    seen = {live.id: live for live in situation.actual.containers}
    for address, outcome in outcomes.items():
        container = situation.desired.containers.get(address)
        live = outcome.live
        if container is None or live is None or not _was_interrupted(container, outcome, live):
            continue
        gone = {left.id for left in outcome.leftovers}
        taken = any(other.name == container.name for other in seen.values() if other.id not in {*gone, live.id})
        back = replace(live, name=live.name if taken else container.name, state=_BACK)
        found[address] = replace(outcome, live=back, stopped_as=live.name)
        seen = {i: back if i == live.id else other for i, other in seen.items() if i not in gone}
    actual = replace(situation.actual, containers=tuple(seen.values()))
    return replace(situation, actual=actual), found


def _was_interrupted(container: DesiredContainer, outcome: ContainerOutcome, live: LiveContainer) -> bool:
    if outcome.change.action is not Action.REPLACE or outcome.remove_first or live.state != "exited":
        return False
    left = live.name.endswith(OLD_SUFFIX) or any(other.name.endswith(NEW_SUFFIX) for other in outcome.leftovers)
    return left and container.state in ("running", "paused")


def put_back(work: Work, container: DesiredContainer, outcome: ContainerOutcome) -> None:
    """Give an old one its name back and start it; takes a draft that has the steps of its replacement."""
    live, was = outcome.live, outcome.stopped_as
    if live is None or was is None:
        return
    address, draft, target = str(container.address), work.draft, Target(str(container.address), live.id)
    needs = draft.of(address, "discard")
    if was != live.name:
        needs = [
            draft.add((address, "put-back"), Rename(target, live.name), f"rename {was} back to {live.name}", needs)
        ]
    needs += [(str(other), "start-again") for other in sorted(needs_label(live))]
    text = f"start {live.name} again, until it is replaced"
    again = draft.add((address, "start-again"), Start(target, may_fail=True), text, needs)
    for key in draft.of(address, "pre-stop", "stop-old", "rename-old"):
        draft.need(key, [again])


def restoring(work: Work) -> Iterator[Key]:
    """The steps that bring back what runs no more, and so disturb nothing."""
    for address, outcome in work.outcomes.items():
        if outcome.stopped_as is not None:
            yield from work.draft.of(address, "put-back", "discard", "discard-stop", "forget")
