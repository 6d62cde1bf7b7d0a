"""Every folder of examples/: prepared, applied, changed and destroyed as its README tells, and looked at from outside.

A new example needs an entry in `TRIED`. That the next plan is empty, that nothing is left and that all is taken down in
order is asserted by the scenario itself.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.checks import (
    absent,
    environment,
    file_content,
    healthy,
    http_ok,
    log,
    memory,
    mounted,
    network_attached,
    replaced,
    running,
    same_container,
    says,
    state,
    uses_image,
)
from tests.support.engine_state import EngineState, read_state
from tests.support.registry import PASSWORD, USER, registry
from tests.support.scenario import Check, Scenario, ScenarioMaker

EXAMPLES = Path(__file__).parents[2] / "examples"
ENVIRONMENT: Mapping[str, Mapping[str, str]] = {"secrets-and-configs": {"API_TOKEN": "open-sesame"}}
BUNDLE = "air-gapped.bundle.tar.zst"
FIRST, SECOND = 18080, 18081  # the ports that examples publish


def one_container(s: Scenario) -> None:
    s.apply(healthy("web"), http_ok(FIRST, text="Hello from one container"))
    s.edit("mem_limit: 32m").plan({"container.web": "update"}).apply(same_container("web"), memory("web", "32m"))
    s.edit(old="Hello from", new="Greetings from")
    s.apply(replaced("web"), healthy("web"), http_ok(FIRST, text="Greetings from one container"))
    s.by_hand("docker stop one-container-web").plan({"container.web": "start"})


def two_tier(s: Scenario) -> None:
    s.apply(
        state("store", "created"), healthy("db"), http_ok(FIRST, text="Visits\nback end: visit 1\nshared volume: 1")
    )
    s.check(http_ok(SECOND, path="/cgi-bin/index.cgi", text="visit 2"))
    s.check(mounted("db", "/var/lib/counts", source="counts"), file_content("web", "/counts/visits", "2\n"))
    s.check(network_attached("web", "back"), network_attached("db", "back", alias="db"))
    s.edit("TITLE: Guests").plan({"container.web": "replace"}).apply(replaced("web"), same_container("db"))
    s.check(http_ok(FIRST, text="Guests\nback end: visit 3\nshared volume: 3"))
    s.destroy(absent("container.store")).apply(http_ok(FIRST, text="visit 4"))  # the volume outlived its containers


def legacy_links(s: Scenario) -> None:
    kept = "by address: {0}\nby name: {0}".format
    s.apply(state("store", "created"), http_ok(FIRST, text=kept("kept in the data container")))
    s.check(file_content("web", "/data/record", "kept in the data container\n"))
    s.edit("RECORD: kept elsewhere").plan({"container.db": "replace", "container.web": "replace"})
    s.apply(same_container("store"), http_ok(FIRST, text=kept("kept elsewhere")))


def private_registry(s: Scenario) -> None:
    address = "127.0.0.1:5000"
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    login = json.dumps({"auths": {address: {"auth": auth}}})
    with registry(s.engine) as upstream:
        upstream.offer(f"{upstream.address}/busybox:stable", "1")
        s.environ(UPSTREAM=upstream.address).apply(healthy("registry"), args=["--target", "container.registry"])
        s.write(".docker/config.json", login).apply(same_container("registry"), says("push .*demo/tool:1.36"))
        s.check(mounted("registry", "/var/lib/registry", source="images"))
        app = Scenario(s.engine, "registry-app", s.folder / "app").write(".docker/config.json", login)
        app.apply(running("tool"), environment("tool", RELEASE="1"))
        upstream.offer(f"{upstream.address}/busybox:stable", "2")
        s.plan({"image.tool": "update"}).apply(says("push .*demo/tool:1.36"))
        app.apply(replaced("tool"), environment("tool", RELEASE="2")).destroy(args=["--volumes"])
        s.edit("stop_grace_period: 4s").plan({"image.tool": "update", "container.registry": "replace"})
        s.apply(replaced("registry"), healthy("registry"), says("push .*demo/tool:1.36"))


def rolling_replacement(s: Scenario) -> None:
    s.apply(healthy("web"), http_ok(FIRST, text="version 1"))
    s.environ(VERSION="2").plan({"image.web": "create", "container.web": "replace"})
    s.apply(replaced("web"), healthy("web"), http_ok(FIRST, text="version 2"))
    s.environ(VERSION="broken").apply(says("unhealthy"), http_ok(FIRST, text="version 2"), expect=1)
    s.check(healthy("web"), uses_image("web", "rolling-replacement/web:2"))
    assert not read_state(s.engine).temporary_names()
    for version in ("2", "1", "broken"):  # each run knows the image of its own version
        s.environ(VERSION=version).destroy(args=["--images"])


def air_gapped(s: Scenario) -> None:
    s.apply(log("job", "from an xz archive"), state("job", "exited"))
    s.check(http_ok(FIRST, text="from a plain archive"), http_ok(SECOND, text="from a zst archive"))
    s.by_hand("docker tag air-gapped/site:1 air-gapped/api:1").plan({"image.api": "update"})
    s.apply(same_container("api"), uses_image("api", "air-gapped/api:1"))  # the tag went back; nothing ran under it
    s.run("bundle", "--out", BUNDLE).destroy(args=["--images"])
    host = Scenario(s.engine, "air-gapped", s.folder / "host").write(BUNDLE, (s.folder / BUNDLE).read_bytes())
    host.apply(log("job", "from an xz archive"), args=["-f", BUNDLE])
    host.check(http_ok(FIRST, text="from a plain archive"), http_ok(SECOND, text="from a zst archive"))


def secrets_and_configs(s: Scenario) -> None:
    s.apply(running("web"), http_ok(FIRST, text="Served in development"))
    s.check(file_content("web", "/run/secrets/certificate", "not-a-real-certificate\n"))
    s.check(file_content("web", "/run/secrets/token", "open-sesame"))
    shown = s.engine.docker("exec", "secrets-and-configs-web", "stat", "-c", "%a %u:%g", "/run/secrets/token")
    assert shown == "400 1000:1000\n"
    s.environ(API_TOKEN="another-sesame").plan({"container.web": "replace"})
    s.apply(replaced("web"), file_content("web", "/run/secrets/token", "another-sesame"))


def built_image(s: Scenario) -> None:
    s.apply(healthy("app"), http_ok(FIRST, text="Hello from an image that was built here"))
    s.check(http_ok(FIRST, path="/context.txt", text="page.txt\n"))
    assert "notes" not in s.engine.http(FIRST, "/context.txt").text
    s.write("app/notes.txt", "changed").plan({})
    s.environ(GREETING="Welcome").apply(replaced("app"), http_ok(FIRST, text="Welcome from an image"))


def includes_and_overlays(s: Scenario) -> None:
    production = ["-f", "dockerdecl.yaml", "-f", "production.yaml"]
    s.apply(http_ok(FIRST, text="Example in development"), network_attached("web", "front"))
    s.apply(http_ok(FIRST, text="Example in production"), memory("web", "64m"), args=production)
    s.check(environment("web", LOG_LEVEL="warning"))
    s.environ(SITE_NAME="Other").apply(replaced("web"), http_ok(FIRST, text="Other in production"), args=production)


def policies(s: Scenario) -> None:
    s.apply(healthy("web"), running("collector"))
    s.edit(old='ports: ["127.0.0.1:18080:8080"]', new="privileged: true").run("apply", "--yes", expect=3)
    s.check(says("policy-privileged"), same_container("web"))


TRIED: Mapping[str, Callable[[Scenario], None]] = {
    "one-container": one_container,
    "two-tier": two_tier,
    "legacy-links": legacy_links,
    "private-registry": private_registry,
    "rolling-replacement": rolling_replacement,
    "air-gapped": air_gapped,
    "secrets-and-configs": secrets_and_configs,
    "built-image": built_image,
    "includes-and-overlays": includes_and_overlays,
    "policies": policies,
}


def test_every_example_is_tried() -> None:
    """A folder without checks is an example that nobody knows to work."""
    assert {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()} == TRIED.keys()


@pytest.mark.parametrize("name", TRIED)
def test_example(name: str, scenario: ScenarioMaker) -> None:
    """It does what its README says, and destroying it leaves the engine as it was."""
    s = scenario(name, EXAMPLES / name)
    found = read_state(s.engine)
    subprocess.run([sys.executable, EXAMPLES / "prepare", name, s.folder], check=True)
    s.environ(**ENVIRONMENT.get(name, {})).run("validate")
    TRIED[name](s)
    s.destroy(_as(found), args=["--volumes", "--images"])


def _as(found: EngineState) -> Check:
    def check(s: Scenario) -> None:
        now = read_state(s.engine)
        assert now.names() == found.names()
        assert _tags(now) == _tags(found)

    return check


def _tags(state: EngineState) -> frozenset[str]:
    # what a build leaves without a name (its other stages, earlier builds) is for `docker image prune`
    return frozenset(tag for image in state.images.values() for tag in image["RepoTags"] or [])
