"""What was applied is written down on the engine itself: who, when, how it went, and the manifest as it was."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.checks import absent, environment, running, says
from tests.support.history import revisions, told
from tests.support.scenario import Scenario, ScenarioMaker

pytestmark = pytest.mark.newest

SHOP = """
secrets: {password: {environment: PASSWORD}}
configs: {motd: {file: motd.txt}}
volumes: {data: {}}
containers:
  web:
    image: busybox:1
    command: sleep 9999
    stop_grace_period: 0s
    environment: {LOG_LEVEL: info, API_TOKEN: "${API_TOKEN}", PRICE: "5$$"}
    secrets: [password]
    configs: [motd]
    volumes: ["data:/data"]
"""
TOKEN = "abcdef-123456"


def shop(scenario: ScenarioMaker, name: str) -> Scenario:
    """The shop with its secrets given."""
    s = scenario(name, SHOP).write("motd.txt", "hello\n").secret(TOKEN)
    return s.environ(PASSWORD="correct horse", API_TOKEN=TOKEN)


def test_every_apply_is_a_revision_unless_there_was_nothing_to_do(scenario: ScenarioMaker) -> None:
    """A pipeline that applies every five minutes must not push what matters out of the history."""
    s = shop(scenario, "kept").apply(running("web")).apply().check(lambda s: None)
    assert told(s) == [(1, "apply", "succeeded")]
    s.edit(old="LOG_LEVEL: info", new="LOG_LEVEL: debug").apply(environment("web", LOG_LEVEL="debug"))
    s.by_hand("docker stop kept-web").apply(running("web"))
    s.edit(old="sleep 9999", new="/nowhere").apply(expect=1)
    assert told(s) == [(4, "apply", "failed"), *((n, "apply", "succeeded") for n in (3, 2, 1))]
    newest = revisions(s)[1]
    assert newest["summary"] == {"create": 0, "update": 0, "replace": 0, "remove": 0, "start": 1, "stop": 0, "adopt": 0}
    assert str(newest["by"]).startswith(f"{getpass.getuser()}@")
    s.run("history").check(says(r"4 +\d{4}-\d\d-\d\d .* apply +failed"))
    s.run("destroy", "--yes")
    assert told(s)[0] == (5, "destroy", "succeeded")
    s.run("destroy", "--yes", "--volumes").run("history").check(says("Nothing was applied to project kept yet"))
    s.check(absent("volume.data"))


def test_a_revision_shows_its_manifest_and_its_steps_and_no_secret(scenario: ScenarioMaker) -> None:
    """What is shown can be applied as it stands, but for what is secret."""
    s = shop(scenario, "shown").apply(running("web"))
    document = s.run("history", "show", "1", "--format", "json").last.json()
    assert document["declared"]["containers"]["web"]["environment"] == {
        "LOG_LEVEL": "info",
        "API_TOKEN": "(sensitive)",
        "PRICE": "5$",
    }
    assert document["declared"]["configs"] == {"motd": {"content": "hello\n"}}
    assert document["hidden"] == [["containers", "web", "environment", "API_TOKEN"]]
    assert {step["outcome"] for step in document["steps"]} == {"done"}
    text = s.run("history", "show", "1").check(says("Revision 1 of shown"), says("start shown-web")).last.stdout
    manifest = text[text.index("apiVersion:") : text.index("Steps")]
    assert yaml.safe_load(manifest)["containers"]["web"]["environment"]["PRICE"] == "5$$"
    s.write("again.yaml", manifest.replace("(sensitive)", "${API_TOKEN}")).plan({}, args=["-f", "again.yaml"])


def test_two_revisions_are_compared_field_by_field(scenario: ScenarioMaker) -> None:
    """Only what differs is told, with the one value and the other."""
    s = shop(scenario, "compared").apply()
    s.edit(old="LOG_LEVEL: info", new="LOG_LEVEL: debug").edit(
        old="volumes: {data: {}}", new="volumes: {data: {}, more: {}}"
    )
    document = s.apply().run("history", "diff", "1", "2", "--format", "json").last.json()
    assert [(d["path"], d["before"], d["after"]) for d in document["declared"]] == [
        ("volumes.more", None, {}),
        ("containers.web.environment.LOG_LEVEL", "info", "debug"),
    ]
    s.run("history", "diff", "2", "1").check(says("LOG_LEVEL: debug (→|->) info"))
    s.run("history", "show", "7", expect=1).check(says("has no revision 7"), says("there are 1, 2"))
    s.run("history", "--format", "json", "show", "1", expect=64).check(says("after `show`"))
    s.run("history", "-p", "nobody").check(says("Nothing was applied to project nobody"))


def test_the_last_ten_are_kept_and_the_last_that_succeeded(scenario: ScenarioMaker) -> None:
    """However often it failed since, there is something to go back to."""
    s = scenario("many", "volumes: {a: {}}\n").apply()
    s.edit(old="volumes: {a: {}}", new="containers: {a: {image: 'busybox:1', command: /nowhere, network_mode: none}}")
    for _ in range(11):
        s.run("apply", "--yes", expect=1)
    assert [one["revision"] for one in revisions(s)] == [*range(12, 2, -1), 1]


def test_the_commit_that_a_manifest_comes_from_is_written_down(scenario: ScenarioMaker) -> None:
    """And whether the files differ from it, which no commit can tell."""
    s = scenario("committed", "volumes: {a: {}}\n")
    git(s.folder, "init", "-q", "-b", "main")
    git(s.folder, "add", "dockerdecl.yaml")
    git(s.folder, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "-m", "first")
    commit = git(s.folder, "rev-parse", "HEAD")
    s.apply().edit(old="a: {}", new="a: {}, b: {}").apply()
    after, before = revisions(s)
    assert before["source"] == {"commit": commit, "branch": "main", "dirty": False}
    assert after["source"] == {"commit": commit, "branch": "main", "dirty": True}
    s.run("history").check(says(commit[:10] + r"\+"))


def git(folder: Path, *words: str) -> str:
    """What Git says."""
    return subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True).stdout.strip()
