"""Two runs that want one project."""

from __future__ import annotations

import signal

import pytest

from dockerdecl.engine.connection import connect
from dockerdecl.execution.lock import locked
from tests.support.checks import absent, running, says
from tests.support.eventually import eventually
from tests.support.scenario import ScenarioMaker
from tests.support.started import started

pytestmark = pytest.mark.newest

ONE = "containers: {web: {image: 'busybox:1', command: sleep 9999, stop_grace_period: 0s}}\n"
ENDLESS = """
containers:
  job:
    image: busybox:1
    state: completed
    command: sleep 9999
    stop_grace_period: 0s
"""


def test_one_run_at_a_time_changes_a_project(scenario: ScenarioMaker) -> None:
    """While another run has the project, nothing may be touched; a plan needs no lock; `unlock` frees it."""
    s = scenario("locked", ONE)
    with connect(s.engine.host, None, {}) as engine, locked(engine, "locked", "dockerdecl apply", 0):
        s.plan({"network.default": "create", "container.web": "create"})
        s.run("apply", "--yes", expect=5).check(says("is being changed by .*@.* with `dockerdecl apply`"))
        s.run("destroy", "--yes", expect=5).check(absent("container.web"))
        s.run("unlock").check(says("Removed the lock of"))
        s.apply(running("web"))
    s.run("unlock").check(says("There is no lock")).destroy()


def test_a_killed_run_holds_nobody_up(scenario: ScenarioMaker) -> None:
    """The next apply on the same machine takes the lock over at once; a live holder keeps it."""
    s = scenario("killed", ENDLESS)
    with started(("apply", "--yes"), host=s.engine.host, folder=s.folder) as endless:
        eventually(lambda: s.check(running("job")))
        s.run("apply", "--yes", expect=5).check(says("is being changed by"))
        endless.signal(signal.SIGKILL)
        assert endless.ended().exit == -signal.SIGKILL
    s.edit("command: sleep 0").apply()
    s.run("unlock").check(says("There is no lock"))
