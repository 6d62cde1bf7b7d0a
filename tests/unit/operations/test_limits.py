"""Limits as engines hold them, what is worth a look, and what is suggested."""

from __future__ import annotations

from typing import Any

import pytest

from dockerdecl.operations.found import FoundContainer
from dockerdecl.operations.limits import Allowance, Subject, allowance_of, largest, limits_document, suggestion
from dockerdecl.operations.usage import Usage
from dockerdecl.resources.address import parse_address
from dockerdecl.resources.words import read_size

MIB = 1 << 20
HOST = {"NCPU": 2, "MemTotal": 1024 * MIB}


def used(memory: int = MIB, cpus: float | None = 0.1, pids: int = 1) -> Usage:
    return Usage(cpus, memory, None, 0, 0, 0, 0, pids, None)


def subject(allowance: Allowance, peak: Usage | None = None) -> Subject:
    address = parse_address("container.web")
    return Subject(FoundContainer("1", "shop-web", "running", "bb:1", address=address), allowance, peak, peak)


@pytest.mark.parametrize(
    ("host", "allowance"),
    [
        ({}, Allowance()),
        ({"Memory": 0, "NanoCpus": 0, "PidsLimit": None, "CpuQuota": 0, "CpuPeriod": 0}, Allowance()),
        ({"Memory": 64 * MIB, "NanoCpus": 500_000_000, "PidsLimit": 100}, Allowance(64 * MIB, 0.5, 100)),
        ({"CpuQuota": 25_000, "CpuPeriod": 50_000, "PidsLimit": -1}, Allowance(cpus=0.5)),
        ({"CpuQuota": 150_000}, Allowance(cpus=1.5)),
        ({"CpuQuota": -1, "CpusetCpus": "0-2,5"}, Allowance(cpus=4.0)),
        ({"NanoCpus": 3_000_000_000, "CpusetCpus": "1"}, Allowance(cpus=1.0)),
    ],
)
def test_limits_are_read_from_an_inspection(host: dict[str, Any], allowance: Allowance) -> None:
    assert allowance_of({"HostConfig": host}) == allowance


@pytest.mark.parametrize(
    ("peak", "limits"),
    [
        (used(), ("16m", "0.15", 20)),
        (used(memory=100 * MIB, cpus=0.41, pids=33), ("160m", "0.65", 70)),
        (used(memory=1000 * MIB, cpus=1.9, pids=100), ("1536m", "2", 200)),
        (used(memory=0, cpus=None, pids=0), ("16m", "0.1", 20)),
    ],
)
def test_what_was_seen_fits_into_what_is_suggested(peak: Usage, limits: tuple[str, str, int]) -> None:
    found = suggestion(peak, 2)
    assert (found["mem_limit"], found["cpus"], found["pids_limit"]) == limits
    assert read_size(found["mem_limit"]) >= peak.memory * 1.5


def test_replicas_get_the_largest_of_their_suggestions() -> None:
    both = [suggestion(used(memory=100 * MIB), 2), suggestion(used(cpus=1.0), 2)]
    assert largest(both, read_size) == {"mem_limit": "160m", "cpus": "1.5", "pids_limit": 20}


@pytest.mark.parametrize(
    ("allowance", "peak", "others", "codes"),
    [
        (Allowance(64 * MIB, 0.5, 100), used(), [], []),
        (Allowance(), used(), [], ["memory-unlimited"]),
        (Allowance(64 * MIB), used(memory=60 * MIB), [], ["memory-tight"]),
        (Allowance(64 * MIB, pids=10), used(pids=9), [], ["pids-tight"]),
        (Allowance(2048 * MIB, 3.0), used(), [], ["memory-overcommitted", "cpus-overcommitted"]),
        (Allowance(512 * MIB, 1.0), used(), [Allowance(600 * MIB, 0.5)], ["memory-overcommitted"]),
        (Allowance(512 * MIB, 1.0), None, [Allowance(), Allowance(512 * MIB, 1.0)], []),
    ],
)
def test_what_is_worth_a_look(
    allowance: Allowance, peak: Usage | None, others: list[Allowance], codes: list[str]
) -> None:
    document = limits_document([subject(allowance, peak)], others, HOST, "shop", 0)
    assert [warning["code"] for warning in document["warnings"]] == codes
    assert document["others"]["containers"] == len(others)
    assert document["containers"][0]["suggestion"] is None
