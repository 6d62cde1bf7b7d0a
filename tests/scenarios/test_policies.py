"""What a policy denies doesn't get to an engine, however it is applied."""

from __future__ import annotations

import pytest

from tests.support.checks import absent, says, state
from tests.support.scenario import ScenarioMaker

pytestmark = pytest.mark.newest

SHOP = """
containers:
  web: {image: "busybox:1", command: sleep 9999, state: created, privileged: true}
"""
POLICY = "apiVersion: dockerdecl/policy/v1\nbuiltin: {privileged: deny}\n"


def test_a_saved_plan_is_judged_again(scenario: ScenarioMaker) -> None:
    """A plan that was made before there was a policy, or without it, is refused all the same; a warning goes along."""
    s = scenario("judged", SHOP).write("policy.yaml", POLICY).run("plan", "--out", "plan.json")
    s.run("apply", "plan.json", "--yes", "--policy", "policy.yaml", expect=3)
    s.check(says("policy-privileged"), absent("container.web"))
    s.write("policy.yaml", POLICY.replace("deny", "warn"))
    s.run("apply", "plan.json", "--yes", "--policy", "policy.yaml")
    s.check(says(r"warning\[policy-privileged\]"), state("web", "created")).plan({}, args=["--policy", "policy.yaml"])
