"""A plan written down: the JSON document that programs read and every renderer shows, and a line a step for tests.

It holds addresses, fields (masked where sensitive) and the order of the steps, never a payload.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from dockerdecl.planning.values import Action, FieldChange, Plan, Step

FORMAT = "dockerdecl/plan/v1"

_COUNTED = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.REMOVE, Action.START, Action.STOP, Action.ADOPT)


def plan_document(plan: Plan) -> dict[str, Any]:
    """The document of a plan; addresses to which nothing happens are left out."""
    changes = [change for change in plan.changes if change.action is not Action.NONE]
    counts = Counter(change.action for change in changes)
    return {
        "format": FORMAT,
        "project": plan.project,
        "engine": {"host": plan.engine.host, "version": plan.engine.version, "api": plan.engine.api_version},
        "changes": [
            {
                "address": str(change.address),
                "action": change.action.value,
                "reason": change.reason,
                "code": change.code.value,
                "fields": [_field(field) for field in change.fields],
            }
            for change in changes
        ],
        "notes": [{"address": n.address, "code": n.code, "message": n.message} for n in plan.notes],
        "steps": [_step(step) for step in plan.steps],
        "summary": {action.value: counts[action] for action in _COUNTED},
    }


def _field(field: FieldChange) -> dict[str, Any]:
    return {
        "path": ".".join(field.path),
        "before": plain(field.before),
        "after": plain(field.after),
        "sensitive": field.sensitive,
        "forces": field.forces,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "verb": step.payload.verb,
        "address": step.address,
        "text": step.text,
        "needs": sorted(step.needs),
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
