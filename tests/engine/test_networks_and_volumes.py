"""Each call on networks and volumes, on real engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dockerdecl.engine.calls import containers, networks, volumes
from dockerdecl.engine.client import Engine
from dockerdecl.errors import DockerdeclError


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(DockerdeclError) as caught:
        call()
    return caught.value.code


def test_a_second_network_of_one_name_is_refused(connected: Engine) -> None:
    network, warnings = networks.create_network(connected, {"Name": "back", "Labels": {"a": "1"}})
    try:
        assert code_of(lambda: networks.create_network(connected, {"Name": "back"})) == "name-in-use"
        assert networks.inspect_network(connected, "back")["Id"] == network
        assert [found["Name"] for found in networks.list_networks(connected, filters={"label": ["a=1"]})] == ["back"]
        assert warnings == ()
    finally:
        networks.remove_network(connected, network)
    assert code_of(lambda: networks.remove_network(connected, "back")) == "not-found"
    networks.remove_network(connected, "back", missing_ok=True)


def test_overlapping_pools_are_said(connected: Engine) -> None:
    pool = {"Config": [{"Subnet": "10.77.0.0/24"}]}
    networks.create_network(connected, {"Name": "one", "IPAM": pool})
    try:
        assert code_of(lambda: networks.create_network(connected, {"Name": "two", "IPAM": pool})) == "pool-overlap"
    finally:
        networks.remove_network(connected, "one")


def test_containers_are_connected_and_disconnected(connected: Engine, busybox: str) -> None:
    network, _ = networks.create_network(connected, {"Name": "back"})
    try:
        web, _ = containers.create_container(connected, "web", {"Image": busybox, "Cmd": ["sleep", "99"]})
        containers.start(connected, web)
        networks.connect(connected, network, web, {"Aliases": ["www"]})
        assert code_of(lambda: networks.connect(connected, network, web)) == "already-connected"
        assert code_of(lambda: networks.remove_network(connected, network)) == "network-in-use"
        found = containers.inspect_container(connected, web)["NetworkSettings"]["Networks"]["back"]
        assert "www" in found["Aliases"]
        networks.disconnect(connected, network, web)
        assert code_of(lambda: networks.disconnect(connected, network, web)) == "not-connected"
        networks.disconnect(connected, network, web, missing_ok=True)
        assert "back" not in containers.inspect_container(connected, web)["NetworkSettings"]["Networks"]
    finally:
        networks.remove_network(connected, network)


def test_a_volume_is_made_once_and_held_by_its_containers(connected: Engine, busybox: str) -> None:
    volumes.create_volume(connected, {"Name": "data", "Labels": {"a": "1"}})
    try:
        again = volumes.create_volume(connected, {"Name": "data", "Labels": {"a": "2"}})
        assert again["Labels"] == {"a": "1"}
        assert [found["Name"] for found in volumes.list_volumes(connected, filters={"label": ["a=1"]})] == ["data"]
        body = {"Image": busybox, "HostConfig": {"Binds": ["data:/data"]}}
        web, _ = containers.create_container(connected, "web", body)
        assert code_of(lambda: volumes.remove_volume(connected, "data")) == "volume-in-use"
        containers.remove(connected, web, volumes=True)
        assert volumes.inspect_volume(connected, "data")["Name"] == "data"
    finally:
        volumes.remove_volume(connected, "data")
    assert code_of(lambda: volumes.inspect_volume(connected, "data")) == "not-found"
    assert code_of(lambda: volumes.remove_volume(connected, "data")) == "not-found"
    volumes.remove_volume(connected, "data", missing_ok=True)
