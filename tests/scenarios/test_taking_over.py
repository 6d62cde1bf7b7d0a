"""A project that Compose runs changes hands: nothing of it is made anew, and what it is given from then on is ours."""

from __future__ import annotations

import pytest

from tests.support.checks import file_content, kept, memory, named, replaced, running, says
from tests.support.compose import compose
from tests.support.engine_state import read_state
from tests.support.scenario import Scenario, ScenarioMaker, actions_of

pytestmark = pytest.mark.newest

ALL = {
    **dict.fromkeys(("network.default", "network.front", "volume.data"), "adopt"),
    **dict.fromkeys(
        ("container.db", "container.web", "container.side", "container.many[1]", "container.many[2]"), "adopt"
    ),
}
CONTAINERS = ("db", "web", "side", "many[1]", "many[2]")


def test_a_compose_project_changes_hands(scenario: ScenarioMaker) -> None:
    """With --adopt, whatever Compose runs must stay the container that it is, and the plan after it must be empty.

    What Compose writes for itself (labels, aliases, links, mounted secrets) is no difference; what the manifest says
    otherwise is one, and is changed in place or replaced as ever.
    """
    s = scenario("taken").write("made/.keep", "")
    compose(s.engine, s.folder, "-p", "taken", "up", "-d")
    s.run("apply", "--yes", expect=1).check(says("not-ours"), says("--adopt"))
    s.plan(ALL, args=["--adopt"])
    s.run("generate", "--compose-project", "taken", "--out", "made/manifest.yaml")
    s.plan(args=["--adopt", "-f", "made/manifest.yaml"])
    assert {*actions_of(s.last.json()).values()} == {"adopt"}
    before = _ids(s)
    s.apply(named("web", "taken-web-1"), args=["--adopt"])
    assert _ids(s) == before
    s.run("adopt", "--all", "--yes").check(says("No changes"))

    s.edit(old="mem_limit: 64m", new="mem_limit: 48m").apply(memory("web", "48m"), *map(kept, CONTAINERS))
    s.write("db/password", "battery staple\n")  # the engine shows a mount, and nothing of what is in it
    s.apply(replaced("db"), named("db", "taken-db"), file_content("db", "/run/secrets/password", "battery staple\n"))
    s.check(*map(running, CONTAINERS))


def test_what_differs_is_changed_while_it_is_adopted(scenario: ScenarioMaker) -> None:
    """One plan adopts first, then changes what differs; who is named alone is adopted alone."""
    s = scenario("both", _TWO)
    s.by_hand("docker network create both_back").by_hand("docker tag busybox:1 tool:1")
    s.by_hand("docker run -d --name both-web --network both_back --memory 32m --stop-timeout 0 busybox:1 sleep 9999")
    s.by_hand(
        "docker create --name both-db --network both_back --network-alias db --stop-timeout 0 busybox:1 sleep 9999"
    )
    s.plan({"network.back": "adopt", "container.web": "update"}, args=["--adopt", "--target", "container.web"])
    before = _ids(s)
    s.apply(memory("web", "48m"), running("db"), args=["--adopt"])
    assert _ids(s) == before
    s.edit(old="FROM busybox:1", new="FROM busybox:1\\nLABEL a=b").plan({"image.tool": "update"})


_TWO = """
networks: {back: {}}
images: {tool: {ref: "tool:1", build: {context: ., dockerfile_inline: "FROM busybox:1"}}}
containers:
  web:
    {container_name: both-web, image: "busybox:1", command: sleep 9999, stop_grace_period: 0s, networks: [back],
    mem_limit: 48m}
  db: {image: "busybox:1", command: sleep 9999, stop_grace_period: 0s, networks: [back]}
"""


def _ids(s: Scenario) -> set[str]:
    return {*read_state(s.engine).containers}
