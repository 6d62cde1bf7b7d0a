"""A host that was set up by hand gets a manifest: applied right away, it has nothing to do."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import pytest

from tests.support.by_hand import AROUND, CREATED, FEW, FOR_NEW_ENGINES, STARTED
from tests.support.checks import says
from tests.support.engine_state import read_state
from tests.support.scenario import Scenario, ScenarioMaker

pytestmark = pytest.mark.newest

SECRETS = ("hunter22", "s3cret$x", ":pa55", "pw1-of-all")
MADE = ("-f", "made.yaml")


def test_what_was_made_by_hand_gets_a_manifest(scenario: ScenarioMaker) -> None:
    """Links, shared namespaces, several networks, fixed addresses and secrets: the plan must be empty at once."""
    s = _host(scenario, FEW)
    s.run("generate", "nobody", expect=1).check(says("container-unknown"))
    s.run("generate", expect=64).check(says("--all"))
    s.run("generate", "web", "-p", "Bad Name", expect=3).check(says("no project name"))
    s.run("generate", "--all", "--out", "made.yaml", "--env-out", ".env").check(
        says("dockerdecl adopt --all -f made.yaml")
    )
    text = (s.folder / "made.yaml").read_text()
    assert not any(secret in text for secret in SECRETS)
    assert (s.folder / ".env").stat().st_mode & 0o777 == 0o600
    s.run("generate", "--all")
    assert s.last.stdout == text
    s.run("generate", "--all", "--out", "made.yaml", expect=1).check(says("exists"))
    _adopt(s)
    s.run("generate", "web", expect=1).check(says("declared-already"))


@pytest.mark.slow
def test_a_whole_host_gets_a_manifest(scenario: ScenarioMaker) -> None:
    """Containers of every kind, as people run them."""
    s = _host(scenario, [*STARTED, *CREATED])
    s.run("generate", "--all", "--out", "made.yaml", "--env-out", ".env")
    assert "would change" not in s.last.stderr
    _adopt(s)


def _host(scenario: ScenarioMaker, names: Iterable[str]) -> Scenario:
    s = scenario("by-hand", "containers: {}\n")
    for command in AROUND:
        s.engine.docker(*shlex.split(command))
    for name in names:
        if not (name in FOR_NEW_ENGINES and s.engine.version.startswith("20.")):
            started = name in STARTED
            words = STARTED[name] if started else CREATED[name]
            s.engine.docker(*(("run", "-d") if started else ("create",)), "--name", name, *shlex.split(words))
    s.engine.docker("network", "connect", "--alias", "deux", "plain", "two-nets")
    if "frozen" in names:
        s.engine.docker("pause", "frozen")
    for secret in SECRETS:
        s.secret(secret)
    return s


def _adopt(s: Scenario) -> None:
    before = {*read_state(s.engine).containers}
    s.run("adopt", "--all", *MADE, "--yes").plan({}, args=MADE)
    assert {*read_state(s.engine).containers} == before
