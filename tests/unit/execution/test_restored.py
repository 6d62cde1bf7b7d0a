"""Which addresses are called restored: those where something had been taken away."""

from __future__ import annotations

import pytest

from dockerdecl.execution.scheduler import took_away
from dockerdecl.planning.values import Step
from dockerdecl.planning.verbs import CreateContainer, Payload, Rename, Start, Stop, Target

OLD, NEW = Target("container.web", "a1"), Target("container.web")


@pytest.mark.parametrize(
    ("payload", "taken"),
    [
        (CreateContainer("container.web", "web.new", {}), False),
        (Start(NEW), False),
        (Rename(NEW, "web"), False),
        (Stop(OLD), True),
        (Rename(OLD, "web.old"), True),
    ],
)
def test_what_was_stopped_or_renamed_was_taken_away(payload: Payload, *, taken: bool) -> None:
    """A successor that was only made beside it, and is removed again, took nothing away."""
    assert took_away(Step(1, "container.web", payload, "")) == taken
