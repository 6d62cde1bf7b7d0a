"""A plan written down: the JSON document that programs read and every renderer shows, and a line a step for tests.

It holds addresses, fields (masked where sensitive) and the order of the steps, never a payload.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from typing_extensions import TypedDict

from dockerdecl.planning.values import Action, Change, FieldChange, Plan, Reason, Step
from dockerdecl.planning.verbs import Payload
from dockerdecl.resources.record import ActionCounts
from dockerdecl.resources.schemas import documented, one_of

FORMAT: Literal["dockerdecl/plan/v1"] = "dockerdecl/plan/v1"

VERBS: tuple[str, ...] = tuple(payload.verb for payload in get_args(Payload))


@documented
class EngineDocument(TypedDict):
    """Which engine was looked at."""

    host: str
    """Where it is, as given to `--host`."""
    version: str
    """The engine's own version."""
    api: str
    """The API version spoken with it."""


@documented
class FieldDocument(TypedDict):
    """One value that differs, in the manifest's words."""

    path: str
    """The field, with dots, such as `environment.LOG_LEVEL`."""
    before: Any
    """What the engine holds; null where nothing was asked for."""
    after: Any
    """What the manifest says; null where it says nothing."""
    sensitive: bool
    """Whether the values are masked."""
    forces: Annotated[str, one_of(("update", "replace"))]
    """What it takes to change the field."""


@documented
class ChangeDocument(TypedDict):
    """What happens to one address, and why."""

    address: str
    """`KIND.KEY`, with `[N]` for a replica."""
    action: Action
    """What happens to it."""
    reason: str
    """Why, for people."""
    code: Reason
    """Why, for programs."""
    blocked: str | None
    """What has to be decided before the plan can be applied; null where nothing has."""
    loss: str | None
    """What is lost for good and was not allowed by name (`--allow-loss`); null where nothing is."""
    fields: list[FieldDocument]
    """The fields that differ."""


@documented
class NoteDocument(TypedDict):
    """Something worth knowing that is no change."""

    address: str
    """What it is about."""
    code: str
    """What it is, for programs."""
    message: str
    """What it is, for people."""


@documented
class StepDocument(TypedDict):
    """One engine call, or one wait."""

    id: int
    """Its number in the plan, from 1."""
    verb: Annotated[str, one_of(VERBS)]
    """What it does, for programs."""
    address: str
    """What it does it to; empty for the checkpoint."""
    text: str
    """What it does, for people."""
    needs: list[int]
    """The steps that come before it."""


@documented
class PlanDocument(TypedDict):
    """A plan: what differs between manifest and engine, and the ordered steps that would close the difference."""

    format: Literal["dockerdecl/plan/v1"]
    """The format of this document."""
    project: str
    """The project planned for."""
    engine: EngineDocument
    """The engine that the plan was made against."""
    changes: list[ChangeDocument]
    """What happens, by address; addresses to which nothing happens are left out."""
    notes: list[NoteDocument]
    """What is worth knowing beside the changes."""
    steps: list[StepDocument]
    """The steps, each after those it needs."""
    summary: ActionCounts
    """How many addresses are created, updated, replaced and so on."""


def plan_document(plan: Plan) -> PlanDocument:
    """The document of a plan; addresses to which nothing happens are left out."""
    changes = [change for change in plan.changes if change.action is not Action.NONE]
    return {
        "format": FORMAT,
        "project": plan.project,
        "engine": engine_document(plan),
        "changes": [_change(change) for change in changes],
        "notes": [{"address": n.address, "code": n.code, "message": n.message} for n in plan.notes],
        "steps": [_step(step) for step in plan.steps],
        "summary": plan_summary(plan),
    }


def engine_document(plan: Plan) -> EngineDocument:
    """Which engine a plan was made against."""
    return {"host": plan.engine.host, "version": plan.engine.version, "api": plan.engine.api_version}


def _change(change: Change) -> ChangeDocument:
    return {
        "address": str(change.address),
        "action": change.action,
        "reason": change.reason,
        "code": change.code,
        "blocked": (change.blocked.hint or change.blocked.message) if change.blocked else None,
        "loss": change.loss,
        "fields": [_field(field) for field in change.fields],
    }


def _field(field: FieldChange) -> FieldDocument:
    return {
        "path": ".".join(field.path),
        "before": plain(field.before),
        "after": plain(field.after),
        "sensitive": field.sensitive,
        "forces": field.forces,
    }


def _step(step: Step) -> StepDocument:
    return {
        "id": step.id,
        "verb": step.payload.verb,
        "address": step.address,
        "text": step.text,
        "needs": sorted(step.needs),
    }


def plan_summary(plan: Plan) -> ActionCounts:
    """How many addresses there are of each action."""
    counts = Counter(change.action for change in plan.changes)
    return {
        "create": counts[Action.CREATE],
        "update": counts[Action.UPDATE],
        "replace": counts[Action.REPLACE],
        "remove": counts[Action.REMOVE],
        "start": counts[Action.START],
        "stop": counts[Action.STOP],
        "adopt": counts[Action.ADOPT],
    }


def plain(value: Any) -> Any:
    """A normal value as JSON: nothing where it is empty, lists where it is a sequence."""
    match value:
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()} or None
        case tuple() | list():
            return [plain(item) for item in value] or None
    return value


def plan_lines(plan: Plan) -> str:
    """A line a step: what it needs, its number, its address, its verb and what it does."""
    lines = []
    for step in plan.steps:
        needs = ",".join(map(str, sorted(step.needs)))
        lines.append(f"[{needs}] -> {step.id} {step.address or '-'} {step.payload.verb}: {step.text}")
    return "\n".join(lines)
