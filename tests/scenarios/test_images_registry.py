"""Images from a registry: when they are pulled, who asks for them, and what is said where that fails."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator

import pytest

from tests.support.checks import environment, replaced, running, same_container, says
from tests.support.engines import PrivateEngine
from tests.support.image_checks import no_image, nothing_stopped, pulled
from tests.support.registry import PASSWORD, USER, Registry, registry
from tests.support.scenario import Scenario, ScenarioMaker

APPLICATION = """
images:
  app: {ref: "REGISTRY/shop/app:1", pull: missing}
containers:
  app: {image: app, command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge}
"""
BESIDE = """
containers:
  app: {image: "busybox:1", command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge}
"""


@pytest.fixture(scope="module")
def hub(engine: PrivateEngine) -> Iterator[Registry]:
    """A registry beside the engine."""
    with registry(engine) as one:
        yield one


@pytest.fixture(scope="module")
def guarded(engine: PrivateEngine) -> Iterator[Registry]:
    """A registry that wants USER and PASSWORD."""
    with registry(engine, protected=True) as one:
        yield one


def on(server: Registry, s: Scenario) -> Scenario:
    """The scenario with that registry in its references."""
    return s.edit(old="REGISTRY", new=server.address)


def logged_in(s: Scenario, server: Registry, password: str) -> Scenario:
    """What `docker login` leaves without a credential store."""
    auth = base64.b64encode(f"{USER}:{password}".encode()).decode()
    return s.secret(auth).write(".docker/config.json", json.dumps({"auths": {server.address: {"auth": auth}}}))


def test_a_missing_image_is_pulled_once(scenario: ScenarioMaker, hub: Registry) -> None:
    """What is on the engine stays, though the registry has a newer one."""
    s, app = on(hub, scenario("missing", APPLICATION)), f"{hub.address}/shop/app:1"
    hub.offer(app, "1")
    s.plan({"image.app": "create", "container.app": "create"}).check(no_image(app))
    s.apply(pulled(1), running("app"), environment("app", RELEASE="1"), says("pull .*shop/app:1"))
    hub.offer(app, "2")
    s.plan({}).apply(pulled(0), same_container("app"))


def test_a_reference_needs_no_entry(scenario: ScenarioMaker, hub: Registry) -> None:
    """A container may name a reference itself, which is pulled where it is missing."""
    reference = f"{hub.address}/shop/plain:1"
    hub.offer(reference, "1")
    s = scenario("implied", BESIDE).edit(old="busybox:1", new=reference)
    s.plan({f"image.{reference}": "create", "container.app": "create"})
    s.apply(pulled(1), running("app"))


def test_a_new_digest_is_pulled_where_always_is_said(scenario: ScenarioMaker, hub: Registry) -> None:
    """The plan asks the registry and tells the truth without pulling."""
    s, app = on(hub, scenario("always", APPLICATION)).edit(old="missing", new="always"), f"{hub.address}/shop/app:1"
    first = hub.offer(app, "1")
    s.apply(pulled(1)).apply(pulled(0), same_container("app"))
    second = hub.offer(app, "2")
    s.plan({"image.app": "update", "container.app": "replace"})
    s.check(says("the registry has another image under this tag"), says(first), says(second))
    s.apply(pulled(1), replaced("app"), environment("app", RELEASE="2"))


def test_nothing_is_pulled_where_never_is_said(scenario: ScenarioMaker, hub: Registry) -> None:
    """Missing is an error at once; what was put there by hand is used."""
    s, app = on(hub, scenario("never", APPLICATION)).edit(old="missing", new="never"), f"{hub.address}/shop/app:1"
    hub.offer(app, "1")
    s.run("plan", expect=1).check(says("image.app"), says("not on the engine, and its `pull` is `never`"))
    s.by_hand(f"docker pull {app}").apply(pulled(0), running("app"))


def test_a_digest_means_one_image_for_ever(scenario: ScenarioMaker, hub: Registry) -> None:
    """By digest, also beside a tag, which is only a word then."""
    app = f"{hub.address}/shop/app:1"
    digest = hub.offer(app, "1")
    hub.offer(app, "2")
    s = on(hub, scenario("digest", APPLICATION)).edit(old="app:1", new=f"app@{digest}")
    s.apply(pulled(1), environment("app", RELEASE="1"))
    s.edit(old=f"app@{digest}", new=f"app:1@{digest}").apply(pulled(0), same_container("app"))


def test_a_registry_that_is_down_is_only_noted(scenario: ScenarioMaker, engine: PrivateEngine) -> None:
    """What `always` asks for can't be known then; the image is there, so everything goes on and says so."""
    with registry(engine) as server:
        s = on(server, scenario("down", APPLICATION)).edit(old="missing", new="always")
        server.offer(f"{server.address}/shop/app:1", "1")
        s.apply(pulled(1))
    s.plan({}).check(says("the registry could not be asked"))
    s.apply(pulled(0), same_container("app"), says("the registry could not be asked"))


def test_an_image_that_cannot_be_pulled_stops_nothing(scenario: ScenarioMaker, engine: PrivateEngine) -> None:
    """Everything that can fail comes before the first stop."""
    with registry(engine) as server:
        address = server.address
    s = scenario("nowhere", BESIDE).apply()
    s.edit(old="app: {", new="app: {hostname: other, ")
    s.edit(old="containers:", new=f"images: {{more: {{ref: '{address}/shop/more:1'}}}}\ncontainers:")
    s.run("apply", "--yes", expect=1).check(nothing_stopped(), running("app"), same_container("app"))
    s.check(says("image.more"), says("(?i)connection refused"))


def test_a_tag_that_is_not_in_the_registry_stops_nothing(scenario: ScenarioMaker, hub: Registry) -> None:
    """Neither when the container that runs is to be made from it."""
    s = scenario("lacking", BESIDE).apply()
    hub.offer(f"{hub.address}/shop/app:1", "1")
    s.edit(old="busybox:1", new=f"{hub.address}/shop/app:9")
    s.run("apply", "--yes", expect=1).check(nothing_stopped(), running("app"), same_container("app"))
    s.check(says(r"shop/app:9"), says("(?i)not (found|known|in)"))


def test_credentials_come_from_the_docker_configuration(scenario: ScenarioMaker, guarded: Registry) -> None:
    """What `docker login` left is used, for asking as for pulling."""
    s = on(guarded, scenario("login", APPLICATION)).edit(old="missing", new="always").secret(PASSWORD)
    guarded.offer(f"{guarded.address}/shop/app:1", "1")
    logged_in(s, guarded, PASSWORD).apply(pulled(1), running("app"))
    guarded.offer(f"{guarded.address}/shop/app:1", "2")
    s.plan({"image.app": "update", "container.app": "replace"})


def test_credentials_come_from_a_helper(scenario: ScenarioMaker, guarded: Registry) -> None:
    """A program that the configuration names keeps the password."""
    s = on(guarded, scenario("helper", APPLICATION)).secret(PASSWORD)
    guarded.offer(f"{guarded.address}/shop/app:1", "1")
    answer = json.dumps({"ServerURL": guarded.address, "Username": USER, "Secret": PASSWORD})
    s.write("bin/docker-credential-test", f"#!/bin/sh\ncat > asked\necho '{answer}'\n")
    (s.folder / "bin/docker-credential-test").chmod(0o755)
    s.write(".docker/config.json", json.dumps({"credHelpers": {guarded.address: "test"}}))
    s.environ(PATH=f"{s.folder / 'bin'}:{os.environ['PATH']}").apply(pulled(1), running("app"))
    assert (s.folder / "asked").read_text() == guarded.address


@pytest.mark.parametrize("password", ["wrong", None])
def test_a_registry_that_refuses_is_said(scenario: ScenarioMaker, guarded: Registry, password: str | None) -> None:
    """With a wrong password or none at all: whose registry it was and what to do, and nothing stopped."""
    s = scenario("refused", BESIDE).secret(PASSWORD).apply()
    guarded.offer(f"{guarded.address}/shop/app:1", "1")
    if password:
        logged_in(s, guarded, password)
    s.edit(old="busybox:1", new=f"{guarded.address}/shop/app:1")
    s.run("apply", "--yes", expect=1).check(nothing_stopped(), running("app"))
    s.check(says(f"dockerdecl login {guarded.address}"), says("(?i)unauthorized|no basic auth"))


def test_how_far_a_pull_is_is_told_apart_from_the_report(scenario: ScenarioMaker, hub: Registry) -> None:
    """On stdout there is the document alone."""
    s, app = on(hub, scenario("told", APPLICATION)), f"{hub.address}/shop/app:1"
    hub.offer(app, "1")
    s.apply(pulled(1), args=["--format", "json"])
    steps = {step["verb"]: step["outcome"] for step in s.last.json()["steps"]}
    assert steps["pull"] == "done"
