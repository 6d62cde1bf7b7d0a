"""A plan that was reviewed is what happens, or nothing does."""

from __future__ import annotations

import json
import stat

import pytest

from tests.support.checks import absent, environment, running, same_container, says
from tests.support.scenario import ScenarioMaker

pytestmark = pytest.mark.newest

SHOP = """
secrets: {password: {environment: PASSWORD}}
containers:
  web:
    image: busybox:1
    command: sleep 9999
    stop_grace_period: 0s
    environment: {LOG_LEVEL: info}
    secrets: [password]
  db: {image: "busybox:1", command: sleep 9999, stop_grace_period: 0s}
"""


def test_a_saved_plan_is_applied_as_it_was_shown(scenario: ScenarioMaker) -> None:
    """The file must hold no secret, be its owner's alone, and do just what it says; a second time there is nothing."""
    s = scenario("saved", SHOP).environ(PASSWORD="correct horse")
    s.run("plan", "--out", "plan.json").check(absent("container.web"), says("dockerdecl apply plan.json"))
    file = s.folder / "plan.json"
    assert "correct horse" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    s.run("apply", "plan.json", "--yes").check(running("web"), running("db")).plan({})
    s.run("apply", "plan.json", "--yes", expect=6).check(says("container.web was not there, and is saved-web"))
    s.edit("environment: {LOG_LEVEL: debug}").run("plan", "--target", "container.web", "--out", "plan.json")
    s.run("apply", "plan.json", "--yes").check(environment("web", LOG_LEVEL="debug"), same_container("db"))


def test_a_saved_plan_that_no_longer_holds_touches_nothing(scenario: ScenarioMaker) -> None:
    """Whatever changed since must be said, with exit code 6: the engine, the manifest, a value that is not shown."""
    s = scenario("stale", SHOP).environ(PASSWORD="correct horse").apply(running("web"))
    s.edit("environment: {LOG_LEVEL: debug}").run("plan", "--out", "plan.json")
    s.by_hand("docker stop -t 0 stale-web")
    s.run("apply", "plan.json", "--yes", expect=6).check(says("running.*, and is stale-web .*exited"))
    s.by_hand("docker start stale-web").environ(PASSWORD="battery staple")
    s.run("apply", "plan.json", "--yes", expect=6).check(says("something else would be done"))
    s.environ(PASSWORD="correct horse").edit("environment: {LOG_LEVEL: warning}")
    s.run("apply", "plan.json", "--yes", expect=6).check(says("the manifest is another one"))
    s.edit("environment: {LOG_LEVEL: debug}").by_hand("docker rm -f stale-db")
    s.run("apply", "plan.json", "--yes", expect=6).check(says("container.db was not there, and is not there|something"))
    s.run("destroy", "--yes")
    s.environ(PASSWORD="tr0ub4dor").run("plan", "--out", "new.json").environ(PASSWORD="another one")
    s.run("apply", "new.json", "--yes", expect=6).check(says("has another value"), absent("container.web"))


def test_a_file_that_is_no_saved_plan_is_told_apart(scenario: ScenarioMaker) -> None:
    """One that was changed, that is of another version, or that is none at all must be refused by name."""
    s = scenario("broken", SHOP).environ(PASSWORD="correct horse").run("plan", "--out", "plan.json")
    saved = json.loads((s.folder / "plan.json").read_text())
    for change, told in (
        ({"work": "0" * 32}, "changed after it was saved"),
        ({"tool": "9.9.9"}, "saved by dockerdecl 9.9.9"),
        ({"format": "dockerdecl/report/v1"}, "no saved plan"),
    ):
        s.write("broken.json", json.dumps({**saved, **change}))
        s.run("apply", "broken.json", "--yes", expect=3).check(says(told))
    s.write("broken.json", "no JSON").run("apply", "broken.json", "--yes", expect=3).check(says("it is not JSON"))
    s.run("apply", "none.json", "--yes", expect=3).check(says("none.json can't be read"))
    s.run("apply", "plan.json", "--yes", "--target", "container.db", expect=64).check(absent("container.db"))
    s.run("plan", "--out", "nowhere/plan.json", expect=1).check(says("can't be written"))
