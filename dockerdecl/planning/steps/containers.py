"""The steps of every container, in the order of their addresses, by what happens to each."""

from __future__ import annotations

from dockerdecl.planning.steps.making import create, run
from dockerdecl.planning.steps.replacing import discard, remove, replace_container
from dockerdecl.planning.steps.restoring import put_back
from dockerdecl.planning.steps.updating import update
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.values import Action
from dockerdecl.planning.verbs import (
    Target,
)


def add_container_steps(work: Work) -> None:
    """Steps for every container, in the order of their addresses. What they need of one another comes afterwards."""
    for address, outcome in sorted(work.outcomes.items()):
        container = work.situation.desired.containers.get(address)
        discard(work, address, outcome, first=True)
        match outcome.change.action:
            case Action.CREATE if container is not None:
                create(work, container, container.name)
                run(work, container, Target(str(address)), (str(address), "create"))
            case Action.REPLACE if container is not None:
                replace_container(work, container, outcome)
                put_back(work, container, outcome)
            case Action.REMOVE:
                remove(work, address, outcome)
            case Action.NONE | Action.ADOPT:
                pass
            case _ if container is not None:
                update(work, container, outcome)
        if outcome.change.action is not Action.REMOVE:
            discard(work, address, outcome, first=False)
