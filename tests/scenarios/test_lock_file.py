"""Images by the digests of a lock file: what is taken, when it moves, and what is said where the file is not right."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.checks import environment, replaced, running, says
from tests.support.engines import PrivateEngine
from tests.support.image_checks import pulled
from tests.support.program import PROGRAM, Run, run
from tests.support.registry import PASSWORD, USER, Registry, make_certificates, registry
from tests.support.scenario import Scenario, ScenarioMaker

pytestmark = pytest.mark.newest

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
def guarded(engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry that speaks TLS and wants USER and PASSWORD."""
    with registry(engine, protected=True, tls=make_certificates(tmp_path_factory.mktemp("tls"))) as one:
        yield one


def shop(make: ScenarioMaker, server: Registry, name: str) -> Scenario:
    """The shop with that registry in its references, by somebody who is logged in there."""
    s = make(name, SHOP.replace("REGISTRY", server.address))
    s.write("tool/Dockerfile", DOCKERFILE.replace("REGISTRY", server.address))
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    s.write(".docker/config.json", json.dumps({"auths": {server.address: {"auth": auth}}}))
    return s.secret(PASSWORD).secret(auth)


def inside(s: Scenario, *words: str, expect: int) -> Run:
    """A run inside of the box, where the program reaches the registry itself."""
    done = run(s.engine.inside(*PROGRAM), words, engine=s.engine, folder=s.folder, environment={})
    assert (done.exit, done.events) == (expect, ()), done
    assert PASSWORD not in done.stdout + done.stderr
    return done


def outdated(s: Scenario, *arguments: str, expect: int = 0) -> dict[str, tuple[Any, ...]]:
    """What `outdated` tells of each image."""
    done = inside(s, "outdated", "--format", "json", *arguments, expect=expect)
    told = ("moved", "patch", "minor", "major", "known_by")
    return {image["addresses"][0]: tuple(image[word] for word in told) for image in done.json()["images"]}


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
    for newer in ("web:1.5", "web:2.0-rc1", "web:2.1", "base:1-slim"):
        guarded.offer(f"{guarded.address}/shop/{newer}", "3")
    found = outdated(s, "web", "image.tool", "--exit-code", expect=2)
    assert found == {"image.web": (True, None, "1.5", "2.1", "lock"), "image.tool": (True, None, None, None, "lock")}
    s.apply(pulled(2), running("own"), environment("web", RELEASE="1"), environment("tool", RELEASE="1"), args=LOCKED)
    s.plan({"image.web": "update", "container.web": "replace"}).check(says("registry has another image"))

    s.run("lock", "--update", "image.web").check(says("1 moved, 2 kept"))
    s.plan({"image.web": "update", "container.web": "replace"}, args=LOCKED)
    s.check(says('"code": "lock-differs"'), says(first[web]), says(second[web]))
    s.run("lock", "--update").check(says("1 moved, 2 kept"))
    moved = (environment("web", RELEASE="2"), environment("tool", RELEASE="2"))
    s.apply(pulled(2), replaced("web"), replaced("tool"), *moved, args=LOCKED)
    s.plan({})
    assert set(outdated(s, base, "--exit-code").values()) == {(False, None, None, None, "lock")}
    s.run("rollback", "--yes").check(environment("web", RELEASE="1"), environment("tool", RELEASE="1"))
    s.apply(pulled(0), *moved, args=LOCKED)


def test_a_lock_file_that_is_not_right_is_said(scenario: ScenarioMaker, guarded: Registry) -> None:
    """Missing, behind the manifest, or for a registry that has no such image: nothing is written or touched."""
    s = shop(scenario, guarded, "stale").write("policy.yaml", POLICY).edit("own: {image: tool}")
    for name in ("web:1.5", "base:1"):
        guarded.offer(f"{guarded.address}/shop/{name}", "1")
    s.run("apply", "--yes", "--locked", expect=3).check(says("there is no lock file dockerdecl.lock"))
    s.run("lock", "--check", expect=1).check(says("is not up to date: run `dockerdecl lock`"))
    s.edit(old="shop/debug:1", new="stale/debug:1").edit(old="web:1.4", new="web:1.5")
    said = inside(s, "lock", expect=1).stderr
    assert re.search(r"image-not-in-registry.*stale/debug:1(.|\n)*dockerdecl.yaml:\d+", said), said
    assert not (s.folder / "dockerdecl.lock").exists()

    guarded.offer(f"{guarded.address}/stale/debug:1", "1")
    s.run("lock", "--format", "json")
    assert {image["change"] for image in s.last.json()["images"]} == {"added"}
    s.run("lock", "--update", "image.wbe", expect=1).check(says("no image is called image.wbe"), says("image.web"))
    s.run("lock", "web", expect=64).run("lock", "--check", "--update", expect=64)
    s.run("validate", "--policy", "policy.yaml", expect=3).check(says("policy-image-without-digest"))
    s.run("validate", "--policy", "policy.yaml", "--locked")
    s.environ(DOCKERDECL_LOCKED="1").edit(old="web:1.5", new="web:1.6").run("plan", expect=3)
    s.check(says("has no digest of the image .*web:1.6"), says("nothing in the manifest needs .*web:1.5"))
    s.check(says("hint: run `dockerdecl lock`"))
    s.environ(DOCKERDECL_LOCKED="0").write("dockerdecl.lock", "version = 2\n")
    s.run("outdated", expect=3).check(says("reads version 1"), says("upgrade dockerdecl"))
