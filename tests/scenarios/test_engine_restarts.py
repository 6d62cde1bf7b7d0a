"""An engine that stops and comes back between an apply and a plan: what it changes by itself is no drift; what it
stopped, or started against the manifest, is. Random manifests and live-restore are
slow: `pytest -m slow tests/scenarios/test_engine_restarts.py`, more of them with DOCKERDECL_TEST_EXAMPLES=20.

No container here shares another's namespace: an engine that comes back starts the two in any order, and gives up
the one whose owner does not run yet. It is down then, and a plan says so.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dockerdecl import reconcile
from dockerdecl.reconcile import Request
from tests.scenarios.test_random_manifests import carried_out, import_images, runnable, write_contexts
from tests.support.checks import healthy
from tests.support.engines import PrivateEngine, available_engines, wanted_engines, why_not
from tests.support.eventually import eventually
from tests.support.random_manifests import KEYS, Gene, Manifest, express, genes, surroundings
from tests.support.scenario import Scenario

pytestmark = pytest.mark.newest

EXAMPLES = int(os.environ.get("DOCKERDECL_TEST_EXAMPLES", "6"))
SERVICES = """
networks: {back: {}, fixed: {ipam: {config: [{subnet: 10.78.0.0/24}]}}}
volumes: {data: {}}
x-stays: &stays {image: "busybox:1", command: sleep 9999, stop_signal: KILL}
containers:
  always: {<<: *stays, restart: always, networks: [back], ports: ["80"], dns: [10.0.0.2]}
  checked: {<<: *stays, restart: unless-stopped, network_mode: bridge, healthcheck: {test: "true", interval: 300ms}}
  addressed: {<<: *stays, restart: "on-failure:3", networks: {fixed: {ipv4_address: 10.78.0.9}}}
  linked: {<<: *stays, restart: always, network_mode: bridge, links: ["checked:other"]}
  on-the-host: {<<: *stays, restart: always, network_mode: host}
  created: {<<: *stays, state: created}
  done: {<<: *stays, command: "true", state: completed}
  halted: {<<: *stays, restart: unless-stopped, state: stopped, volumes: ["data:/data"]}
  once: {<<: *stays, volumes: [/anonymous]}
  paused: {<<: *stays, restart: always, state: paused}
"""


@pytest.fixture(scope="module", params=wanted_engines())
def own(request: pytest.FixtureRequest) -> Iterator[PrivateEngine]:
    """An engine that may be restarted, since nobody else has it."""
    with _own(request.param, {}) as engine:
        yield engine


@pytest.fixture(params=wanted_engines())
def outlived(request: pytest.FixtureRequest) -> Iterator[PrivateEngine]:
    """An engine whose containers go on while it is down."""
    with _own(request.param, {"live-restore": True}) as engine:
        yield engine


def _own(version: str, settings: dict[str, object]) -> PrivateEngine:
    reason = why_not(version)
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)
    return PrivateEngine(available_engines()[version], settings)


def _restarted(engine: PrivateEngine, folder: Path, expected: dict[str, str]) -> None:
    folder = folder / "services"
    folder.mkdir()
    s = Scenario(engine, "services", folder).start_from(SERVICES).apply(healthy("checked"))
    s.by_hand("docker start services-halted").by_hand("docker stop services-halted")
    was = addresses(s)
    engine.restart()
    eventually(lambda: s.plan(expected), within=20)
    if not engine.settings:
        assert was != addresses(s), "no address changed, so that this run shows nothing of them"
    s.apply(healthy("checked"))
    s.clean()


def test_a_restarted_engine_leaves_only_what_it_stopped(own: PrivateEngine, tmp_path: Path) -> None:
    """Other addresses, ports and ids of the bridge are no drift; what has no restart policy, or lost its pause, is."""
    _restarted(own, tmp_path, {"container.once": "start", "container.paused": "stop"})


@pytest.mark.slow
def test_an_engine_that_its_containers_outlive_leaves_nothing(outlived: PrivateEngine, tmp_path: Path) -> None:
    """With live-restore all goes on as it was, a pause included."""
    _restarted(outlived, tmp_path, {})


@pytest.mark.slow
def test_random_manifests_outlast_a_restart_of_the_engine(own: PrivateEngine, tmp_path: Path) -> None:
    """Where all that runs has a restart policy, a plan must be empty whenever the engine was restarted since."""
    import_images(own)
    write_contexts(tmp_path)
    manifest = tmp_path / "dockerdecl.yaml"
    request = Request(working_directory=tmp_path, host=own.host, settle_seconds=0.1, volumes=True)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
        database=None,
    )
    @given(st.lists(genes, min_size=len(KEYS), max_size=len(KEYS)), surroundings, st.floats(0, 2))
    def outlasts(found: list[Gene], around: Manifest, moment: float) -> None:
        manifest.write_text(runnable(express([restarting(gene) for gene in found], around)))
        carried_out(reconcile.plan(request))
        time.sleep(moment)
        own.restart()

        def empty() -> None:
            with reconcile.plan(request) as again:
                assert again.document()["changes"] == []

        eventually(empty, within=20)
        carried_out(reconcile.plan_destroy(request))

    outlasts()


def restarting(gene: Gene) -> Gene:
    """What runs comes back with the engine; what doesn't stays down."""
    alone = {**gene, "bonds": [bond for bond in gene["bonds"] if bond[0] != "namespace"]}
    runs = gene["state"] in ("running", "paused")
    return {**alone, "state": "running", "restart": "always"} if runs else {**alone, "restart": None}


def addresses(s: Scenario) -> dict[str, object]:
    """What the engine chose by itself for each container."""
    names = ("always", "checked", "linked")
    return {name: s.container(name)["NetworkSettings"]["Networks"] for name in names}
