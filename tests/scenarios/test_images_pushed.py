"""Images that are put into a registry: pushed after they are made, and mirrored from elsewhere."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checks import environment, healthy, replaced, running, same_container, says
from tests.support.engines import PrivateEngine
from tests.support.image_checks import no_image, pulled
from tests.support.images import SHELL, import_busybox
from tests.support.registry import PASSWORD, USER, Certificates, Registry, make_certificates, registry
from tests.support.scenario import Check, Scenario, ScenarioMaker

pytestmark = pytest.mark.newest

PREPARE = Path(__file__).parents[2] / "examples" / "prepare"

PUSHED = """
images:
  app:
    ref: "REGISTRY/shop/app:1"
    build: {context: ./app, dockerfile_inline: "FROM busybox:1\\nENV RELEASE=1"}
    tags: ["REGISTRY/shop/app:latest", "shop/app:local"]
    push: true
containers:
  app: {image: app, command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge}
"""
MIRRORED = """
images:
  app: {ref: "REGISTRY/mirror/app:1", mirror: "ORIGIN/upstream/app:1"}
containers:
  app: {image: app, command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge}
"""

OWN = """
images:
  registry:
    ref: "own/registry:1"
    import: registry.tar
    changes: ["ENV PATH=/bin", 'ENTRYPOINT ["docker-registry", "serve", "/etc/registry.yml"]']
  app:
    ref: "127.0.0.1:5000/shop/app:1"
    build: {context: ./app, dockerfile_inline: "FROM busybox:1\\nENV RELEASE=1"}
    push: true
configs:
  settings:
    content: '{"version": 0.1, "http": {"addr": ":5000"}, "storage": {"filesystem": {"rootdirectory": "/data"}}}'
containers:
  app: {image: app, command: [sleep, "9999"], stop_signal: KILL, network_mode: bridge, depends_on: [registry]}
  registry:
    image: registry
    stop_signal: KILL
    network_mode: bridge
    configs: [{source: settings, target: /etc/registry.yml}]
    ports: ["127.0.0.1:5000:5000"]
    healthcheck: {test: "nc -w 1 127.0.0.1 5000 < /dev/null", interval: 200ms, retries: 25}
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def guarded(engine: PrivateEngine, certificates: Certificates) -> Iterator[Registry]:
    """A registry with TLS that wants USER and PASSWORD."""
    with registry(engine, protected=True, tls=certificates) as one:
        yield one


@pytest.fixture(scope="module")
def origin(engine: PrivateEngine) -> Iterator[Registry]:
    """The registry that is mirrored from."""
    with registry(engine) as one:
        yield one


def logged_in(s: Scenario, server: Registry) -> Scenario:
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    s.write("dockerdecl.yaml", (s.folder / "dockerdecl.yaml").read_text().replace("REGISTRY", server.address))
    return s.secret(auth).write(".docker/config.json", json.dumps({"auths": {server.address: {"auth": auth}}}))


def test_an_image_is_pushed_after_it_is_made(scenario: ScenarioMaker, guarded: Registry) -> None:
    """With its tags for that registry; again where the registry has another one or none, and only then."""
    s = logged_in(scenario("pushed", PUSHED), guarded).write("app/file", "")
    app = f"{guarded.address}/shop/app:1"
    s.plan({"image.app": "create", "container.app": "create"})
    assert not s.last.json()["notes"]
    s.apply(running("app"), says("push .*shop/app:1"), says("push .*shop/app:latest"))
    assert "push shop/app:local" not in s.last.stderr
    s.apply(same_container("app"))
    guarded_push(s, guarded, app, release="foreign")
    s.plan({"image.app": "update"}).check(reason(s, "registry-differs"))
    s.apply(same_container("app"), says("push .*shop/app:1"))
    s.edit(old="RELEASE=1", new="RELEASE=2").plan({"image.app": "update", "container.app": "replace"})
    s.apply(replaced("app"), environment("app", RELEASE="2"), says("push .*shop/app:1"))
    s.edit(old="shop/app:latest", new="shop/app:stable")
    s.plan({"image.app": "update"}).check(reason(s, "tags-differ")).apply(same_container("app"))
    s.by_hand(f"docker tag {app} {guarded.address}/shop/other:1").edit(old="shop/app:1", new="shop/other:1")
    s.plan({"image.app": "update"}).check(reason(s, "not-pushed"))
    s.write(".docker/config.json", "{}").apply(says("no basic auth credentials"), says("login"), expect=1)
    s.destroy(args=["--images"])


def test_a_registry_and_what_is_pushed_to_it_are_one_manifest(scenario: ScenarioMaker) -> None:
    """Pushes wait for it, the first time and where it is made anew; while it runs, it is asked."""
    s = scenario("own", OWN).write("app/file", "")
    subprocess.run([sys.executable, PREPARE, "private-registry", s.folder], check=True)
    s.apply(running("app"), healthy("registry"), says("push .*shop/app:1"))
    s.edit(old="RELEASE=1", new="RELEASE=2")
    s.apply(replaced("app"), same_container("registry"), environment("app", RELEASE="2"), says("push .*shop/app:1"))
    s.edit(old="interval: 200ms", new="interval: 201ms")
    s.plan({"image.app": "update", "container.registry": "replace"}).check(reason(s, "registry-made"))
    s.apply(same_container("app"), replaced("registry"), says("push .*shop/app:1"))
    s.destroy(args=["--images"])


def guarded_push(s: Scenario, server: Registry, reference: str, *, release: str) -> None:
    """Push another image under a reference, which the engine then has no more, as another machine would."""
    kept = s.engine.api("GET", f"/images/{reference}/json")["Id"]
    import_busybox(s.engine, reference, (*SHELL, f"ENV RELEASE={release}"))
    server.push(reference)
    s.by_hand(f"docker rmi {reference}").by_hand(f"docker tag {kept} {reference}")


def reason(s: Scenario, code: str) -> Check:
    def check(_: Scenario) -> None:
        (change,) = (each for each in s.last.json()["changes"] if each["address"] == "image.app")
        assert change["code"] == code

    return check


@pytest.mark.slow
def test_an_image_is_mirrored_by_digest(scenario: ScenarioMaker, guarded: Registry, origin: Registry) -> None:
    """It comes from one registry and goes to another; only a new image at the origin is a change."""
    upstream = f"{origin.address}/upstream/app:1"
    first = origin.offer(upstream, "1")
    s = logged_in(scenario("mirrored", MIRRORED).edit(old="ORIGIN", new=origin.address), guarded)
    s.plan({"image.app": "create", "container.app": "create"})
    s.apply(pulled(1), running("app"), environment("app", RELEASE="1"), says(first), says("push .*mirror/app:1"))
    s.apply(pulled(0), same_container("app")).check(no_image(upstream))
    origin.offer(upstream, "2")
    s.plan({"image.app": "update", "container.app": "replace"}).check(reason(s, "mirror-outdated"))
    s.apply(replaced("app"), environment("app", RELEASE="2"))
    s.edit(old=origin.address, new="127.0.0.1:1").plan({}).apply(same_container("app"))
    s.destroy(args=["--images"])
    s.apply(running("app"), environment("app", RELEASE="2"), pulled(1))  # from the mirror: the origin is out of reach
    s.edit(old="127.0.0.1:1", new=origin.address).apply(environment("app", RELEASE="2"))
    s.destroy(args=["--images"])
    assert not [i for i in s.engine.api("GET", "/images/json") if any("/app@" in d for d in i["RepoDigests"] or [])]
