"""Labels and records of every format ever written: what an engine holds with them is read as it was then.

A folder of tests/cases/formats is a format. Its files are what an engine of that version answered after the
dockerdecl of that time had adopted and applied `manifest.yaml`, with `container.db` replaced once. A file is never
written anew; a new format gets a new folder.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from dockerdecl.planning.destroying import make_destroy_plan
from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.steps.request import carried_volumes
from dockerdecl.planning.values import Plan
from dockerdecl.planning.verbs import Stop
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.ownership import ownership_labels
from tests.support.manifests import desired
from tests.support.planning_cases import patched
from tests.support.recorded_engine import recorded

FOLDER = Path(__file__).parents[2] / "cases" / "formats"
FILES = sorted(FOLDER.glob("*/*.json"))
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")


def plan_of(path: Path, patch: dict[str, Any] | None = None) -> Plan:
    """The plan for the manifest that was applied then, with parts of it changed."""
    manifest = yaml.safe_load((path.parent / "manifest.yaml").read_text(encoding="utf-8"))
    return make_plan(desired(patched(deepcopy(manifest), patch or {})), state(path))


def state(path: Path) -> Actual:
    return recorded(path, "shop")


def differing(plan: Plan) -> dict[str, set[str]]:
    return {str(c.address): {".".join(f.path) for f in c.fields} for c in plan.changes if c.action != "none"}


def test_the_present_format_is_among_them() -> None:
    written = ownership_labels("shop", next(iter(desired({"containers": {"web": {"image": "app:1"}}}).addresses)))
    assert f"v{written['dockerdecl.format']}" in {path.parent.name for path in FILES}


@each_file
def test_what_was_applied_then_is_as_declared(path: Path) -> None:
    """Ownership, adoption, claims, files and carried volumes: were one not read, something would be to do."""
    plan = plan_of(path)
    assert plan.empty, differing(plan)


@each_file
def test_what_was_claimed_then_is_seen_when_it_is_taken_away(path: Path) -> None:
    taken = {"logging": None, "ulimits": None, "shm_size": None, "ipc": None}
    gone = {"containers": {"db": taken, "web": {"init": None}}, "networks": {"back": {"ipam": None}}}
    found = differing(plan_of(path, gone))
    fields = {address: {path.partition(".")[0] for path in paths} for address, paths in found.items()}
    assert fields == {"network.back": {"ipam"}, "container.db": {*taken}, "container.web": {"init"}}


@each_file
def test_files_that_were_put_then_are_known_by_their_digests(path: Path) -> None:
    other = {"secrets": {"password": {"content": "battery staple"}}}
    assert differing(plan_of(path, other)) == {"container.db": {"secrets.password.content"}}


@each_file
def test_a_volume_that_was_carried_over_then_is_known(path: Path) -> None:
    (held,) = (live for live in state(path).containers if live.name == "shop-db")
    (name,) = carried_volumes(held)
    assert name in held.volumes


@each_file
def test_what_needed_something_then_is_stopped_before_it(path: Path) -> None:
    held = state(path)
    running = replace(held, containers=tuple(replace(live, state="running") for live in held.containers))
    stopped = [step.address for step in make_destroy_plan(desired({}), running).steps if isinstance(step.payload, Stop)]
    assert [address for address in stopped if "taken-over" not in address] == [
        "container.web",
        "container.db",
        "container.store",
    ]
