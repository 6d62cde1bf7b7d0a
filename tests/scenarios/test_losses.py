"""What is lost for good is asked for by name: without that, CI gets an error, and nothing else is done."""

from __future__ import annotations

import pytest

from tests.support.checks import absent, says
from tests.support.engine_state import read_state
from tests.support.scenario import Check, Scenario, ScenarioMaker

pytestmark = pytest.mark.newest

SHOP = """
networks: {back: {}}
volumes:
  data: {}
  own: {}
containers:
  web: {image: "busybox:1", command: sleep 9999, stop_grace_period: 0s, network_mode: bridge}
  db:
    image: "busybox:1"
    state: created
    networks: [back]
    volumes: ["own:/own"]
"""
NOTHING = "containers: {}\n"
FLAGS = "--allow-loss network.back --allow-loss container.web"


def test_what_was_adopted_goes_only_by_name(scenario: ScenarioMaker) -> None:
    """Taken out of the manifest, declared absent or destroyed: what others made is removed only where it is named; what
    is the project's own needs no flag, and a volume of its own no more than `state: absent` or `--volumes`.
    """
    s = scenario("losses", SHOP)
    s.by_hand("docker network create losses_back").by_hand("docker volume create losses_data")
    s.by_hand("docker run -d --name losses-web --stop-timeout 0 busybox:1 sleep 9999")
    s.run("adopt", "container.web", "network.back", "volume.data", "--yes").apply(
        there("container losses-web"), there("container losses-db")
    )

    # declared no more: one error that names all, with the flags, and nothing is done, not even to what is ours
    whole = (s.folder / "dockerdecl.yaml").read_text()
    header = whole[: whole.index("networks:")]
    s.write("dockerdecl.yaml", header + NOTHING)
    s.run("apply", "--yes", expect=1).check(says("loss-not-allowed"), says(FLAGS), says("losses-web was adopted"))
    s.check(there("container losses-web"), there("container losses-db"), there("network losses_back"))
    s.run("plan", "--out", "plan.json", expect=1).check(says(FLAGS))
    s.run("apply", "--yes", "--allow-loss", "container.web", expect=1).check(says("--allow-loss network.back"))
    s.check(there("container losses-web"), there("container losses-db"))

    # what is ours goes without; an adopted volume that is declared absent needs the flag beside it
    text = whole.replace("data: {}", "data: {state: absent}").replace("own: {}", "own: {state: absent}")
    s.write("dockerdecl.yaml", text.replace('    volumes: ["own:/own"]\n', ""))
    s.run("apply", "--yes", expect=1).check(says("--allow-loss volume.data$"), there("volume losses_own"))
    s.apply(absent("volume.data"), absent("volume.own"), args=["--allow-loss", "volume.data"])

    # destroy: nothing is done without, all of it with
    s.run("destroy", "--yes", "--volumes", expect=1).check(
        says(FLAGS), there("container losses-web"), there("container losses-db")
    )
    s.run("plan").write("dockerdecl.yaml", header + NOTHING)
    s.run("plan", "--out", "plan.json", *FLAGS.split())
    s.run("apply", "plan.json", "--yes").check(absent("container.web"), absent("network.back"), absent("container.db"))


def test_destroying_what_was_adopted_needs_its_name(scenario: ScenarioMaker) -> None:
    """The flags that the error tells are the ones that do it."""
    s = scenario("taken", "volumes: {data: {}}\n")
    s.by_hand("docker volume create taken_data").run("adopt", "volume.data", "--yes")
    s.run("destroy", "--yes", "--volumes", expect=1).check(says("--allow-loss volume.data"), there("volume taken_data"))
    s.destroy(there("volume taken_data")).apply()  # what stays is still the project's when that comes back
    s.destroy(absent("volume.data"), args=["--volumes", "--allow-loss", "volume.data"])


def test_a_volume_that_differs_is_made_anew_only_by_name(scenario: ScenarioMaker) -> None:
    """Its data goes where `--allow-loss` names it, also in a saved plan; without that it is blocked."""
    s = scenario("differs", "volumes: {own: {labels: {a: a}}}\n").apply(labelled("a"))
    s.edit(old="{a: a}", new="{a: b}")
    s.run("apply", "--yes", expect=1).check(says("volume-differs"), says("`--allow-loss volume.own`"))
    s.run("apply", "--yes", "--allow-loss", "volume.data", expect=1).check(says("volume-differs"), labelled("a"))
    s.run("plan", "--out", "plan.json", "--allow-loss", "volume.own")
    s.run("apply", "plan.json", "--yes").check(labelled("b")).plan({})


def labelled(value: str) -> Check:
    """The volume `own` has this label."""

    def check(s: Scenario) -> None:
        assert s.engine.docker("volume", "inspect", "-f", "{{.Labels.a}}", f"{s.project}_own").strip() == value

    return check


def there(name: str) -> Check:
    """The engine has something of this kind and name; what was adopted carries no label."""

    def check(s: Scenario) -> None:
        assert name in read_state(s.engine).names(), f"{name} is gone"

    return check
