"""Reading back, without an engine: what engines were seen to show (tests/cases/lenses), and the lens law in memory.

tests/engine/test_lens_law.py holds the law on real engines, with the same values.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dockerdecl.planning.compare import DROPPED, claims, differences
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.network.spec import Network
from dockerdecl.resources.ownership import CLAIMS
from dockerdecl.resources.rows import Context, Raw, rows
from dockerdecl.resources.rows import Row as FieldRow
from dockerdecl.resources.spec import Spec, newer_fields, write
from dockerdecl.resources.volume.spec import Volume
from tests.support import read_back
from tests.support.declared import IMAGE, OTHER, images, releases, shown
from tests.support.field_values import FIELDS, Values
from tests.support.planning_cases import patched
from tests.support.read_back import API_VERSIONS, Release

FOLDER = Path(__file__).parents[2] / "cases" / "lenses"
MODELS: dict[str, type[Spec]] = {"container": Container, "network": Network, "volume": Volume}

Row = dict[str, Any]


def load(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


BARE = load("bare")
TABLES: dict[str, list[Row]] = {kind: load(kind) for kind in MODELS}
# `shows` keeps what a bare one has where it says nothing; a container's id is written as ID.
EACH = [
    pytest.param(kind, row, version, id=f"{kind}-{number}-{version}")
    for kind, table in TABLES.items()
    for number, row in enumerate(table, start=1)
    for version in row.get("engines", API_VERSIONS)
]
each_row = pytest.mark.parametrize(("kind", "row", "version"), EACH)


def bare(kind: str, version: str) -> Raw:
    match kind:
        case "network":
            return read_back.network({"Name": "n"}, "1" * 64, "172.21.0.0/16", Release(version))
        case "volume":
            return read_back.volume({"Name": "v"})
    found: Raw = BARE[version]
    return found


def live(kind: str, row: Row, version: str) -> Raw:
    shows = yaml.safe_load(yaml.safe_dump(row["shows"]).replace("container:ID", f"container:{OTHER}"))
    found: Raw = patched(bare(kind, version), shows)
    return found


def spec_of(kind: str, declared: Row) -> Spec:
    """A spec as it is after names were resolved; a container that names no network is on the default bridge."""
    somewhere = {"network_mode": "bridge"} if kind == "container" and "networks" not in declared else {}
    return MODELS[kind].model_validate({**somewhere, **declared})


def context(row: Row, version: str) -> Context:
    return Context(row.get("image", IMAGE), {OTHER: "vf"}, API_VERSIONS[version])


@each_row
def test_what_an_engine_shows_is_what_was_declared(kind: str, row: Row, version: str) -> None:
    spec = spec_of(kind, row["declared"])
    assert differences(spec, live(kind, row, version), context(row, version), {CLAIMS: claims(spec)}) == ()


@each_row
def test_what_an_engine_shows_is_seen_when_it_is_taken_out_of_the_manifest(kind: str, row: Row, version: str) -> None:
    spec = spec_of(kind, row["declared"])
    nothing = spec_of(kind, {"networks": {}} if "networks" in row["declared"] else {})
    found = differences(nothing, live(kind, row, version), context(row, version), {CLAIMS: claims(spec)})
    assert bool(found) != bool(row.get("means_nothing")), found


@pytest.mark.parametrize("kind", MODELS)
def test_every_field_is_in_the_tables(kind: str) -> None:
    shown = {field for row in TABLES[kind] for field in row["declared"]}
    assert {row.name for row in rows(MODELS[kind])} - shown == set()


WANTED = os.environ.get("DOCKERDECL_TEST_EXAMPLES")
quick = settings(
    max_examples=int(WANTED or "30"),
    derandomize=not WANTED,
    database=None,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)


@quick
@given(
    chosen=st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=6, unique=True),
    data=st.data(),
    image=images,
    release=releases,
)
def test_a_container_reads_back_as_declared(
    chosen: list[str], data: st.DataObject, image: Raw, release: Release
) -> None:
    values: Values = {}
    for field in chosen:
        values = {**data.draw(FIELDS[field]), **values}
    assume(not {"network_mode", "links"} & values.keys() or "networks" not in values)
    somewhere = {} if "networks" in values else {"network_mode": "bridge"}
    spec = Container.model_validate({**somewhere, **values})
    sources = tuple(text.removeprefix("container:") for text in spec.volumes_from or ())
    spec = spec.model_copy(update={"volumes_from": sources or None})
    assume(not list(newer_fields(spec, release.api_version)))
    inspection, seen = shown(spec, image, release)
    found = differences(spec, inspection, seen, {CLAIMS: claims(spec)})
    assert [change for change in found if change.forces != DROPPED] == []


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
names = st.from_regex(r"[a-z][a-z0-9.-]{0,8}", fullmatch=True)
maps = st.dictionaries(names, texts, max_size=3)
flags = st.sampled_from((True, "true", False, "false"))


@st.composite
def pools(draw: st.DrawFn) -> Row:
    """A pool that an engine would take; addresses in any spelling."""
    if draw(st.booleans()):
        return {"subnet": draw(st.sampled_from(("fd00:0AAA::/64", "fd00:bb::/48")))}
    subnet = ipaddress.ip_network(f"10.{draw(st.integers(0, 255))}.0.0/24")
    hosts = st.integers(1, 254).map(lambda n: str(subnet[n]))
    optional = {
        "gateway": hosts,
        "ip_range": st.just(str(subnet[128]) + "/25"),
        "aux_addresses": st.dictionaries(names, hosts, max_size=2),
    }
    return {"subnet": str(subnet), **draw(st.fixed_dictionaries({}, optional=optional))}


NETWORK_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "driver": st.sampled_from(("bridge", "macvlan")),
    "driver_opts": maps,
    "ipam": st.fixed_dictionaries(
        {},
        optional={
            "driver": st.sampled_from(("default", "other")),
            "config": st.lists(pools(), max_size=2, unique_by=lambda pool: ":" in pool["subnet"]),
            "options": maps,
        },
    ),
    "internal": flags,
    "attachable": flags,
    "enable_ipv6": flags,
    "enable_ipv4": st.just(True),
    "labels": maps,
}
VOLUME_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "driver": st.sampled_from(("local", "nfs")),
    "driver_opts": maps,
    "labels": maps,
}


def test_every_field_of_networks_and_volumes_has_values() -> None:
    assert {row.name for row in rows(Network)} == NETWORK_FIELDS.keys()
    assert {row.name for row in rows(Volume)} == VOLUME_FIELDS.keys()


@quick
@given(values=st.fixed_dictionaries({}, optional=NETWORK_FIELDS), release=releases)
def test_a_network_reads_back_as_declared(values: Values, release: Release) -> None:
    spec, seen = Network.model_validate(values), Context(api_version=release.api_version)
    inspection = read_back.network({"Name": "n", **write(spec, seen)}, "1" * 64, "172.21.0.0/16", release)
    assert differences(spec, inspection, seen, {CLAIMS: claims(spec)}) == ()


@quick
@given(values=st.fixed_dictionaries({}, optional=VOLUME_FIELDS))
def test_a_volume_reads_back_as_declared(values: Values) -> None:
    spec, seen = Volume.model_validate(values), Context()
    assert differences(spec, read_back.volume({"Name": "v", **write(spec, seen)}), seen, {}) == ()


@pytest.mark.parametrize("row", [row for row in rows(Container) if row.only], ids=lambda row: row.name)
def test_what_only_the_manifest_fills_is_nothing_where_it_is_nowhere(row: FieldRow) -> None:
    image = {"Env": ["A=b"], "Labels": {"a": "b"}, "Volumes": {"/data": {}}, "User": "me", "Cmd": ["serve"]}
    for context in (Context(), Context(image=image, api_version="1.45", limits_swap=False)):
        nothing = row.lens.effective(None, Container(), context)
        assert row.only is not None
        empties: tuple[Any, ...] = (None, row.only.zero, 0 if row.name == "pids_limit" else [])
        for empty in empties:
            live: Raw = {"HostConfig": {}, "Config": {}}
            (live[row.only.section] if row.only.section else live)[row.only.key] = empty
            assert row.lens.read(live, context) == nothing
