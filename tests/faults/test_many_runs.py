"""Many runs at once, and runs that are killed at any moment.

CI tries a few; as many as promised: `pytest -m slow tests/faults/test_many_runs.py`.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterable
from contextlib import ExitStack

import pytest

from tests.faults.bench import OPTIONS, Bench
from tests.faults.cases import Case
from tests.faults.conftest import BenchMaker
from tests.support.events import Event
from tests.support.program import Run
from tests.support.started import started

ENVIRONMENT = {"DOCKERDECL_SETTLE": "0s"}
MANIFESTS = ("before.yaml", "after.yaml")

_CONTENDED = """
containers:
  one: {<<: *stays, labels: {version: "1"}}
  two: {<<: *stays, labels: {version: "1"}, depends_on: [one]}
  three: {<<: *stays, labels: {version: "1"}}
"""
CONTENDED = Case("contended", _CONTENDED, _CONTENDED.replace('"1"', '"2"'))
SIZE = 3

_SHOP = """
networks: {back: {ipam: {config: [{subnet: 10.79.1.0/24}]}}, front: {}}
volumes: {data: {}, more: {}}
configs: {page: {content: "version 1"}}
containers:
  db: {<<: *stays, environment: {VERSION: "1"}, networks: [back], volumes: ["data:/data", /own]}
  cache: {<<: *stays, networks: {back: {ipv4_address: 10.79.1.7}}, mem_limit: 32m}
  job: {<<: *stays, command: "true", labels: {version: "1"}, state: completed, networks: [back]}
  web:
    <<: *stays
    networks: [back, front]
    replicas: 2
    depends_on: {db: {condition: service_started}}
    volumes: ["more:/more"]
    configs: [{source: page, target: /page.txt}]
    post_start: [{command: touch /tmp/ready}]
  side: {<<: *stays, network_mode: "service:db", volumes_from: [db]}
  only-1: {<<: *stays, volumes: ["data:/data"]}
"""
SHOP = Case(
    "shop",
    _SHOP,
    _SHOP.replace('"1"', '"2"')
    .replace("79.1", "79.2")
    .replace("sion 1", "sion 2")
    .replace("32m", "64m")
    .replace("only-1", "only-2"),
)


@pytest.mark.parametrize(
    ("runs", "rounds"), [pytest.param(6, 1, id="few"), pytest.param(16, 20, id="many", marks=pytest.mark.slow)]
)
def test_of_many_applies_at_once_each_is_whole(bench: BenchMaker, runs: int, rounds: int) -> None:
    """Two manifests fight for a project: whoever does not get it leaves with exit code 5, and nobody's steps mix."""
    at = bench(CONTENDED)
    at.reset()
    with at.engine.events() as events:
        for number in range(rounds):
            ended = _at_once(at, runs, first=number % 2)
            codes = [run.exit for run in ended]
            assert {*codes} <= {0, 5} and 0 in codes, "\n".join(map(str, (r for r in ended if r.exit not in (0, 5))))
            assert [at.plan(manifest) == {} for manifest in MANIFESTS].count(True) == 1
    assert _mixed(events) == []


def _at_once(at: Bench, runs: int, *, first: int) -> list[Run]:
    with ExitStack() as held:
        going = [
            held.enter_context(
                started(
                    ("apply", *OPTIONS, "-f", MANIFESTS[(first + number) % 2]),
                    host=at.engine.host,
                    folder=at.folder,
                    environment=ENVIRONMENT,
                )
            )
            for number in range(runs)
        ]
        return [one.ended() for one in going]


def _mixed(events: Iterable[Event]) -> list[str]:
    "each apply makes all containers of a version, and all of the other version are gone before the next one begins"
    seen = [
        (event.action, event.attributes["version"])
        for event in events
        if event.kind == "container" and event.action in ("create", "destroy") and "version" in event.attributes
    ]
    blocks = [seen[at : at + 2 * SIZE] for at in range(0, len(seen), 2 * SIZE)]
    wrong = []
    for block in blocks:
        made, gone = ({v for action, v in block if action == wanted} for wanted in ("create", "destroy"))
        if len(block) != 2 * SIZE or len(made) != 1 or len(gone) != 1 or made == gone:
            wrong.append(f"{block}")
    return wrong


@pytest.mark.parametrize("rounds", [pytest.param(3, id="few"), pytest.param(200, id="many", marks=pytest.mark.slow)])
def test_a_run_that_is_killed_at_any_moment_is_finished_by_the_next(bench: BenchMaker, rounds: int) -> None:
    """Calls that were under way go on without the program; the next apply must do with what it finds."""
    at = bench(SHOP)
    at.parallelism = 6
    at.reset()
    began = time.monotonic()
    at.finish()
    took = time.monotonic() - began
    moments = random.Random(6)
    for number in range(rounds):
        moment = moments.uniform(0, took)
        try:
            _killed(at, MANIFESTS[number % 2], moment)
            done = at.run("apply", manifest=MANIFESTS[number % 2])
            assert done.exit == 0, f"{done}"
            at.assert_done(MANIFESTS[number % 2])
        except AssertionError as error:
            raise AssertionError(f"round {number}, killed after {moment:.3f} s: {error}") from error


def _killed(at: Bench, manifest: str, moment: float) -> None:
    command = ("apply", *OPTIONS, "-f", manifest)
    with started(command, host=at.engine.host, folder=at.folder, environment=ENVIRONMENT) as going:
        time.sleep(moment)
        going.signal(signal.SIGKILL)
        assert going.ended().exit in (0, -signal.SIGKILL)
