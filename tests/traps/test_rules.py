"""The ten rules that follow from the traps, as properties; no engine runs.

Two of them were properties before they were rules: see `HELD_ELSEWHERE`.
"""

from __future__ import annotations

import importlib
import os
import random
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dockerdecl.errors import DockerdeclError
from dockerdecl.planning.compare import DROPPED, claims, differences
from dockerdecl.planning.document import plan_document, plan_lines
from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.values import Action, Plan
from dockerdecl.planning.verbs import CreateContainer
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.container.lenses.mounts import is_anonymous
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.ownership import ADDRESS, CARRIED, CLAIMS, PREFIX
from dockerdecl.resources.rows import Context, Raw, Row, rows
from dockerdecl.resources.spec import newer_fields
from tests.support.declared import images, releases, shown
from tests.support.field_values import FIELDS, Values
from tests.support.manifests import desired
from tests.support.random_manifests import Manifest, drift, drifts, pairs
from tests.support.read_back import Release
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_run import Run
from tests.support.simulated_things import hexadecimal

HELD_ELSEWHERE: Mapping[int, tuple[str, ...]] = {
    1: (
        "tests.engine.test_lens_law:test_a_field_reads_back_as_declared",
        "tests.engine.test_lens_law:test_fields_read_back_together",
        "tests.scenarios.test_random_manifests:test_any_manifest_follows_any_other",
        "tests.unit.planning.test_properties:test_applying_a_plan_in_any_order_leaves_nothing_to_do",
    ),
    10: (
        "tests.unit.planning.test_properties:test_a_plan_that_was_killed_is_finished_by_the_next",
        "tests.unit.planning.test_properties:test_a_plan_that_was_killed_can_be_undone_by_the_former_manifest",
        "tests.unit.planning.test_properties:test_what_fails_is_put_back_and_the_next_plan_finishes",
    ),
}
WANTED = os.environ.get("DOCKERDECL_TEST_EXAMPLES")
many = settings(
    max_examples=int(WANTED or "30"),
    derandomize=not WANTED,
    database=None,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)
some = settings(many, max_examples=int(WANTED or "15"))

ROWS = {row.name: row for row in rows(Container)}
FROM_DAEMON = sorted(name for name, row in ROWS.items() if row.from_daemon)
MAY_BE_DROPPED = sorted(name for name, row in ROWS.items() if row.may_be_dropped)
ALONE = {"network_mode": "bridge"}
two_releases = st.sampled_from((Release("20.10"), Release("26.1")))


def test_every_rule_is_held() -> None:
    here = {int(found[1]) for name in globals() if (found := re.match(r"test_rule_(\d+)_", name))}
    assert here | HELD_ELSEWHERE.keys() == set(range(1, 11))
    for places in HELD_ELSEWHERE.values():
        for place in places:
            module, _, name = place.partition(":")
            assert callable(getattr(importlib.import_module(module), name)), place


def spec_of(values: Values) -> Container:
    spec = Container.model_validate({**({} if "networks" in values else ALONE), **values})
    sources = tuple(text.removeprefix("container:") for text in spec.volumes_from or ())
    return spec.model_copy(update={"volumes_from": sources or None})


def known(spec: Container, release: Release) -> Container:
    """The spec, where the release is not too old for it."""
    assume(not list(newer_fields(spec, release.api_version)))
    return spec


def effective(row: Row, spec: Container, context: Context) -> Any:
    return row.lens.effective(getattr(spec, row.name), spec, context)


def differing(spec: Container, live: Raw, context: Context, claimed: str) -> set[str]:
    found = differences(spec, live, context, {CLAIMS: claimed})
    return {change.path[0] for change in found if change.forces != DROPPED}


# 2. Absent is the image's, else no claim; taking a claim away is a difference only if the effective value changes.


@many
@given(
    field=st.sampled_from(sorted(FIELDS)),
    beside=st.lists(st.sampled_from(sorted(FIELDS)), max_size=3, unique=True),
    data=st.data(),
    image=images,
    release=releases,
)
def test_rule_02_what_is_taken_away_is_seen_where_it_meant_something_and_nowhere_else(
    field: str, beside: list[str], data: st.DataObject, image: Raw, release: Release
) -> None:
    taken = data.draw(FIELDS[field])
    rest = {word: value for other in beside for word, value in data.draw(FIELDS[other]).items() if word not in taken}
    assume(not {"network_mode", "links"} & {*taken, *rest} or "networks" not in {*taken, *rest})
    assume(("networks" in taken) <= ("networks" in rest))
    spec, without = known(spec_of({**rest, **taken}), release), spec_of(rest)
    live, context = shown(spec, image, release)
    changed = {name for name, row in ROWS.items() if effective(row, spec, context) != effective(row, without, context)}
    never_claimed = {name for name in FROM_DAEMON if effective(ROWS[name], spec, context) in (None, {})}
    found = differing(without, live, context, claims(spec))
    assert found == changed - {name for name in never_claimed if getattr(without, name) is None}


# 3. Of what the user, the image and the daemon supply, only the first is compared as ours.


@many
@given(field=st.sampled_from(FROM_DAEMON), data=st.data(), image=images, release=releases)
def test_rule_03_what_a_daemon_supplied_is_nobodys(
    field: str, data: st.DataObject, image: Raw, release: Release
) -> None:
    supplied = known(spec_of(data.draw(FIELDS[field])), release)
    live, context = shown(supplied, image, release)
    ours = supplied.model_copy(update={field: None})
    assert differing(ours, live, context, claims(ours)) == set()


# 4. What an engine did not take is told as such, and never planned for ever.


@many
@given(field=st.sampled_from(MAY_BE_DROPPED), data=st.data(), release=releases)
def test_rule_04_what_was_not_taken_is_told_until_something_else_is_asked_for(
    field: str, data: st.DataObject, release: Release
) -> None:
    asked, other = (spec_of(data.draw(FIELDS[field])) for _ in range(2))
    live, context = shown(spec_of({}), {}, release)
    wanted = [effective(ROWS[field], spec, context) for spec in (asked, other)]
    assume(wanted[0])
    told = differences(asked, live, context, {CLAIMS: claims(asked)})
    assert {(change.path[0], change.forces) for change in told} == {(field, DROPPED)}
    assert bool(differing(other, live, context, claims(asked))) == bool(wanted[1] and wanted[1] != wanted[0])


# 5. Sets as sets, maps as maps, ordered lists as lists; quantities, addresses and paths parsed on both sides.


def shuffled(value: Any, chance: random.Random) -> Any:
    return chance.sample(value, len(value)) if isinstance(value, list) else value


def as_list_or_map(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        return [name if text is None else f"{name}={text}" for name, text in value.items()]
    return dict(item.partition("=")[::2] for item in value) if isinstance(value, list) else value


def other_case(value: Any, chance: random.Random) -> Any:
    names = (name.upper().removeprefix("CAP_") for name in shuffled([*value, *value[:1]], chance))
    return [
        name if name == "ALL" else chance.choice((name.lower(), f"CAP_{name}", f"cap_{name.lower()}")) for name in names
    ]


def in_bytes(value: Any, chance: random.Random) -> Any:
    return Container.model_validate({"mem_limit": value}).mem_limit


def in_nanoseconds(value: Any, chance: random.Random) -> Any:
    return f"{Container.model_validate({'stop_grace_period': value}).stop_grace_period}ns"


def words(value: Any, chance: random.Random) -> Any:
    return shlex.join(value) if isinstance(value, list) else shlex.split(value)


def alone_or_listed(value: Any, chance: random.Random) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


OTHER_WORDS: Mapping[str, Callable[[Any, random.Random], Any]] = {
    **dict.fromkeys(("environment", "labels", "sysctls"), as_list_or_map),
    **dict.fromkeys(("cap_add", "cap_drop"), other_case),
    **dict.fromkeys(("ports", "expose", "group_add", "security_opt", "devices", "volumes"), shuffled),
    **dict.fromkeys(("extra_hosts", "device_cgroup_rules"), shuffled),
    **dict.fromkeys(("mem_limit", "mem_reservation", "shm_size", "memswap_limit"), in_bytes),
    **dict.fromkeys(("dns", "dns_search", "dns_opt"), alone_or_listed),
    **dict.fromkeys(("command", "entrypoint"), words),
    "stop_grace_period": in_nanoseconds,
    "cpus": lambda value, _: f"{value}000" if "." in str(value) else f"{value}.0",
    "mac_address": lambda value, _: value.lower().replace("-", ":"),
    "working_dir": lambda value, _: f"{value}/./x/..",
}
ORDERED = ("dns", "dns_search", "dns_opt", "command")


@many
@given(
    field=st.sampled_from(sorted(OTHER_WORDS)), data=st.data(), image=images, release=releases, seed=st.integers(0, 99)
)
def test_rule_05_another_notation_is_no_difference(
    field: str, data: st.DataObject, image: Raw, release: Release, seed: int
) -> None:
    values = data.draw(FIELDS[field])
    spec = known(spec_of(values), release)
    live, context = shown(spec, image, release)
    reworded = spec_of({**values, field: OTHER_WORDS[field](values[field], random.Random(seed))})
    assert differing(reworded, live, context, claims(spec)) == set()


@many
@given(field=st.sampled_from(ORDERED), data=st.data(), image=images, release=releases)
def test_rule_05_another_order_of_what_is_ordered_is_a_difference(
    field: str, data: st.DataObject, image: Raw, release: Release
) -> None:
    spec = known(spec_of(data.draw(FIELDS[field])), release)
    live, context = shown(spec, image, release)
    reversed_ = spec.model_copy(update={field: getattr(spec, field)[::-1]})
    ordered = getattr(spec, field) != getattr(reversed_, field)
    assert differing(reversed_, live, context, claims(spec)) == ({field} if ordered else set())


# 6. Names are resolved to ids on both sides.


def applied(manifest: Manifest, release: Release) -> SimulatedEngine:
    engine = SimulatedEngine(release)
    assert Run(engine, make_plan(desired(manifest), engine.actual())).go().whole
    return engine


def planned(manifest: Manifest, actual: Actual) -> Plan:
    try:
        return make_plan(desired(manifest), actual)
    except DockerdeclError as error:  # a volume that differs is for its owner to decide
        assert {problem.code for problem in error.problems} == {"volume-differs"}
        assume(False)
        raise


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


@pytest.mark.parametrize("field", FROM_DAEMON)
def test_every_field_that_a_daemon_supplies_has_values(field: str) -> None:
    assert field in FIELDS
