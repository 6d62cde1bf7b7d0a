"""Changes made by hand, as rows of a table: what a container is declared as, what is done to it, and the change that
the next plan must show.

A row says `container` (beside an image and a command that stays; created, where it says no other state), `by_hand`
(docker commands, in which NAME and PROJECT stand for those of the engine, KEY for the row's) or `remade` (what differs
in the request when it is made anew by hand), and the change: `action` (update, or none), `code` (differs), `reason`,
`fields` (path to before and after), and with `stays: false` that what is updated is started anew all the same. A row
that an engine can't have names it in `not_on`. `(any)` stands for a value that the engine chose.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from unittest.mock import ANY

import yaml

from tests.support.engine_api import Json
from tests.support.engines import PrivateEngine
from tests.support.planning_cases import patched

FOLDER = Path(__file__).parents[1] / "cases" / "drift"
STAYS: Mapping[str, Any] = {
    "image": "busybox:1",
    "command": "sleep 9999",
    "stop_grace_period": "0s",
    "state": "created",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """One row."""

    container: Mapping[str, Any] = field(default_factory=dict)
    by_hand: tuple[str, ...] = ()
    remade: Mapping[str, Any] | None = None
    action: str = "update"
    code: str = "differs"
    reason: str = "differs"
    fields: Mapping[str, Any] = field(default_factory=dict)
    stays: bool = True
    not_on: str | None = None

    @property
    def change(self) -> Json:
        """What the plan must show, as `changes_of` gives it."""
        fields = {path: [ANY if value == "(any)" else value for value in pair] for path, pair in self.fields.items()}
        return {"action": self.action, "code": self.code, "reason": self.reason, "fields": fields}


@dataclass(frozen=True, slots=True)
class Table:
    """A file of tests/cases/drift: its rows by the key of the container, and what else the manifest declares."""

    rows: Mapping[str, Drift]
    around: Mapping[str, Any]

    @classmethod
    def read(cls, name: str, version: str) -> Self:
        """The table of that name, as far as an engine of this version can have it."""
        raw = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
        each, rows = raw.pop("each", {}), raw.pop("rows")
        found = {key: Drift(**{**each, **row, "by_hand": tuple(row.get("by_hand", ()))}) for key, row in rows.items()}
        return cls({key: row for key, row in found.items() if not version.startswith(row.not_on or "?")}, raw)

    @property
    def manifest(self) -> str:
        """A manifest with a container for every row."""
        containers = {key: {**STAYS, **row.container} for key, row in self.rows.items()}
        return yaml.safe_dump({**self.around, "containers": containers}, sort_keys=False)


def changes_of(plan: Json) -> dict[str, Json]:
    """The changes of a plan's document by address, in the form of a row."""
    return {
        change["address"]: {
            **{word: change[word] for word in ("action", "code", "reason")},
            "fields": {found["path"]: [found["before"], found["after"]] for found in change["fields"]},
        }
        for change in plan["changes"]
    }


def make(engine: PrivateEngine, project: str, key: str, row: Drift) -> None:
    """Do by hand what a row says."""
    name = f"{project}-{key}"
    if row.remade is not None:
        make_anew(engine, name, row.remade)
    words = {"NAME": name, "PROJECT": project, "KEY": key}
    for command in row.by_hand:
        engine.docker(*shlex.split(re.sub("NAME|PROJECT|KEY", lambda found: words[found[0]], command)))


def make_anew(engine: PrivateEngine, name: str, patch: Mapping[str, Any]) -> None:
    """Remove a container and make it again, with all that it was asked for but what `patch` says of the request."""
    raw = engine.api("GET", f"/containers/{name}/json")
    derived = raw["Id"][:12]
    config = {word: value for word, value in raw["Config"].items() if value != derived}
    endpoints = {
        network: {
            "Aliases": [alias for alias in endpoint["Aliases"] or () if alias != derived],
            "IPAMConfig": endpoint["IPAMConfig"],
        }
        for network, endpoint in raw["NetworkSettings"]["Networks"].items()
    }
    body = {**config, "HostConfig": raw["HostConfig"], "NetworkingConfig": {"EndpointsConfig": endpoints}}
    engine.api("DELETE", f"/containers/{name}", query={"force": 1})
    engine.api("POST", "/containers/create", query={"name": name}, body=patched(body, patch))
    if raw["State"]["Running"]:
        engine.api("POST", f"/containers/{name}/start")
