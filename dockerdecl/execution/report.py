"""What came of a plan: every step with its outcome, as a value and as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from typing_extensions import TypedDict

from dockerdecl.errors import DockerdeclError, ExitCode
from dockerdecl.execution.events import Outcome
from dockerdecl.planning.document import VERBS
from dockerdecl.planning.values import Plan
from dockerdecl.resources.schemas import documented, one_of
from dockerdecl.values import dataclass

FORMAT: Literal["dockerdecl/report/v1"] = "dockerdecl/report/v1"

RunOutcome = Literal["succeeded", "failed", "interrupted", "rolled-back"]


@documented
class ErrorDocument(TypedDict):
    """What went wrong."""

    code: str
    """What it is, for programs."""
    message: str
    """What it is, for people."""
    hint: str | None
    """What to do about it."""
    address: str | None
    """What it is about."""


@documented
class StepReport(TypedDict):
    """What became of one step."""

    id: int
    """Its number in the plan."""
    verb: Annotated[str, one_of(VERBS)]
    """What it does, for programs."""
    address: str
    """What it does it to; empty for the checkpoint."""
    text: str
    """What it does, for people."""
    outcome: Outcome
    """done, failed, skipped (never begun, or given up), or undone (done, then taken back)."""
    seconds: float
    """How long it took, in seconds."""
    error: ErrorDocument | None
    """What went wrong; null where nothing did."""
    note: str | None
    """What the engine warned of."""


@documented
class ReportSummary(TypedDict):
    """How many steps there are of each outcome."""

    done: int
    """Steps that were taken."""
    failed: int
    """Steps that failed."""
    skipped: int
    """Steps that never began, or were given up."""
    undone: int
    """Steps that were taken, then taken back."""


@documented
class RollbackDocument(TypedDict):
    """What became of going back to an earlier revision after a failure."""

    back_to: int
    """The revision that was gone back to."""
    revision: int | None
    """The revision that this was written down as; null where it was not."""
    outcome: RunOutcome
    """What became of it."""
    steps: list[StepReport]
    """Every step of it."""
    restored: list[str]
    """The addresses where what stood there before runs again."""
    errors: list[ErrorDocument]
    """What went wrong beside the steps."""
    summary: ReportSummary
    """How many steps had which outcome."""


@documented
class ReportDocument(TypedDict):
    """What became of a plan."""

    format: Literal["dockerdecl/report/v1"]
    """The format of this document."""
    project: str
    """The project."""
    revision: int | None
    """The revision that this was written down as; null where there was nothing to write down."""
    outcome: RunOutcome
    """What became of the whole; `rolled-back` after a failure where the last revision that succeeded is back."""
    steps: list[StepReport]
    """Every step of the plan."""
    restored: list[str]
    """The addresses where what stood there before runs again."""
    errors: list[ErrorDocument]
    """What went wrong beside the steps."""
    rollback: RollbackDocument | None
    """What became of going back after a failure; null where that was not tried."""
    summary: ReportSummary
    """How many steps had which outcome."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of one step; `note` is what the engine warned of."""

    outcome: Outcome = Outcome.SKIPPED
    seconds: float = 0.0
    error: DockerdeclError | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a plan. `restored` names the addresses whose old container was put back.

    `revision` is what it was written down as; `rollback` what became of going back after a failure, to `back_to`.
    """

    plan: Plan
    results: Mapping[int, StepResult] = field(default_factory=dict)
    interrupted: bool = False
    restored: tuple[str, ...] = ()
    problems: tuple[DockerdeclError, ...] = ()
    revision: int | None = None
    rollback: Report | None = None
    back_to: int | None = None

    @property
    def outcome(self) -> RunOutcome:
        """`succeeded`, `failed`, `interrupted`, or `rolled-back` after a failure."""
        if self.rollback is not None and self.rollback.outcome == "succeeded":
            return "rolled-back"
        if self.interrupted:
            return "interrupted"
        whole = all(self.result(step.id).outcome is Outcome.DONE for step in self.plan.steps)
        return "succeeded" if whole and not self.problems else "failed"

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the run."""
        codes = {"succeeded": ExitCode.DONE, "interrupted": ExitCode.INTERRUPTED}
        return codes.get(self.outcome, ExitCode.FAILED)

    def result(self, step_id: int) -> StepResult:
        """What became of a step."""
        return self.results.get(step_id, StepResult())

    @property
    def errors(self) -> tuple[DockerdeclError, ...]:
        """Everything that failed, in the order of the steps."""
        failed = (self.result(step.id).error for step in self.plan.steps)
        return (*(error for error in failed if error is not None), *self.problems)

    def document(self) -> ReportDocument:
        """The report as JSON."""
        return {
            "format": FORMAT,
            "project": self.plan.project,
            "revision": self.revision,
            "outcome": self.outcome,
            "steps": self._steps(),
            "restored": list(self.restored),
            "errors": [_error(error) for error in self.problems],
            "rollback": self.rollback.rollback_document() if self.rollback else None,
            "summary": self._summary(),
        }

    def rollback_document(self) -> RollbackDocument:
        """The report as the part of another one, of the run that had failed."""
        assert self.back_to is not None, "going back leads somewhere"
        return {
            "back_to": self.back_to,
            "revision": self.revision,
            "outcome": self.outcome,
            "steps": self._steps(),
            "restored": list(self.restored),
            "errors": [_error(error) for error in self.problems],
            "summary": self._summary(),
        }

    def _steps(self) -> list[StepReport]:
        return [self._step(step.id, step.payload.verb, step.address, step.text) for step in self.plan.steps]

    def _summary(self) -> ReportSummary:
        counts = Counter(self.result(step.id).outcome for step in self.plan.steps)
        return {
            "done": counts[Outcome.DONE],
            "failed": counts[Outcome.FAILED],
            "skipped": counts[Outcome.SKIPPED],
            "undone": counts[Outcome.UNDONE],
        }

    def _step(self, step_id: int, verb: str, address: str, text: str) -> StepReport:
        result = self.result(step_id)
        return {
            "id": step_id,
            "verb": verb,
            "address": address,
            "text": text,
            "outcome": result.outcome,
            "seconds": round(result.seconds, 3),
            "error": _error(result.error) if result.error else None,
            "note": result.note,
        }


def _error(error: DockerdeclError) -> ErrorDocument:
    problem = error.problems[0]
    return {"code": problem.code, "message": problem.message, "hint": problem.hint, "address": problem.address}
