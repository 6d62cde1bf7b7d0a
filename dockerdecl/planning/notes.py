"""What is worth knowing of containers and is no change of them. Takes their outcomes, gives notes; decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerdecl.planning.containers import ContainerOutcome
from dockerdecl.planning.health import is_unhealthy
from dockerdecl.planning.images import ImagePlan
from dockerdecl.planning.standing import is_copy
from dockerdecl.planning.values import Action, Note, Situation


def container_notes(outcomes: Iterable[ContainerOutcome], images: ImagePlan, situation: Situation) -> list[Note]:
    """What engines did not take, what fails without being anybody's claim, and what is left alone."""
    found = [*outcomes]
    return [
        *(note for outcome in found for note in (*_dropped(outcome), *_failing_check(outcome, situation))),
        *_copies(situation),
        *_untaken_commands(images, situation),
        *_inactive(situation),
    ]


def _dropped(outcome: ContainerOutcome) -> Iterator[Note]:
    if outcome.dropped and outcome.change.action is not Action.REPLACE:
        message = f"the engine was given {', '.join(outcome.dropped)}, and did not take it: its kernel can't"
        yield Note(str(outcome.change.address), "not-taken", message)


def _failing_check(outcome: ContainerOutcome, situation: Situation) -> Iterator[Note]:
    container = situation.desired.containers.get(outcome.change.address)
    stays = outcome.change.action in (Action.NONE, Action.UPDATE) and not outcome.restart
    if container is not None and outcome.live is not None and stays and is_unhealthy(container, outcome.live):
        message = "the health check that its image brings fails; declare a `healthcheck` to have it started anew"
        yield Note(str(outcome.change.address), "unhealthy", message)


def _untaken_commands(images: ImagePlan, situation: Situation) -> Iterator[Note]:
    "an empty command is none to an engine, so that the image's holds unless there is an entrypoint"
    for address, container in sorted(situation.desired.containers.items()):
        outcome = images.outcomes.get(container.image)
        inherits = container.spec.command == () and container.spec.entrypoint is None
        if inherits and outcome is not None and outcome.config is not None and outcome.config.get("Cmd"):
            message = "`command: []` can't take the image's command away; write an `entrypoint` beside it"
            yield Note(str(address), "not-taken", message)


def _copies(situation: Situation) -> Iterator[Note]:
    "such as one that was run from a commit of it: an image takes all labels along"
    for address, candidates in sorted(situation.owned.items()):
        container = situation.desired.containers.get(address)
        if container is None or container.state == "absent":
            continue
        names = ", ".join(other.name for other in candidates[1:] if is_copy(other, container, candidates))
        if names:
            message = (
                f"{names} has the labels of {candidates[0].name}, and is left alone until this is declared no more"
            )
            yield Note(str(address), "copied", message)


def _inactive(situation: Situation) -> Iterator[Note]:
    for address in sorted(situation.owned):
        if address.key in situation.desired.inactive:
            yield Note(str(address), "inactive", "none of its profiles is active, so it is left as it is")
