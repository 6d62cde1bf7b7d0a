"""A plan that is kept for later: what it would do, what it was made against, and whether it still holds.

Takes a plan with what it was made from, gives a document without any payload: a saved plan is applied by planning again
and finding the same. What must be the same and must not be told goes in as a digest with a key of the file's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, cast

from typing_extensions import TypedDict

from dockerdecl.errors import DockerdeclError, ExitCode, fail
from dockerdecl.planning.document import PlanDocument, plan_document
from dockerdecl.planning.standing import owned_containers
from dockerdecl.planning.values import Action, Plan, Step
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.address import Address, parse_address
from dockerdecl.resources.container.lenses.files import keyed_digest
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.ownership import owned_address
from dockerdecl.resources.schemas import documented
from dockerdecl.values import dataclass

FORMAT: Literal["dockerdecl/saved-plan/v1"] = "dockerdecl/saved-plan/v1"

_WAITS = "await"


@documented
class SavedOptions(TypedDict):
    """What was asked for beside the manifest."""

    targets: list[str]
    """The addresses that the plan is limited to."""
    replace: list[str]
    """The addresses that are made anew though nothing differs."""
    allow_loss: list[str]
    """The addresses that may be lost."""
    profiles: list[str]
    """The active profiles."""
    project: str | None
    """The project, where it is not the manifest's own."""
    locked: bool
    """Whether images are taken by the digests of a lock file."""
    lock_file: str | None
    """The lock file, where it is not the one beside the manifest."""
    adopt: bool
    """Whether what others made is taken under ownership where it is in the way."""


@documented
class SavedPlan(TypedDict):
    """A plan that can be applied as long as the engine and the manifest are as they were."""

    format: Literal["dockerdecl/saved-plan/v1"]
    """The format of this document."""
    tool: str
    """The version of dockerdecl that made it; only the same one applies it."""
    key: str
    """What its digests are made with."""
    options: SavedOptions
    """The choices of the run that made it."""
    engine: str
    """The engine's own id."""
    manifest: str
    """A digest of the manifest."""
    seen: dict[str, list[str]]
    """What was there of every address that changes, with ids and states."""
    plan: PlanDocument
    """The plan, for people and programs."""
    work: str
    """A digest of all that the steps would send, secrets included."""
    digest: str
    """A digest of the rest of this document."""


@dataclass(frozen=True, slots=True)
class Made:
    """A plan, and what it was made from; `compared` are the addresses of an earlier one that it is compared with."""

    plan: Plan
    desired: Desired
    actual: Actual
    manifest_digest: str
    engine_id: str
    options: SavedOptions
    compared: tuple[str, ...] = ()


def saved_plan(made: Made, tool: str) -> SavedPlan:
    """The document of a plan that is kept."""
    key = made.desired.key
    document: dict[str, Any] = {
        "format": FORMAT,
        "tool": tool,
        "key": key,
        "options": made.options,
        "engine": made.engine_id,
        "manifest": keyed_digest(made.manifest_digest.encode(), key),
        "seen": _seen(made),
        "plan": plan_document(made.plan),
        "work": keyed_digest("\n".join(_told(step.payload) for step in made.plan.steps if _acts(step)).encode(), key),
    }
    return cast("SavedPlan", {**document, "digest": _digest(document)})


def read_saved_plan(text: str, tool: str) -> SavedPlan:
    """A saved plan, as it was written. Raises DockerdeclError (exit code 3) for anything else."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _unusable(
            "this is no saved plan: it is not JSON", "save one with `dockerdecl plan --out FILE`"
        ) from error
    if not isinstance(document, dict) or not str(document.get("format")).startswith(FORMAT.rpartition("/")[0]):
        raise _unusable("this is no saved plan", "save one with `dockerdecl plan --out FILE`")
    if document["format"] != FORMAT or document.get("tool") != tool:
        made_by = document.get("tool") or "another version"
        raise _unusable(f"this plan was saved by dockerdecl {made_by}, and this is {tool}", "plan again with this one")
    rest = {name: part for name, part in document.items() if name != "digest"}
    if document.get("digest") != _digest(rest):
        raise _unusable("this plan was changed after it was saved", "plan again, and apply that as it is")
    return cast("SavedPlan", document)


def check_still_holds(saved: SavedPlan, now: SavedPlan) -> None:
    """Raises DockerdeclError (exit code 6) with all that is no longer as it was."""
    found = list(_stale(saved, now))
    if found:
        message = f"the plan no longer holds: {'; '.join(found)}"
        raise fail("plan-stale", message, hint="plan again, and look at what it says now", exit_code=ExitCode.STALE)


def _stale(saved: SavedPlan, now: SavedPlan) -> Iterator[str]:
    if saved["engine"] != now["engine"]:
        yield "this is another engine"
    if saved["manifest"] != now["manifest"]:
        yield "the manifest is another one"
    for address in sorted(saved["seen"].keys() | now["seen"].keys()):
        before, after = (", ".join(one["seen"].get(address, ())) or "not there" for one in (saved, now))
        if before != after:
            yield f"{address} was {before}, and is {after}"
    if _done(saved) != _done(now):
        yield "something else would be done"
    elif saved["work"] != now["work"]:
        yield "a secret, a file or a variable has another value"


def _acts(step: Step) -> bool:
    "how long to wait is chosen when a plan is applied"
    return not step.payload.verb.startswith(_WAITS)


def _done(saved: SavedPlan) -> tuple[Any, ...]:
    steps = [(s["verb"], s["address"], s["text"]) for s in saved["plan"]["steps"] if not s["verb"].startswith(_WAITS)]
    return saved["plan"]["changes"], steps


def _seen(made: Made) -> dict[str, list[str]]:
    changing = {change.address for change in made.plan.changes if change.action is not Action.NONE}
    changing |= {address for text in made.compared if (address := parse_address(text))}
    return {str(address): sorted(_there(address, made)) for address in sorted(changing)}


def _there(address: Address, made: Made) -> Iterator[str]:
    actual, project = made.actual, made.plan.project
    for container in owned_containers(actual, made.desired).get(address, ()):
        yield f"{container.name} ({container.id[:12]}, {container.state})"
    for network in actual.networks:
        if owned_address(network.labels, project) == address:
            yield f"{network.name} ({network.id[:12]})"
    for volume in actual.volumes.values():
        if owned_address(volume.labels, project) == address:
            yield f"{volume.name} (made {volume.raw.get('CreatedAt', 'once')})"
    wanted = made.desired.images.get(address)
    image = actual.image(wanted.reference) if wanted else None
    if image is not None:
        yield image.id


def _told(value: Any) -> str:
    "all of a payload in one way only; where content is streamed from, its digest stands beside it"
    if hasattr(value, "open"):
        return type(value).__name__
    if is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: getattr(value, part.name) for part in fields(value) if part.compare}
        return f"{type(value).__name__}({_told(parts)})"
    match value:
        case bytes():
            return hashlib.sha256(value).hexdigest()
        case Mapping():
            return "{" + ",".join(f"{key}:{_told(value[key])}" for key in sorted(value, key=str)) + "}"
        case set() | frozenset():
            return "{" + ",".join(sorted(map(_told, value))) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_told, value)) + "]"
        case str() | int() | float() | bool() | None:
            return repr(value)
    if hasattr(value, "model_dump"):
        return _told(value.model_dump())
    return type(value).__name__


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()


def _unusable(message: str, hint: str) -> DockerdeclError:
    return fail("saved-plan-unusable", message, hint=hint, exit_code=ExitCode.INVALID)
