"""What the steps of containers are made from, shared by those who make them."""

from __future__ import annotations

from dataclasses import dataclass

from dockerdecl.planning.containers import ContainerOutcome
from dockerdecl.planning.images import ImagePlan
from dockerdecl.planning.steps.draft import Draft
from dockerdecl.planning.values import Action, Situation
from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import Bond, Desired, DesiredContainer


@dataclass(frozen=True, slots=True)
class Work:
    """What the steps of containers are made from, and where they go."""

    draft: Draft
    situation: Situation
    images: ImagePlan
    outcomes: dict[Address, ContainerOutcome]
    declared: Desired | None = None
    """What the manifest declares, where it is not what is desired: the project is taken down."""

    def declaration(self, address: Address) -> DesiredContainer | None:
        """What the manifest says of a container, wanted or not."""
        return (self.declared or self.situation.desired).containers.get(address)

    def late(self, container: DesiredContainer) -> bool:
        """Whether the new one can only be created after others have been stopped: it is bound to their new ids or
        names, or to a network that is made anew.
        """
        bound = any(
            self._renewed(d.on)
            for d in container.dependencies
            if d.bond in (Bond.NAMESPACE, Bond.LEGACY_LINK, Bond.VOLUMES_FROM)
        )
        outcome = self.outcomes[container.address]
        return bound or outcome.remove_first or bool(outcome.reconnect)

    def _renewed(self, address: Address) -> bool:
        change = self.outcomes[address].change if address in self.outcomes else None
        if change is None:
            return False
        renamed = any(field.path == ("container_name",) for field in change.fields)
        return renamed or change.action in (Action.REPLACE, Action.CREATE)
