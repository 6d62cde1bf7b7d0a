"""The lens law on real engines for networks and volumes: what is made as declared must not differ from it."""

from __future__ import annotations

from typing import Any

import pytest

from dockerdecl.engine.connection import connect
from dockerdecl.planning.compare import claims, differences
from dockerdecl.planning.steps.around import labelled
from dockerdecl.resources.address import parse_address
from dockerdecl.resources.network.spec import Network
from dockerdecl.resources.podman import PODMAN
from dockerdecl.resources.rows import Context
from dockerdecl.resources.spec import Spec, write
from dockerdecl.resources.volume.spec import Volume
from tests.support.engines import PrivateEngine

NETWORKS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "driver": {"driver": "bridge"},
    "options": {"driver_opts": {"com.docker.network.driver.mtu": 1400, "com.docker.network.bridge.name": "lens0"}},
    "internal": {"internal": True},
    "attachable": {"attachable": "true"},
    "labels": {"labels": ["a=1", "b"]},
    "subnet": {"ipam": {"config": [{"subnet": "10.98.0.0/24"}]}},
    "pool": {
        "ipam": {
            "driver": "default",
            "config": [
                {
                    "subnet": "10.98.0.0/24",
                    "ip_range": "10.98.0.128/25",
                    "gateway": "10.98.0.1",
                    "aux_addresses": {"router": "10.98.0.7"},
                }
            ],
        }
    },
    "IPv6": {
        "enable_ipv6": True,
        "ipam": {"config": [{"subnet": "10.98.0.0/24"}, {"subnet": "FD00:0BB:0::/64", "gateway": "fd00:bb::0:1"}]},
    },
    "IPAM options": {"ipam": {"options": {"x": "y"}}},
}
VOLUMES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "driver": {"driver": "local"},
    "options": {"driver_opts": {"type": "tmpfs", "device": "tmpfs", "o": "size=10m"}},
    "labels": {"labels": {"a": 1, "b": ""}},
}


def made(engine: PrivateEngine, kind: str, spec: Spec) -> tuple[Any, Context]:
    """The inspection of a network or volume made from a spec as a plan makes it."""
    with connect(engine.host, None, {}) as connection:
        context = Context(api_version=connection.api_version, product=connection.product)
    address = parse_address(f"{kind}.lens")
    assert address is not None
    body = {"Name": "lens_made", **labelled(write(spec, context), spec, address, "lens")}
    engine.api("POST", f"/v{context.api_version}/{kind}s/create", body=body)
    try:
        return engine.api("GET", f"/v{context.api_version}/{kind}s/lens_made"), context
    finally:
        engine.api("DELETE", f"/{kind}s/lens_made")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_reads_back_as_declared(engine: PrivateEngine, name: str) -> None:
    _holds(engine, "network", Network.model_validate(NETWORKS[name]), Network())


@pytest.mark.parametrize("name", VOLUMES)
def test_a_volume_reads_back_as_declared(engine: PrivateEngine, name: str) -> None:
    _holds(engine, "volume", Volume.model_validate(VOLUMES[name]), Volume())


def _holds(engine: PrivateEngine, kind: str, spec: Spec, bare: Spec) -> None:
    "nothing differs; and of a field that is taken out, that is seen, unless what is left means the same"
    live, context = made(engine, kind, spec)
    assert differences(spec, live, context, live["Labels"]) == ()
    seen = {change.path[0] for change in differences(bare, live, context, live["Labels"])}
    meaning = {f for f in type(spec).model_fields if getattr(spec, f) is not None and f not in _STEERING}
    assert seen == meaning - {"driver"} or claims(spec) or context.product == PODMAN


_STEERING = frozenset({"external", "state", "name"})
