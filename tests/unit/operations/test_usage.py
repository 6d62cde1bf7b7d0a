"""What readings of an engine mean, on cgroup v1 and v2."""

from __future__ import annotations

from typing import Any

import pytest

from dockerdecl.operations.found import FoundContainer
from dockerdecl.operations.sampling import peak_of
from dockerdecl.operations.stats import Order, stats_document
from dockerdecl.operations.usage import Usage, usage

NOW = "2026-01-01T00:00:01Z"


def reading(total: int = 0, system: int | None = None, **parts: Any) -> dict[str, Any]:
    cpu = {"cpu_usage": {"total_usage": total}, "system_cpu_usage": system, "online_cpus": 2}
    return {"read": NOW, "cpu_stats": cpu, "precpu_stats": {}, **parts}


def used(raw: dict[str, Any], before: dict[str, Any] | None = None) -> Usage:
    found = usage(raw, before)
    assert found
    return found


@pytest.mark.parametrize(
    ("before", "now", "given", "cpus"),
    [
        (None, reading(500, 1000), None, None),
        (reading(0, 1000), reading(500, 2000), None, 1.0),
        (None, reading(500, 2000), reading(250, 1000), 0.5),
        (reading(0, 1000), reading(2000, 3000), None, 2.0),
        (reading(900, 1000), reading(5, 2000), None, 0.0),  # started anew in between
        (reading(1, 1000), reading(2, 1000), None, 0.0),
    ],
)
def test_cpu_time_is_what_was_used_since(
    before: dict[str, Any] | None, now: dict[str, Any], given: dict[str, Any] | None, cpus: float | None
) -> None:
    raw = {**now, "precpu_stats": (given or {}).get("cpu_stats", {})}
    assert used(raw, before).cpus == cpus


def test_without_a_count_of_cpus_those_that_have_a_share_count() -> None:
    old = {"cpu_usage": {"total_usage": 100, "percpu_usage": [1, 2, 3, 4]}, "system_cpu_usage": 200}
    before = {"cpu_stats": {"cpu_usage": {"total_usage": 0}, "system_cpu_usage": 100}}
    assert used({"read": NOW, "cpu_stats": old}, before).cpus == 4.0


@pytest.mark.parametrize(
    ("stats", "memory"),
    [
        ({"usage": 100, "stats": {"total_inactive_file": 30, "inactive_file": 10}}, 70),  # cgroup v1
        ({"usage": 100, "stats": {"inactive_file": 40}}, 60),  # cgroup v2
        ({"usage": 100, "stats": {"inactive_file": 100}}, 100),
        ({"usage": 100, "stats": {}}, 100),
        ({}, 0),
    ],
)
def test_memory_is_without_what_can_be_given_back(stats: dict[str, Any], memory: int) -> None:
    assert used(reading(memory_stats=stats)).memory == memory


def test_sums_over_networks_and_devices() -> None:
    counted = (("Read", 1), ("read", 2), ("Write", 4), ("Total", 9))
    block = [{"op": op, "value": value} for op, value in counted]
    networks = {"eth0": {"rx_bytes": 1, "tx_bytes": 2}, "eth1": {"rx_bytes": 10, "tx_bytes": 20}}
    found = used(reading(networks=networks, blkio_stats={"io_service_bytes_recursive": block}))
    assert (found.received, found.sent, found.block_read, found.block_written) == (11, 22, 3, 4)
    bare = used(reading(blkio_stats={"io_service_bytes_recursive": None}))
    assert (bare.received, bare.sent, bare.block_read) == (None, None, 0)


@pytest.mark.parametrize(("limit", "shown"), [(None, None), (0, None), (100, 100), (2**64 - 1, None)])
def test_no_limit_of_processes_is_none(limit: int | None, shown: int | None) -> None:
    assert used(reading(pids_stats={"current": 3, "limit": limit})).pids_limit == shown


def test_a_container_that_does_not_run_has_no_reading() -> None:
    assert usage({"read": "0001-01-01T00:00:00Z", "pids_stats": {}}, None) is None
    assert usage({}, None) is None


def test_the_peak_is_the_larger_of_each_number() -> None:
    one = Usage(0.5, 100, 1000, 1, 1, 1, 1, 9, None)
    two = Usage(0.1, 300, 1000, 2, 2, 2, 2, 4, None)
    peak = peak_of(peak_of(None, one), two)
    assert peak
    assert (peak.cpus, peak.memory, peak.pids, peak.received) == (0.5, 300, 9, 2)
    assert peak_of(peak, None) == peak


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (Order.ADDRESS, ["a", "b", "c"]),
        (Order.CPU, ["b", "a", "c"]),
        (Order.MEMORY, ["a", "b", "c"]),
        (Order.NETWORK, ["b", "a", "c"]),
        (Order.BLOCK, ["a", "b", "c"]),
        (Order.PIDS, ["a", "b", "c"]),
    ],
)
def test_containers_are_sorted_by_what_they_use(order: Order, names: list[str]) -> None:
    chosen = [FoundContainer(name, name, "running", "bb:1") for name in "abc"]
    usages = {"a": Usage(0.1, 300, 1000, 1, 1, 5, 5, 9, None), "b": Usage(0.5, 100, 1000, 9, 9, 1, 1, 4, None)}
    document = stats_document(chosen, usages, order, NOW)
    assert [row["name"] for row in document["containers"]] == names
