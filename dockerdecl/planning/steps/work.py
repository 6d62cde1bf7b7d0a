"""What the steps of containers are made from, shared by those who make them."""

from __future__ import annotations

from dockerdecl.planning.containers import ContainerOutcome
from dockerdecl.planning.images import ImagePlan
from dockerdecl.planning.steps.draft import Draft
from dockerdecl.planning.values import Action, Note, Situation
from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import Bond, Desired, DesiredContainer
from dockerdecl.values import dataclass

Rollout = tuple[tuple[Address, ...], ...]
"""Replicas of one container that are replaced, in batches: each begins when the one before it stands."""


@dataclass(frozen=True, slots=True)
class Ways:
    """In which way containers are replaced; `notes` say what was asked for and is impossible."""

    start_first: frozenset[Address] = frozenset()
    rollouts: tuple[Rollout, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def in_turn(self) -> frozenset[Address]:
        """Those that are replaced one batch after another."""
        return frozenset(a for rollout in self.rollouts if len(rollout) > 1 for batch in rollout for a in batch)


@dataclass(frozen=True, slots=True)
class Work:
    """What the steps of containers are made from, and where they go."""

    draft: Draft
    situation: Situation
    images: ImagePlan
    outcomes: dict[Address, ContainerOutcome]
    ways: Ways = Ways()
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
