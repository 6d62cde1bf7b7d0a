"""What is told while a plan is carried out. Listeners are called from several threads, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from dockerdecl.errors import DockerdeclError
from dockerdecl.values import dataclass


class Outcome(StrEnum):
    """What became of a step."""

    DONE = "done"
    """It was taken."""
    FAILED = "failed"
    """It was tried, and failed."""
    SKIPPED = "skipped"
    """It never began, or was given up."""
    UNDONE = "undone"
    """It was taken, and then taken back."""


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step begins; `at` is in seconds since the apply began."""

    step_id: int
    verb: str
    address: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class StepProgress:
    """A running step got further; `total` is 0 where it isn't known. Both in bytes."""

    step_id: int
    text: str
    current: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step ended, or will not begin any more."""

    step_id: int
    outcome: Outcome
    seconds: float
    error: DockerdeclError | None = None
    note: str | None = None


Event = StepStarted | StepProgress | StepFinished
Listener = Callable[[Event], None]
