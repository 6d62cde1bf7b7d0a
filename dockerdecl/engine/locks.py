"""Locks of projects, as they are kept on an engine: volumes that hold nothing, whose labels say who changes a project.

Creating a volume of a name that exists gives the existing one with its labels, so create-and-look is an atomic claim.
A volume's labels can't be changed, so a lock that is renewed is another volume, of the next generation. Ages are told
by the engine's own clock. Takes and gives what is on the engine; when to claim, renew and give up is decided elsewhere.
"""

from __future__ import annotations

from datetime import datetime

from dockerdecl.engine.answers import Json
from dockerdecl.engine.calls.volumes import create_volume, list_volumes, remove_volume
from dockerdecl.engine.client import Engine
from dockerdecl.errors import fail
from dockerdecl.resources.ownership import FORMAT, FORMAT_VERSION, PREFIX
from dockerdecl.values import dataclass

LOCK_FOR = "dockerdecl.lock-for"
_TOKEN, _HOLDER, _COMMAND, _SINCE, _PROCESS = (
    f"dockerdecl.lock-{word}" for word in ("token", "holder", "command", "since", "process")
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants a project for itself.

    `token` is of one run only, `since` a time by the engine's clock, in seconds. `process` names the process to others
    on its machine, and is empty where it can't be named.
    """

    project: str
    token: str
    holder: str
    command: str
    since: int
    process: str = ""


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock on the engine: its volume, its generation, whose it is, and its age in seconds."""

    name: str
    generation: int
    claim: Claim
    age: float


def held_locks(engine: Engine, project: str) -> tuple[HeldLock, ...]:
    """Every lock of a project, the newest generation last."""
    listed = list_volumes(engine, filters={"label": [f"{LOCK_FOR}={project}"]})
    now = engine.clock() if listed else 0
    found = (_read(raw, project, now) for raw in listed)
    return tuple(sorted((lock for lock in found if lock), key=lambda lock: lock.generation))


def claim_lock(engine: Engine, claim: Claim, generation: int) -> str | None:
    """Make the lock of a generation; gives its volume's name, or None where somebody else was first."""
    name = f"{PREFIX}{claim.project}.lock.{generation}"
    labels = {
        LOCK_FOR: claim.project,
        _TOKEN: claim.token,
        _HOLDER: claim.holder,
        _COMMAND: claim.command,
        _SINCE: str(claim.since),
        _PROCESS: claim.process,
        FORMAT: FORMAT_VERSION,
    }
    made = create_volume(engine, {"Name": name, "Labels": labels})
    return name if (made.get("Labels") or {}).get(_TOKEN) == claim.token else None


def drop_lock(engine: Engine, name: str) -> None:
    """Remove a lock's volume; one that is gone already is no error."""
    remove_volume(engine, name, missing_ok=True)


def _read(raw: Json, project: str, now: int) -> HeldLock | None:
    labels = raw.get("Labels") or {}
    generation = str(raw["Name"]).rpartition(".")[2]
    if not generation.isdigit():
        return None
    since = labels.get(_SINCE, "")
    claim = Claim(
        project,
        labels.get(_TOKEN, ""),
        labels.get(_HOLDER) or "somebody",
        labels.get(_COMMAND) or "dockerdecl",
        int(since) if since.isdigit() else now,
        labels.get(_PROCESS, ""),
    )
    return HeldLock(raw["Name"], int(generation), claim, max(0.0, now - _created(raw)))


def _created(raw: Json) -> float:
    try:
        return datetime.fromisoformat(str(raw.get("CreatedAt"))).timestamp()
    except ValueError as error:
        message = f"the engine tells no time at which {raw['Name']} was made"
        raise fail("engine-failed", message) from error
