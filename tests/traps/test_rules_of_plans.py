"""Rules 6 to 9 that follow from the traps, each a property of whole plans, on simulated engines.

More examples, and others: DOCKERDECL_TEST_EXAMPLES=200.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dockerdecl.planning.document import plan_document, plan_lines
from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.values import Action, Plan
from dockerdecl.planning.verbs import CreateContainer
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.container.lenses.mounts import is_anonymous
from dockerdecl.resources.ownership import ADDRESS, CARRIED, CLAIMS, PREFIX
from dockerdecl.resources.rows import Raw
from tests.support.field_values import FIELDS
from tests.support.manifests import desired
from tests.support.random_manifests import Manifest, drift, drifts, pairs
from tests.support.read_back import Release
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_run import Run
from tests.support.simulated_things import hexadecimal

WANTED = os.environ.get("DOCKERDECL_TEST_EXAMPLES")
many = settings(
    max_examples=int(WANTED or "30"),
    derandomize=not WANTED,
    database=None,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)
some = settings(many, max_examples=int(WANTED or "15"))
two_releases = st.sampled_from((Release("20.10"), Release("26.1")))


# 6. Names are resolved to ids on both sides.


def applied(manifest: Manifest, release: Release) -> SimulatedEngine:
    engine = SimulatedEngine(release)
    assert Run(engine, make_plan(desired(manifest), engine.actual())).go().whole
    return engine


def planned(manifest: Manifest, actual: Actual) -> Plan:
    plan = make_plan(desired(manifest), actual)
    assume(not plan.blocked)  # a volume that differs is for its owner to decide
    return plan


def with_sharer(manifest: Manifest) -> Manifest:
    """The manifest with two containers more, one in the other's network."""
    own: Manifest = {"eel": {"image": "app"}, "fox": {"image": "app", "network_mode": "service:eel"}}
    return {**manifest, "containers": {**manifest["containers"], **own}}


def with_other_ids(value: Any, ids: Iterable[str]) -> Any:
    """Everything in it with other ids, each the same wherever it stands, shortened ones too."""
    match value:
        case str():
            for one in ids:
                other = hexadecimal(f"other {one}")
                value = value.replace(one, other).replace(one[:12], other[:12])
            return value
        case dict():
            return {with_other_ids(key, ids): with_other_ids(item, ids) for key, item in value.items()}
        case list() | tuple():
            return type(value)(with_other_ids(item, ids) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: with_other_ids(getattr(value, field.name), ids) for field in fields(value)}
        )
    return value


@some
@given(pairs(), two_releases, drifts)
def test_rule_06_a_plan_is_the_same_whatever_ids_the_engine_gave(
    both: tuple[Manifest, Manifest], release: Release, drifted: list[tuple[str, int]]
) -> None:
    former, manifest = map(with_sharer, both)
    engine = applied(former, release)
    drift(engine, drifted)
    ids = [*engine.containers, *engine.networks]
    plan, other = planned(manifest, engine.actual()), planned(manifest, with_other_ids(engine.actual(), ids))
    assert plan_document(other) == with_other_ids(plan_document(plan), ids)
    assert plan_lines(other) == with_other_ids(plan_lines(plan), ids)


@some
@given(pairs(), two_releases, st.integers(0, 7))
def test_rule_06_an_id_that_is_gone_is_told_of_those_who_hold_it(
    both: tuple[Manifest, Manifest], release: Release, position: int
) -> None:
    manifest = with_sharer(both[1])
    engine = applied(manifest, release)
    ids = [engine.container("shop-eel").id, *engine.networks, *engine.containers]
    holders = made_anew(engine, ids[position % len(ids)])
    plan = planned(manifest, engine.actual())
    told = {str(change.address): {field.path[0] for field in change.fields} for change in plan.changes if change.fields}
    assert told.keys() == holders
    assert {word for words in told.values() for word in words} <= {"network_mode", "networks", "links"}


def made_anew(engine: SimulatedEngine, old: str) -> set[str]:
    """Put a thing in its own place under another id; gives the addresses of those who hold the old one."""
    new = hexadecimal(f"other {old}")
    if old in engine.networks:
        engine.networks[new] = {**engine.networks.pop(old), "Id": new}
    else:
        found = engine.containers.pop(old)
        config, endpoints = with_other_ids((found.config, found.endpoints), [old])
        engine.containers[new] = replace(found, id=new, config=config, endpoints=endpoints)
        engine.last_names[old] = found.name
    held = f"container:{old}"
    return {
        container.config["Labels"][ADDRESS]
        for container in engine.containers.values()
        if held == container.host["NetworkMode"]
        or old in {*(e["NetworkID"] for e in container.endpoints.values()), *(target for target, _ in container.links)}
    }


# 7. What was asked for is read, not what came of it: a stopped container is configured as a running one.


@some
@given(pairs(), two_releases, st.sets(st.integers(0, 7)))
def test_rule_07_a_stopped_container_is_configured_as_it_was(
    both: tuple[Manifest, Manifest], release: Release, stopped: set[int]
) -> None:
    _, manifest = both
    engine = applied(manifest, release)
    for number, container in enumerate(list(engine.containers.values())):
        if number in stopped:
            engine.stop(container.id)
    plan = planned(manifest, engine.actual())
    assert {change.action for change in plan.changes} <= {Action.NONE, Action.START, Action.UPDATE}
    assert [field for change in plan.changes for field in change.fields] == []


@some
@given(pairs(), two_releases, st.integers(1, 250))
def test_rule_07_what_the_engine_chooses_at_a_start_is_no_difference(
    both: tuple[Manifest, Manifest], release: Release, number: int
) -> None:
    _, manifest = both
    actual = applied(manifest, release).actual()
    restarted = replace(
        actual, containers=tuple(replace(live, raw=_restarted(live.raw, number)) for live in actual.containers)
    )
    assert make_plan(desired(manifest), restarted).empty


def _restarted(raw: Raw, number: int) -> Raw:
    chosen = {
        "IPAddress": f"172.21.9.{number}",
        "MacAddress": f"02:42:ac:15:09:{number:02x}",
        "EndpointID": hexadecimal(f"endpoint {number}"),
        "DNSNames": [raw["Name"].lstrip("/"), raw["Id"][:12]],
    }
    networks = {name: {**held, **chosen} for name, held in raw["NetworkSettings"]["Networks"].items()}
    ports = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(32768 + number)}]}
    settings_ = {"Networks": networks, "Ports": ports, "SandboxKey": f"/var/run/docker/netns/{number}"}
    state = {**raw["State"], "Pid": number, "StartedAt": f"2026-02-01T00:00:00.{number:09d}Z"}
    return {**raw, "State": state, "NetworkSettings": settings_, "LogPath": "/x", "ResolvConfPath": "/y"}


# 8. A container is built from its declaration alone, whatever stands there.


@some
@given(pairs(), two_releases, drifts)
def test_rule_08_a_successor_is_asked_for_in_the_words_of_a_first_one(
    both: tuple[Manifest, Manifest], release: Release, drifted: list[tuple[str, int]]
) -> None:
    former, manifest = both
    engine = applied(former, release)
    drift(engine, drifted)
    first = requests(planned(manifest, SimulatedEngine(release).actual()))
    for address, body in requests(planned(manifest, engine.actual())).items():
        assert body == first[address]


def requests(plan: Plan) -> dict[str, Raw]:
    """What containers are created from; the data that goes over, in anonymous volumes, is no configuration."""
    bodies = {step.address: step.payload.body for step in plan.steps if isinstance(step.payload, CreateContainer)}
    return {address: _without_carried(body) for address, body in bodies.items()}


def _without_carried(body: Raw) -> Raw:
    host = body.get("HostConfig") or {}
    mounts = [mount for mount in host.get("Mounts") or () if mount["Type"] != "volume" or not _anonymous(mount)]
    labels = {name: text for name, text in body["Labels"].items() if name != CARRIED}
    return {**body, "Labels": labels, "HostConfig": {**host, "Mounts": mounts}}


def _anonymous(mount: Raw) -> bool:
    return not mount.get("Source") or is_anonymous(mount["Source"])


# 9. No hash of a declaration, and no identity from labels that others write.


@many
@given(field=st.sampled_from(sorted(FIELDS.keys() - {"networks", "links", "volumes", "volumes_from"})), data=st.data())
def test_rule_09_no_label_follows_from_what_a_container_is(field: str, data: st.DataObject) -> None:
    values = data.draw(FIELDS[field])
    assume(not any(str(value).startswith("container:") or "lens-" in str(value) for value in values.values()))
    engine = SimulatedEngine(Release("26.1"))
    bodies = [
        requests(planned({"containers": {"a": {"image": "app:1", **one}}}, engine.actual()))["container.a"]
        for one in (values, {"network_mode": values["network_mode"]} if "network_mode" in values else {})
    ]
    ours, bare = (
        {name: text for name, text in body["Labels"].items() if name.startswith(PREFIX) and name != CLAIMS}
        for body in bodies
    )
    assert ours == bare


@some
@given(pairs(), two_releases, drifts)
def test_rule_09_what_others_label_as_ours_is_not(
    both: tuple[Manifest, Manifest], release: Release, drifted: list[tuple[str, int]]
) -> None:
    former, manifest = both
    engine = applied(former, release)
    drift(engine, drifted)
    before = planned(manifest, engine.actual())
    engine.add_image("sha256:" + hexadecimal("theirs"), "theirs:1", {})
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "ant", "project": "shop"}
    engine.start(engine.create("shop-of-theirs", {"Image": "theirs:1", "Labels": labels}))
    assert plan_document(planned(manifest, engine.actual())) == plan_document(before)
