"""Every declared state against every live one, and every way in which a replacement can have been interrupted.

To write what is planned now into the tables, and then to read the difference:
DOCKERDECL_UPDATE_CASES=1 pytest tests/unit/planning/test_tables.py
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.values import Plan
from dockerdecl.resources.ownership import NEW_SUFFIX, OLD_SUFFIX
from tests.support.manifests import desired
from tests.support.read_back import Release
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_rules import Rules
from tests.support.simulated_run import Run

FOLDER = Path(__file__).parents[2] / "cases" / "planning_tables"
NAME = "shop-web"
Rows = dict[str, str]


def manifest(state: str = "running", definition: str = "new") -> dict[str, Any]:
    web = {"image": "app:1", "network_mode": "bridge", "state": state, "environment": {"MADE": definition}}
    return {"containers": {"web": web}}


def apply(wanted: dict[str, Any], engine: SimulatedEngine) -> None:
    plan = make_plan(desired(wanted), engine.actual())
    assert Run(engine, plan, rules=Rules(desired(wanted), plan)).go().whole


def in_short(plan: Plan) -> str:
    """What happens to the container, and how, in a line."""
    change = next(change for change in plan.changes if str(change.address) == "container.web")
    steps = "; ".join(step.text for step in plan.steps if step.address == "container.web")
    return f"{change.action} ({change.reason})" + (f": {steps}" if steps else "")


def compare(name: str, found: Rows) -> None:
    path = FOLDER / f"{name}.yaml"
    if os.environ.get("DOCKERDECL_UPDATE_CASES"):
        assert os.environ.get("CI") != "true", "CI only compares"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(found, sort_keys=False, width=1000), encoding="utf-8")
    assert found == yaml.safe_load(path.read_text(encoding="utf-8"))


STATES = ("running", "created", "stopped", "paused", "completed", "absent")
LIVE = ("running", "paused", "restarting", "exited with 0", "exited with 1", "never started", "not there")


def bring(engine: SimulatedEngine, live: str) -> None:
    match live:
        case "never started":
            apply(manifest("created"), engine)
            return
        case "not there":
            return
    apply(manifest(), engine)
    match live:
        case "paused":
            engine.pause(NAME)
        case "restarting":
            engine.container(NAME).state = "restarting"
        case "exited with 0" | "exited with 1":
            engine.stop(NAME, exit_code=int(live[-1]))


def test_every_state_is_reached_from_every_other_one() -> None:
    found: Rows = {}
    for state, live in itertools.product(STATES, LIVE):
        engine = SimulatedEngine(Release())
        bring(engine, live)
        found[f"declared {state}, is {live}"] = in_short(make_plan(desired(manifest(state)), engine.actual()))
        apply(manifest(state), engine)
        assert make_plan(desired(manifest(state)), engine.actual()).empty, (state, live)
    compare("states", found)


NAMES = {"own": NAME, "old": NAME + OLD_SUFFIX, "new": NAME + NEW_SUFFIX}
KINDS = ("", "stopped former", "running former", "stopped new", "running new")
# The one aside was always the former one; that under a temporary name runs where it was to start first.
LEFTOVERS = {"own": KINDS, "old": ("", "stopped former", "running former"), "new": ("", "stopped new", "running new")}


def left_behind(kinds: Iterable[str]) -> SimulatedEngine:
    """An engine on which an interrupted replacement left a container of each kind under own, old and new name."""
    engine = SimulatedEngine(Release())
    engine.pull("app:1")
    for place, kind in zip(LEFTOVERS, kinds, strict=True):
        if kind:
            state, definition = kind.split()
            made = SimulatedEngine(Release(), count=engine.count, images=engine.images)
            apply(manifest("created" if state == "stopped" else "running", definition), made)
            container = made.container(NAME)
            container.name = NAMES[place]
            engine.containers[container.id], engine.count = container, made.count
    return engine


def test_whatever_an_interrupted_replacement_left_is_put_right() -> None:
    found: Rows = {}
    for kinds in itertools.product(*LEFTOVERS.values()):
        if not any(kinds):
            continue
        engine = left_behind(kinds)
        row = ", ".join(f"{place}: {kind}" for place, kind in zip(LEFTOVERS, kinds, strict=True) if kind)
        found[row] = in_short(make_plan(desired(manifest()), engine.actual()))
        apply(manifest(), engine)
        assert make_plan(desired(manifest()), engine.actual()).empty, row
        assert [(c.name, c.running) for c in engine.containers.values()] == [(NAME, True)], row
    compare("leftovers", found)


@pytest.mark.parametrize("kill_after", range(9))
def test_a_replacement_killed_anywhere_never_leaves_two_running(kill_after: int) -> None:
    engine = SimulatedEngine(Release())
    apply(manifest(definition="former"), engine)
    plan = make_plan(desired(manifest()), engine.actual())
    Run(engine, plan, kill_after=kill_after).go()
    assert len([c for c in engine.containers.values() if c.running]) <= 1
    apply(manifest(), engine)
    assert [(c.name, c.running) for c in engine.containers.values()] == [(NAME, True)]


@pytest.mark.parametrize("kill_after", range(12))
def test_a_start_first_replacement_killed_anywhere_always_leaves_one_running(kill_after: int) -> None:
    engine = SimulatedEngine(Release())
    apply(start_first("former"), engine)
    plan = make_plan(desired(start_first("new")), engine.actual())
    Run(engine, plan, kill_after=kill_after).go()
    up = [container.name for container in engine.containers.values() if container.running]
    assert up[0] in (NAME, NAMES["old"])
    again = make_plan(desired(start_first("new")), engine.actual())
    Run(engine, again, rules=Rules(desired(start_first("new")), again)).go()
    assert [(c.name, c.running) for c in engine.containers.values()] == [(NAME, True)]
    assert make_plan(desired(start_first("new")), engine.actual()).empty


def start_first(definition: str) -> dict[str, Any]:
    made = manifest(definition=definition)
    made["containers"]["web"]["replace"] = {"order": "start-first", "monitor": "5s"}
    return made


def test_hundreds_of_replicas_take_turns() -> None:
    replicas = {"image": "app:1", "replicas": 200, "replace": {"max_parallel": 1}}
    engine = SimulatedEngine(Release())
    apply({"containers": {"web": replicas}}, engine)
    plan = make_plan(desired({"containers": {"web": {**replicas, "environment": {"A": "1"}}}}), engine.actual())
    stops = [step for step in plan.steps if step.payload.verb == "stop"]
    assert [step.address for step in stops] == [f"container.web[{number}]" for number in range(1, 201)]


@pytest.mark.parametrize("kill_after", range(24))
def test_a_name_that_changed_hands_is_given_back_after_a_kill_anywhere(kill_after: int) -> None:
    former = {"containers": {"cat": {"image": "app:1"}, "dog": {"image": "app:1", "container_name": "fixed"}}}
    new = {"containers": {"cat": {"image": "tool:1", "container_name": "fixed"}, "dog": {"image": "tool:1"}}}
    engine = SimulatedEngine(Release())
    apply(former, engine)
    Run(engine, make_plan(desired(new), engine.actual()), kill_after=kill_after).go()
    apply(former, engine)
    assert make_plan(desired(former), engine.actual()).empty
    assert {container.name for container in engine.containers.values()} == {"shop-cat", "fixed"}
