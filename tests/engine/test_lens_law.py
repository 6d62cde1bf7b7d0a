"""The lens law on real engines: `read(inspect(create(write(value)))) == effective(value, image)`, for every field."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from dockerdecl.engine.connection import connect
from dockerdecl.planning.compare import DROPPED, claims, differences
from dockerdecl.resources import podman
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.ownership import CLAIMS
from dockerdecl.resources.rows import Context, rows
from dockerdecl.resources.spec import newer_fields, write
from tests.support.engine_api import EngineRefusedError
from tests.support.engines import PrivateEngine
from tests.support.field_values import FIELDS, Values
from tests.support.images import import_busybox

IMAGES = {
    "lens-bare:1": ('CMD ["sleep", "99"]',),
    "lens-full:1": (
        'ENTRYPOINT ["/bin/sh", "-c"]',
        'CMD ["sleep 99"]',
        "ENV FROM_IMAGE=1",
        "ENV PATH=/bin",
        "EXPOSE 80",
        "EXPOSE 53/udp",
        "VOLUME /image-data",
        "LABEL from.image=yes",
        'HEALTHCHECK --interval=7s --retries=2 CMD ["true"]',
        "USER 1000",
        "WORKDIR /srv",
    ),
}
EXAMPLES = int(os.environ.get("DOCKERDECL_TEST_EXAMPLES", "6"))

_quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
    database=None,
)


@pytest.fixture(scope="module")
def prepared(engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """An engine with the images, the network and the container that values refer to."""
    with connect(engine.host, None, {}) as connection:
        left_out = "HEALTHCHECK" if connection.product == podman.PODMAN else "nothing"
    for reference, changes in IMAGES.items():
        import_busybox(engine, reference, [line for line in changes if not line.startswith(left_out)])
    network = {"Name": "lens-net", "CheckDuplicate": True, "IPAM": {"Config": [{"Subnet": "10.99.0.0/24"}]}}
    engine.api("POST", "/networks/create", body=network)
    target = {"Image": "lens-bare:1", "HostConfig": {"IpcMode": "shareable"}}
    engine.api("POST", "/containers/create", query={"name": "lens-target"}, body=target)
    yield engine
    engine.api("DELETE", "/containers/lens-target", query={"force": "true", "v": "true"})
    engine.api("DELETE", "/networks/lens-net")
    engine.api("DELETE", "/volumes/lens-data", query={"force": "true"})


def made(engine: PrivateEngine, spec: Container, image: str) -> tuple[Any, Context]:
    """The inspection of a container made from a spec, never started, and what reading it needs to know."""
    config = engine.api("GET", f"/images/{image}/json")["Config"]
    names = {
        raw["Id"]: raw["Names"][0].lstrip("/") for raw in engine.api("GET", "/containers/json", query={"all": "true"})
    }
    with connect(engine.host, None, {}) as connection:
        context = Context(config, names, connection.api_version, product=connection.product)
    raw = write(spec, context)
    body = {**raw.pop("Config", {}), "Image": image, **raw}
    version = f"/v{context.api_version}"
    created = engine.api("POST", f"{version}/containers/create", body=body)["Id"]
    try:
        found = engine.api("GET", f"{version}/containers/{created}/json")
        return podman.as_docker(found) if context.product == podman.PODMAN else found, context
    finally:
        engine.api("DELETE", f"/containers/{created}", query={"force": "true", "v": "true"})


def resolved(values: Values, image: str) -> Container:
    """A spec with names as the engine has them; what values name is made by the fixture under its own name."""
    somewhere = {} if "networks" in values else {"network_mode": "bridge"}
    spec = Container.model_validate({"image": image, **somewhere, **values})
    sources = tuple(text.removeprefix("container:") for text in spec.volumes_from or ())
    return spec.model_copy(update={"volumes_from": sources or None})


def test_every_field_has_values() -> None:
    "what only Windows has can't be tried on these engines"
    assert {row.name for row in rows(Container) if row.only_on is None} == FIELDS.keys()


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_field_reads_back_as_declared(prepared: PrivateEngine, field: str) -> None:
    """A container made from a value must not differ from it; taken out of the manifest, it must be seen.

    What the engine is too old for must be known before.
    """
    needed = next(row.since for row in rows(Container) if row.name == field)
    with connect(prepared.host, None, {}) as connection:
        spoken, product = connection.api_version, connection.product
    if field in _NOT_ON_CGROUP_2 and prepared.api("GET", "/info").get("CgroupVersion") == "2":
        pytest.skip("cgroup v2 has no real-time limits: the engine refuses them")
    if field == "links" and product == podman.PODMAN:
        pytest.skip("Podman refuses them")

    @_quick
    @given(values=FIELDS[field], image=st.sampled_from(sorted(IMAGES)))
    def holds(values: Values, image: str) -> None:
        spec = resolved(values, image)
        if needed and not Context(api_version=spoken).speaks(needed):
            assert [path for path, _ in newer_fields(spec, spoken)] == [(field,)]
            return
        live, context = _made_or_assumed(prepared, spec, image)
        labels = {CLAIMS: claims(spec)}
        assert [found for found in differences(spec, live, context, labels) if found.forces != DROPPED] == []
        _taken_out_is_seen(spec, field, live, context, labels)

    holds()


_NOT_ON_CGROUP_2 = frozenset({"cpu_rt_period", "cpu_rt_runtime"})


def test_fields_read_back_together(prepared: PrivateEngine) -> None:
    """Fields must not change what the others read back."""

    @settings(_quick, max_examples=EXAMPLES * 8)
    @given(
        chosen=st.lists(st.sampled_from(sorted(FIELDS)), min_size=3, max_size=8, unique=True),
        data=st.data(),
        image=st.sampled_from(sorted(IMAGES)),
    )
    def hold(chosen: list[str], data: st.DataObject, image: str) -> None:
        values: Values = {}
        for field in chosen:
            values = {**data.draw(FIELDS[field]), **values}
        spec = resolved(values, image)
        live, context = _made_or_assumed(prepared, spec, image)
        found = differences(spec, live, context, {CLAIMS: claims(spec)})
        assert [change for change in found if change.forces != DROPPED] == []

    hold()


def _made_or_assumed(engine: PrivateEngine, spec: Container, image: str) -> tuple[Any, Context]:
    "a combination that the engine refuses, or is too old for, says nothing about reading back"
    try:
        live, context = made(engine, spec, image)
    except EngineRefusedError:
        assume(False)
        raise
    assume(not list(newer_fields(spec, context.api_version)))
    assume(context.product != podman.PODMAN or None not in (spec.environment or {}).values())  # it unsets nothing
    return live, context


def _taken_out_is_seen(spec: Container, field: str, live: Any, context: Context, labels: dict[str, str]) -> None:
    row = next(row for row in rows(Container) if row.name == field)
    bare = Container.model_validate({"image": spec.image, "network_mode": None if field == "networks" else "bridge"})
    declared, absent = (row.lens.effective(getattr(one, field), one, context) for one in (spec, bare))
    may_be_untold = row.may_be_dropped or context.product == podman.PODMAN
    if context.product == podman.PODMAN and field == "tmpfs":
        return  # a mount of that type looks the same, so that none is taken for nobody's
    taken = row.lens.read(live, context) != absent or not may_be_untold
    if declared != absent and declared and taken:
        paths = {found.path[0] for found in differences(bare, live, context, labels)}
        assert field in paths
