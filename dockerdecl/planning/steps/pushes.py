"""What pushes need of the containers that are their registries, and who waits for a push.

Takes a draft with all steps and what the containers need of one another; adds needs, and never a circle: a container
that a registry can't run without doesn't wait for its image to be in there.
"""

from __future__ import annotations

from dockerdecl.planning.health import health_was_asked_for
from dockerdecl.planning.registries import serving
from dockerdecl.planning.steps.draft import Draft, Key
from dockerdecl.planning.steps.making import add_wait
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.values import Action
from dockerdecl.planning.verbs import Target
from dockerdecl.resources.address import Address
from dockerdecl.resources.rows import look_up

_SERVES = ("start", "post-start", "await", "steady")


def order_pushes(work: Work) -> None:
    """A push comes after its registry serves, and before what is made from the image."""
    draft, desired = work.draft, work.situation.desired
    waiting: set[Key] = set()
    for address in sorted(work.images.outcomes):
        for reference in desired.images[address].pushed:
            key = (str(address), f"push:{reference}")
            if key in draft.entries:
                needs = [need for registry in serving(reference, desired) for need in _serves(work, registry)]
                draft.need(key, needs)
                waiting |= {key} if needs else set()
    for address, container in sorted(desired.containers.items()):
        for image in (container.image, *container.mounted_images):
            for key in draft.of(image, "push"):
                _use_after(draft, str(address), key, waits=key in waiting)


def _serves(work: Work, registry: Address) -> list[Key]:
    "one that runs already must be healthy, where that was asked for"
    outcome = work.outcomes.get(registry)
    container = work.situation.desired.containers[registry]
    live = outcome.live if outcome is not None else None
    stays = live is not None and live.running and not work.draft.of(registry, "start", "await")
    if outcome is not None and live is not None and stays and outcome.change.action is not Action.REPLACE:
        unhealthy = look_up(live.raw, "State.Health.Status") != "healthy"
        if unhealthy and health_was_asked_for(container, work.situation.desired):
            add_wait(work, container, Target(str(registry), live.id), [], running=live)
    return work.draft.of(registry, *_SERVES)


def _use_after(draft: Draft, address: str, push: Key, *, waits: bool) -> None:
    "made after the push; started after it, where what has to be stopped for the registry waits for that making"
    if (address, "create") not in draft.entries:
        return
    for use in ((address, "create"), (address, "start")):
        if use in draft.entries and not (waits and draft.comes_after(push, use)):
            draft.need(use, [push])
            return
