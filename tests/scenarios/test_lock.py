"""Two runs that want one project."""

from __future__ import annotations

from dockerdecl.engine.connection import connect
from dockerdecl.execution.lock import locked
from tests.support.checks import absent, running, says
from tests.support.scenario import ScenarioMaker

ONE = "containers: {web: {image: 'busybox:1', command: sleep 9999, stop_grace_period: 0s}}\n"


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
