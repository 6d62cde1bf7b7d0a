"""What a plan takes away that dockerdecl did not make: things that were adopted, and that nobody could make again.

Takes changes, gives them with what would be lost and was not allowed by name. What removes data of the project itself
needs the user's word as well, but has it elsewhere: `destroy --volumes`, `state: absent` beside a volume, and a volume
that differs, which is blocked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dockerdecl.errors import fail
from dockerdecl.planning.values import Action, Change, Plan, Situation, covered
from dockerdecl.resources.address import Address
from dockerdecl.resources.ownership import ADOPTED_BY, owned_address


def with_losses(changes: Iterable[Change], situation: Situation) -> list[Change]:
    """The changes, each that would remove something adopted with what that is, unless it is allowed by name."""
    adopted = _adopted(situation)
    return [
        replace(change, loss=f"{adopted[change.address]} was adopted: it is removed for good")
        if change.action is Action.REMOVE
        and change.address in adopted
        and not covered(change.address, situation.options.allow_loss)
        else change
        for change in changes
    ]


def require_allowed(plan: Plan) -> None:
    """Raises DockerdeclError where something would be lost that was not allowed by name."""
    lost = [change for change in plan.changes if change.loss]
    if lost:
        addresses = ", ".join(str(change.address) for change in lost)
        flags = " ".join(f"--allow-loss {_typed(change.address)}" for change in lost)
        message = f"what was adopted would be removed: {addresses}"
        raise fail("loss-not-allowed", message, hint=f"keep it in the manifest, or allow it by name: {flags}")


def agreed(plan: Plan) -> Plan:
    """The plan after the user has agreed to all that would be lost."""
    return replace(plan, changes=tuple(replace(change, loss=None) for change in plan.changes))


def _adopted(situation: Situation) -> Mapping[Address, str]:
    "the names of what the project has adopted, by address"
    actual = situation.actual
    things = [
        *((live.name, live.labels) for live in actual.containers),
        *((live.name, live.labels) for live in actual.networks),
        *((live.name, live.labels) for live in actual.volumes.values()),
    ]
    return {
        address: name
        for name, labels in things
        if ADOPTED_BY in labels and (address := owned_address(labels, situation.project)) is not None
    }


def _typed(address: Address) -> str:
    "as a shell takes it: an index is in brackets"
    return f"'{address}'" if address.index else str(address)
