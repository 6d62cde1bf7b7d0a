"""Nearly every field at once, on containers that run: what engines change once a container has started."""

from __future__ import annotations

from tests.support.checks import environment, file_content, healthy, log, mounted, running, state
from tests.support.scenario import ScenarioMaker


def test_nearly_every_field_is_as_declared_once_it_runs(scenario: ScenarioMaker) -> None:
    """After an apply of everything, nothing may differ; restarted, it must be so again; destroyed, nothing is left."""
    s = scenario("every").environ(PASSWORD="correct horse")
    if s.engine.version.startswith("20."):
        s.edit(old="    annotations: {team: shop}\n", new="")  # API 1.43
        s.edit(old="privileged: true, oom", new="oom")  # it can't give the capabilities of newer kernels
    s.by_hand("docker run -d --name outside busybox:1 sleep 9999")
    s.apply(healthy("full"), state("job", "exited"), state("ice", "paused"), state("off", "created"), running("shares"))
    s.check(environment("full", A="1", B=None, X="1", D=""), environment("sock", FROM="more"), log("job", "done"))
    s.check(file_content("full", "/run/secrets/password", "correct horse"), mounted("store", "/data", source="data"))
    s.by_hand("docker restart -t 0 every-linked every-base").plan({})
    s.destroy(args=["--volumes", "--images"])
