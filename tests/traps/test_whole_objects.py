"""Traps 74 to 83: what stands for a whole container elsewhere, a hash, a name or a label, and what happens to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.engine_api import Json
from tests.support.engine_state import read_state
from tests.support.engines import PrivateEngine
from tests.support.scenario import Scenario, actions_of
from tests.support.traps import Forms, Found, Mended, trap

STAYS = "command: sleep 9999, state: running, stop_signal: KILL"
OUR_LABELS = {"dockerdecl.project", "dockerdecl.address", "dockerdecl.format", "dockerdecl.claims"}


def _made_again(scenario: Scenario, key: str, **config: Any) -> None:
    "as tools do that build a container from an inspection of the old one"
    name, engine = f"{scenario.project}-{key}", scenario.engine
    old = engine.api("GET", f"/containers/{name}/json")
    engine.api("DELETE", f"/containers/{name}", query={"force": 1})
    body = {**old["Config"], "Hostname": "", "HostConfig": old["HostConfig"], **config}
    engine.api("POST", "/containers/create", query={"name": name}, body=body)


def _swapped(scenario: Scenario) -> None:
    _made_again(scenario, "swapped", Env=["A=9"])


def _updated(scenario: Scenario) -> None:
    _made_again(scenario, "watched")


def _labelled(scenario: Scenario) -> None:
    own = scenario.engine.api("GET", "/containers/traps-relabelled/json")["Config"]["Labels"]
    _made_again(scenario, "relabelled", Labels={**own, "com.docker.compose.image": "sha256:1"})


def _neighbours(scenario: Scenario) -> None:
    "what others have under names that begin as ours do"
    labels = {"dockerdecl.project": "traps-two", "dockerdecl.address": "container.web", "dockerdecl.format": "1"}
    body = {"Image": "busybox:1", "Labels": labels}
    scenario.engine.api("POST", "/containers/create", query={"name": "traps-two-web"}, body=body)
    scenario.engine.api("POST", "/containers/create", query={"name": "traps-bare"}, body={"Image": "busybox:1"})
    scenario.engine.api("POST", "/networks/create", body={"Name": "traps_two_default"})


@trap(
    worded=Forms(
        "environment: {A: 1, B: 2}, labels: {x: y}, mem_limit: 64m, dns: [10.0.0.2, 10.0.0.3]",
        again='"dns": ["10.0.0.2", "10.0.0.3"], "labels": ["x=y"], mem_limit: 67108864, environment: [B=2, A=1]',
    ),
    by_an_earlier_version=Forms(
        "environment: {A: 1}, cap_add: [NET_ADMIN]",
        made={"Env": ["A=1"], "HostConfig": {"CapAdd": ["CAP_NET_ADMIN"], "NetworkMode": "bridge"}},
    ),
)
def test_trap_74_nothing_is_a_hash_of_the_declaration(found: Found) -> None:
    """Another order, notation or version of the program writes the same declaration otherwise; its meaning counts.

    docker/compose#11335, #10307, #9600, #10068
    """
    labels = found.live("worded", "Config/Labels")
    assert labels.keys() - {"x"} <= OUR_LABELS
    assert not labels.get("dockerdecl.claims")
    found.changes()


@trap(
    networks={"cutting": Forms()},
    swapped=Forms("environment: {A: 1}"),
    limited=Forms("mem_limit: 64m"),
    cut=Forms("networks: [cutting]"),
    by_hand=[
        _swapped,
        "docker update --memory 96m --memory-swap 192m traps-limited",
        "docker network disconnect traps_cutting traps-cut",
    ],
)
def test_trap_75_what_was_changed_by_hand_is_seen(found: Found) -> None:
    """A container of the same name and labels that is another one, an update, a network lost: none changes a hash.

    docker/compose#5745, #10577, #9211
    """
    found.changes(
        swapped={"environment.A": ("9", "1")},
        limited={"mem_limit": ("96m", "64m")},
        cut={"networks.cutting": (None, {"aliases": ["cut"]})},
    )
    assert [found.action(key) for key in ("swapped", "limited", "cut")] == ["replace", "update", "update"]


@dataclass(frozen=True, slots=True)
class Failures:
    """What stood on an engine before replacements failed and after each of them, and what was planned then."""

    before: Json
    after: list[list[Json]]
    planned: dict[str, str]


@pytest.fixture(scope="module")
def failures(engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Failures]:
    """A container whose replacement the engine first refuses to create, and then can't start."""
    s = Scenario(engine, "failures", tmp_path_factory.mktemp("failures"))
    after = []
    try:
        s.start_from(f'containers: {{web: {{image: "busybox:1", network_mode: none, {STAYS}}}}}')
        before = s.run("apply", "--yes").container("web")
        old = "sleep 9999, cpus: 640"
        s.edit(old="sleep 9999", new=old)
        for instead in ("/nonesuch", "/nonesuch, cpus: 1"):
            s.run("apply", "--yes", expect=1)
            after.append([c for c in read_state(engine).containers.values() if s.project in c["Name"]])
            s.edit(old=old, new=instead)
            old = instead
        yield Failures(before, after, actions_of(s.plan().last.json()))
    finally:
        s.clean()


def test_trap_76_a_failed_replacement_leaves_nothing_behind(failures: Failures) -> None:
    """Neither the half-made container nor a name that grows with each try, and the next plan is the same again.

    docker/compose#4834, #3415, #13391, #1573, #10460, #6704
    """
    assert [[c["Name"] for c in standing] for standing in failures.after] == [["/failures-web"]] * 2
    assert failures.planned == {"container.web": "replace"}


@trap(
    base=Forms(changed="environment: {A: 1}"),
    dependant=Forms("depends_on: [base]", again="depends_on: {base: {condition: service_started}}"),
    independent=Forms(changed="depends_on: [base]"),
)
def test_trap_77_what_a_container_depends_on_is_no_part_of_it(found: Found, mended: Mended) -> None:
    """Neither the dependence itself nor what becomes of the other one makes the dependant anew.

    docker/compose#10308, #6589, #3397, #5636, #1397
    """
    found.changes(base={"environment.A": (None, "1")})
    assert mended.kept("dependant") and mended.kept("independent") and not mended.kept("base")


@trap(
    owner=Forms(STAYS),
    sharer=Forms(f"{STAYS}, network_mode: 'service:owner'"),
    by_hand=["docker restart -t 0 traps-owner"],
)
def test_trap_78_who_shares_a_namespace_is_started_after_its_owner_was(found: Found, mended: Mended) -> None:
    """The owner's restart, by whomever, ends the namespace; who shares it runs on without a network until restarted.

    docker/compose#6626, #10263, #10284; containrrr/watchtower#1286
    """
    found.changes()
    assert (found.action("owner"), found.action("sharer")) == ("none", "update")
    assert mended.kept("sharer")
    owner, sharer = (mended.after[f"container.{key}"]["State"]["StartedAt"] for key in ("owner", "sharer"))
    assert sharer > owner
    assert mended.before["container.sharer"]["State"]["StartedAt"] < owner


@trap(
    networks={"naming": Forms()},
    aliased=Forms(
        f"{STAYS}, networks: {{naming: {{aliases: [db]}}}}",
        changed=f"{STAYS}, networks: {{naming: {{aliases: [db]}}}}, environment: {{A: 1}}",
    ),
)
def test_trap_79_aliases_are_declared_anew_and_not_copied(found: Found, mended: Mended) -> None:
    """The replacement has the declared aliases and its own short id, where the engine adds one, never the old one's.

    containrrr/watchtower#521, #1699, #1723, #1724
    """
    found.changes(aliased={"environment.A": (None, "1")})
    now = mended.after["container.aliased"]
    assert not mended.kept("aliased")
    aliases = now["NetworkSettings"]["Networks"]["traps_naming"]["Aliases"]
    assert sorted({*aliases} - {now["Id"][:12]}) == ["aliased", "db"]


def test_trap_80_the_old_container_stays_until_the_new_one_stands(failures: Failures) -> None:
    """What the engine refuses to create stops nothing; what can't start gives way to the old one, which runs again.

    containrrr/watchtower#832
    """
    refused, unstarted = (standing[0] for standing in failures.after)
    assert refused["Id"] == failures.before["Id"]
    assert refused["State"]["StartedAt"] == failures.before["State"]["StartedAt"]
    assert (unstarted["Id"], unstarted["State"]["Status"]) == (failures.before["Id"], "running")


@trap(first=[_neighbours], kept=Forms())
def test_trap_81_what_is_ours_is_told_by_its_labels_and_never_by_its_name(found: Found) -> None:
    """Names that begin as ours do mean nothing. A second manifest of one project is the project's next state: what it
    leaves out is shown as removed, and why, before anything is done.

    docker/compose#3573, #12288, #3490
    """
    found.changes()
    s = found.seen.scenario
    for plan in (found.seen.after_apply, found.seen.in_other_words, found.seen.changed):
        assert not [c for c in plan["changes"] if c["action"] == "remove"]
    s.write("second.yaml", 'apiVersion: dockerdecl/v1\nproject: traps\ncontainers: {new: {image: "busybox:1"}}\n')
    s.plan(args=["-f", "second.yaml"])
    removed = {c["address"]: c["code"] for c in s.last.json()["changes"] if c["action"] == "remove"}
    assert removed["container.kept"] == removed["network.naming"] == "not-declared"
    assert not {"container.web", "container.bare"} & removed.keys()


@trap(
    watched=Forms("environment: {A: 1}, mem_limit: 64m, labels: {x: y}"),
    relabelled=Forms("environment: {A: 1}"),
    by_hand=[_updated, _labelled],
)
def test_trap_82_a_container_that_an_updater_made_again_is_what_it_holds(found: Found) -> None:
    """Another id under the same address means nothing where all is as declared; a label that nobody declared is one
    field, by its name.

    getarcaneapp/arcane#2183
    """
    found.changes(relabelled={"labels.com.docker.compose.image": ("sha256:1", None)})


@trap(
    halted=Forms(STAYS),
    held=Forms(STAYS),
    job=Forms("command: 'true', state: completed"),
    resting=Forms("state: stopped"),
    by_hand=[
        "docker kill traps-halted",
        "docker pause traps-held",
        "docker start traps-resting",
        "docker wait traps-resting",
    ],
)
def test_trap_83_what_stopped_is_started_and_what_completed_is_left(found: Found, mended: Mended) -> None:
    """A container that was killed or paused goes on as it is, and a one-shot that exited with 0 is done.

    hashicorp/terraform-provider-docker#211
    """
    found.changes()
    assert [found.action(key) for key in ("halted", "held", "job")] == ["start", "start", "none"]
    assert mended.kept("halted") and mended.kept("held") and mended.kept("job")
    assert mended.after["container.job"]["State"] == mended.before["container.job"]["State"]
