"""What the steps of containers are made from, shared by those who make them."""

from __future__ import annotations

from dataclasses import dataclass

from dockerdecl.planning.containers import ContainerOutcome
from dockerdecl.planning.images import ImagePlan
from dockerdecl.planning.steps.draft import Draft
from dockerdecl.planning.values import Action, Situation
from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import DesiredContainer


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
