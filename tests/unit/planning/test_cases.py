"""Plans as text: one file of tests/cases/planning a behaviour; `tests.support.planning_cases` says what it may hold.

To write the plans that are made now into the files, and then to read the difference:
DOCKERDECL_UPDATE_CASES=1 pytest tests/unit/planning/test_cases.py
"""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from dockerdecl.planning.values import Plan
from dockerdecl.planning.verbs import RemoveVolume
from dockerdecl.resources.desired import Desired
from tests.support.manifests import PROJECT, desired
from tests.support.planning_cases import EXPECTED, Case, Planned, plan_of, planned, wanted
from tests.support.simulated_rules import Rules
from tests.support.simulated_run import Run

FOLDER = Path(__file__).parents[2] / "cases" / "planning"
FILES = sorted(FOLDER.glob("*.yaml"))
UPDATING = bool(os.environ.get("DOCKERDECL_UPDATE_CASES"))
VERSIONS = ("20.10", "26.1")


def read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


def versions(case: Case) -> list[str]:
    return list(case.get("engines", VERSIONS))


CASES = [(path, version) for path in FILES for version in versions(read(path))]
REFUSED = re.compile(r"\S+ [a-z-]+: ")
PLANS = [(path, version) for path, version in CASES if not REFUSED.match(read(path)["expected"])]
each_case = pytest.mark.parametrize(("path", "version"), CASES, ids=lambda value: getattr(value, "stem", value))


@each_case
def test_the_plan_is_the_expected_one(path: Path, version: str) -> None:
    case = read(path)
    found = planned(case, version).text
    if UPDATING:
        assert os.environ.get("CI") != "true", "CI only compares"
        head = path.read_text(encoding="utf-8").partition(EXPECTED)[0].rstrip("\n")
        path.write_text(head + "\n" + EXPECTED + textwrap.indent(found, "  "), encoding="utf-8")
    else:
        assert found == case["expected"]


@each_case
def test_the_order_in_the_file_and_on_the_engine_means_nothing(path: Path, version: str) -> None:
    case = read(path)
    assert {planned(case, version, seed).text for seed in range(4)} == {planned(case, version).text}


@pytest.mark.parametrize(("path", "version"), PLANS, ids=lambda value: getattr(value, "stem", value))
def test_applying_the_plan_leaves_nothing_to_do(path: Path, version: str) -> None:
    case = read(path)
    result = planned(case, version)
    assert result.plan is not None
    apply(case, result, result.plan)
    again = {**case, "options": {**case.get("options", {}), "replace": []}}
    following = plan_of(again, wanted(case, case["desired"], result.engine), result.engine.actual())
    assert not following.steps


def apply(case: Case, result: Planned, plan: Plan) -> None:
    destroyed = "destroy" in case.get("options", {})
    volumes = (step.address for step in plan.steps if isinstance(step.payload, RemoveVolume))
    rules = Rules(Desired(PROJECT) if destroyed else desired(case["desired"]), plan, frozenset(volumes))
    assert Run(result.engine, plan, rules=rules).go().whole


@each_case
def test_a_case_says_what_it_is_about_and_why_nothing_is_to_be_done(path: Path, version: str) -> None:
    case = read(path)
    plan = planned(case, version).plan
    assert case["about"]
    assert ("because" in case) == (plan is not None and plan.empty)
