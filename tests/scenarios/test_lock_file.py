"""Images by the digests of a lock file: what is taken, when it moves, and what is said where the file is not right."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest

from tests.support.checks import environment, replaced, running, same_container, says
from tests.support.engines import PrivateEngine
from tests.support.image_checks import pulled
from tests.support.registry import PASSWORD, USER, Registry, registry
from tests.support.scenario import Scenario, ScenarioMaker

SHOP = """
images:
  web: {ref: "REGISTRY/shop/web:1.4", pull: always}
  tool: {ref: "shop/tool:1", build: {context: tool}}
containers:
  web: {image: web, command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge}
  tool: {image: tool, command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge}
  debug: {image: "REGISTRY/shop/debug:1", profiles: [debug]}
  own: {image: "busybox:1", pull_policy: never, command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge}
"""
DOCKERFILE = 'FROM REGISTRY/shop/base:1\nCMD ["sleep", "9999"]\n'
POLICY = "apiVersion: dockerdecl/policy/v1\npreset: none\nbuiltin: {image-without-digest: deny}\n"
LOCKED = ("--locked",)


@pytest.fixture(scope="module")
def guarded(engine: PrivateEngine) -> Iterator[Registry]:
    """A registry that wants USER and PASSWORD."""
    with registry(engine, protected=True) as one:
        yield one


def shop(make: ScenarioMaker, server: Registry, name: str) -> Scenario:
    """The shop with that registry in its references, by somebody who is logged in there."""
    s = make(name, SHOP.replace("REGISTRY", server.address))
    s.write("tool/Dockerfile", DOCKERFILE.replace("REGISTRY", server.address))
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    s.write(".docker/config.json", json.dumps({"auths": {server.address: {"auth": auth}}}))
    return s.secret(PASSWORD).secret(auth)


def forget(s: Scenario, *references: str) -> None:
    """The host as it is before the first apply: nothing runs, and it has none of these images."""
    s.destroy()
    for reference in references:
        s.by_hand(f"docker rmi -f {reference}")


def test_a_lock_file_says_which_images_are_taken(scenario: ScenarioMaker, guarded: Registry) -> None:
    """The registry moves on, also while a host has nothing yet; what is applied moves when the lock file does."""
    web, base, debug = (f"{guarded.address}/shop/{name}" for name in ("web:1.4", "base:1", "debug:1"))
    first = {name: guarded.offer(name, "1") for name in (web, base, debug)}
    s = shop(scenario, guarded, "locked")
    s.run("lock").check(says("3 added")).run("lock", "--check").run("lock").check(says("Nothing changed"))
    written = (s.folder / "dockerdecl.lock").read_text()
    assert all(f'"{name}" = "{digest}"' in written for name, digest in first.items())
    assert "busybox" not in written

    second = {name: guarded.offer(name, "2") for name in (web, base)}
    s.apply(pulled(2), running("own"), environment("web", RELEASE="1"), environment("tool", RELEASE="1"), args=LOCKED)
    s.plan({}, args=LOCKED).apply(pulled(0), same_container("web"), args=LOCKED)
    s.plan({"image.web": "update", "container.web": "replace"}).check(says("registry has another image"))

    s.run("lock", "--update", "image.web").check(says("1 moved, 2 kept"))
    s.plan({"image.web": "update", "container.web": "replace"}, args=LOCKED)
    s.check(says('"code": "lock-differs"'), says(first[web]), says(second[web]))
    s.apply(pulled(1), replaced("web"), environment("web", RELEASE="2"), same_container("tool"), args=LOCKED)
    s.run("lock", "--update").check(says("1 moved, 2 kept"))
    s.plan({"image.tool": "update", "container.tool": "replace"}, args=LOCKED)
    s.apply(pulled(1), replaced("tool"), environment("tool", RELEASE="2"), same_container("web"), args=LOCKED)
    s.plan({})

    s.run("rollback", "--yes").check(environment("tool", RELEASE="1"), same_container("web"))
    s.by_hand(f"docker tag busybox:1 {web}")
    s.plan({"image.web": "update", "image.tool": "update", "container.tool": "replace"}, args=LOCKED)
    s.apply(pulled(0), same_container("web"), environment("tool", RELEASE="2"), args=LOCKED)
    forget(s, web, base, "shop/tool:1")
    s.apply(pulled(2), environment("web", RELEASE="2"), environment("tool", RELEASE="2"), args=LOCKED)


def test_a_lock_file_that_is_not_right_is_said(scenario: ScenarioMaker, guarded: Registry) -> None:
    """Missing, behind the manifest, or for a registry that has no such image: nothing is written or touched."""
    s = shop(scenario, guarded, "stale").write("policy.yaml", POLICY).edit("own: {image: tool}")
    for name in ("web:1.5", "base:1"):
        guarded.offer(f"{guarded.address}/shop/{name}", "1")
    s.run("apply", "--yes", "--locked", expect=3).check(says("there is no lock file dockerdecl.lock"))
    s.run("lock", "--check", expect=1).check(says("is not up to date: run `dockerdecl lock`"))
    s.edit(old="web:1.4", new="web:1.5").run("lock", expect=1)
    s.check(says("image.*shop/debug:1"), says("dockerdecl.yaml:"), says("manifest unknown"))
    assert not (s.folder / "dockerdecl.lock").exists()

    guarded.offer(f"{guarded.address}/shop/debug:1", "1")
    s.run("lock", "--format", "json")
    assert {image["change"] for image in s.last.json()["images"]} == {"added"}
    s.run("lock", "--update", "image.wbe", expect=1).check(says("no image is called image.wbe"), says("image.web"))
    s.run("lock", "web", expect=64).run("lock", "--check", "--update", expect=64)
    s.run("validate", "--policy", "policy.yaml", expect=3).check(says("policy-image-without-digest"))
    s.run("validate", "--policy", "policy.yaml", "--locked")
    s.environ(DOCKERDECL_LOCKED="1").edit(old="web:1.5", new="web:1.6").run("plan", expect=3)
    s.check(says("has no digest of the image .*web:1.6"), says("nothing in the manifest needs .*web:1.5"))
    s.check(says("hint: run `dockerdecl lock`"))
