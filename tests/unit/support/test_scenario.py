"""The scenario framework catches what it says it catches. The program under test is a stand-in that misbehaves."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checks import (
    absent,
    environment,
    file_content,
    http_ok,
    log,
    memory,
    mounted,
    named,
    network_attached,
    present,
    replaced,
    running,
    same_container,
    says,
    state,
    uses_image,
)
from tests.support.engines import PrivateEngine
from tests.support.scenario import Check, Scenario

# `plan` runs plan.sh and prints plan.json (exit 2 where it holds changes), any other command runs NAME.sh
STAND_IN = """
case "$1" in
  plan) if [ -e plan.sh ]; then . ./plan.sh; fi; cat plan.json; if grep -q '"address"' plan.json; then exit 2; fi;;
  *) . "./$1.sh";;
esac
"""
SECRETS = "secrets: {door: {environment: SESAME}}\n"
EMPTY = json.dumps({"changes": []})
OURS = "--label dockerdecl.project=demo --label dockerdecl.address=container.web"
WEB = f"docker run -d --name demo-web {OURS} --stop-signal KILL busybox:1 sleep 100"


@pytest.fixture
def demo(engine: PrivateEngine, tmp_path: Path) -> Iterator[Scenario]:
    """A scenario whose program does what the file named after its command says."""
    path = f"{engine.binaries}:/usr/bin:/bin:/usr/sbin"
    program = ("env", f"PATH={path}", "sh", "-euc", STAND_IN, "stand-in")
    made = Scenario(engine, "demo", tmp_path, program=program).start_from("containers: {}\n").write("plan.json", EMPTY)
    yield made.write("apply.sh", WEB).write("destroy.sh", "docker stop demo-web; docker rm demo-web")
    made.clean()


def test_a_well_behaved_run_passes_and_leaves_nothing(demo: Scenario) -> None:
    demo.apply(running("web"), present("container.web")).destroy(absent("container.web"))
    assert [run.arguments[0] for run in demo.runs] == ["apply", "plan", "destroy"]


@pytest.mark.parametrize(
    ("misdeed", "complaint"),
    [
        ("docker rm -f neighbour", "container neighbour is gone"),
        ("docker update --memory 32m --memory-swap 32m neighbour", "container neighbour: HostConfig"),
        ("docker restart -t 0 neighbour", "container neighbour: started"),
        ("docker network disconnect bridge neighbour", "container neighbour: networks"),
        ("docker volume rm attic", "volume attic is gone"),
        ("docker network rm lane", "network lane is gone"),
        ("docker rmi spare:1", r"image .* lost \['spare:1'\]"),
        ("echo the key is hunter2", "'hunter2' is in the output"),
        ("echo the key is aHVudGVyMg==", "'hunter2' is in the output"),
        ("echo $SESAME", "'open-up' is in the output"),
        ("docker volume create --label x=hunter2 vault", "'hunter2' is in a label"),
        ("docker create --name web.dockerdecl-old busybox:1", "left temporary names"),
        ("exit 1", "expected exit 0"),
    ],
)
def test_a_misdeed_during_an_apply_is_caught(demo: Scenario, misdeed: str, complaint: str) -> None:
    demo.by_hand("docker run -d --name neighbour --stop-signal KILL busybox:1 sleep 100")
    demo.by_hand("docker volume create attic").by_hand("docker network create lane").by_hand("docker tag www:1 spare:1")
    demo.secret("hunter2").environ(SESAME="open-up").edit(old="containers", new=f"{SECRETS}containers")
    with pytest.raises(AssertionError, match=complaint):
        demo.write("apply.sh", misdeed).apply()


def test_changes_left_after_an_apply_are_caught(demo: Scenario) -> None:
    demo.write("plan.json", json.dumps({"changes": [{"address": "container.web", "action": "update"}]}))
    with pytest.raises(AssertionError, match=r"must be empty: planned \{'container.web': 'update'\}"):
        demo.apply()


def test_a_plan_that_acts_is_caught(demo: Scenario) -> None:
    with pytest.raises(AssertionError, match="planning did something"):
        demo.write("plan.sh", f"{WEB} >&2").plan()


@pytest.mark.parametrize(
    ("misdeed", "complaint"),
    [
        ("true", r"destroy left \['container demo-web'\]"),
        ("docker rm -f demo-web; docker volume rm demo_data", r"destroy took \['volume demo_data'\]"),
    ],
)
def test_a_destroy_that_does_too_little_or_too_much_is_caught(demo: Scenario, misdeed: str, complaint: str) -> None:
    demo.write("apply.sh", f"{WEB}; docker volume create --label dockerdecl.project=demo demo_data").apply()
    with pytest.raises(AssertionError, match=complaint):
        demo.write("destroy.sh", misdeed).destroy()


def test_an_edit_changes_one_line_and_refuses_a_key_that_is_not_there(demo: Scenario) -> None:
    demo.write("dockerdecl.yaml", "web:\n  mem_limit: 32m\n  cpus: 1\n").edit("mem_limit: 64m").edit(old="1", new="2")
    assert (demo.folder / "dockerdecl.yaml").read_text() == "web:\n  mem_limit: 64m\n  cpus: 2\n"
    with pytest.raises(AssertionError, match="0 lines"):
        demo.edit("memory: 64m")


FULL = (
    "docker network create --label dockerdecl.project=demo demo_back; "
    f"docker run -d --name demo-web {OURS} --stop-signal KILL --memory 64m --env A=1 --volume demo_data:/data "
    "--network demo_back --network-alias front --publish 127.0.0.1:8077:80 --entrypoint sh www:1 -c "
    + shlex.quote("echo hello > /data/note; echo ready; exec httpd -f -p 80 -h /www")
)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (state("web", "running"), state("web", "exited")),
        (running("web"), running("db")),
        (named("web", "demo-web"), named("web", "demo_web")),
        (memory("web", "64m"), memory("web", "32m")),
        (environment("web", A="1", B=None), environment("web", A="2")),
        (mounted("web", "/data", source="data"), mounted("web", "/data", source="other")),
        (file_content("web", "/data/note", "hello\n"), file_content("web", "/data/note", "bye\n")),
        (network_attached("web", "back", alias="front"), network_attached("web", "back", alias="rear")),
        (uses_image("web", "www:1"), uses_image("web", "busybox:1")),
        (absent("container.db"), absent("container.web")),
        (absent("image.nothing:1"), absent("image.www:1")),
        (present("container.web"), present("network.none")),
        (says("^demo"), says("never said")),
        (same_container("web"), replaced("web")),
        (http_ok(8077, text="ok"), None),
        (log("web", "ready"), None),
    ],
)
def test_each_check_tells_right_from_wrong(demo: Scenario, right: Check, wrong: Check | None) -> None:
    demo.write("apply.sh", FULL).apply().write("apply.sh", "echo demo").apply(right)
    if wrong:
        with pytest.raises(AssertionError):
            wrong(demo)
