"""What containers use now, as a document.

Takes containers and readings, gives a document. Knows no engine and no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Literal

from typing_extensions import TypedDict

from dockerdecl.operations.found import FoundContainer
from dockerdecl.operations.usage import Usage
from dockerdecl.resources.schemas import documented

FORMAT: Literal["dockerdecl/stats/v1"] = "dockerdecl/stats/v1"


class Order(StrEnum):
    """What the containers are sorted by: most first, or by their addresses."""

    ADDRESS = "address"
    CPU = "cpu"
    MEMORY = "memory"
    NETWORK = "network"
    BLOCK = "block"
    PIDS = "pids"


@documented
class ContainerStatsDocument(TypedDict):
    """What one container uses. What isn't known, or where it doesn't run, is null."""

    address: str | None
    """Its address in its project; null where it belongs to none."""
    name: str
    """Its name on the engine."""
    id: str
    """Its id on the engine."""
    state: str
    """Its state, in the engine's word."""
    cpu_percent: float | None
    """CPU time since the reading before, 100 being one CPU."""
    memory: int | None
    """Memory in bytes, without the page cache that can be given back."""
    memory_limit: int | None
    """The most that it may use, in bytes; the host's memory where it has no limit."""
    memory_percent: float | None
    """The share of that limit."""
    network_received: int | None
    """Bytes received since it was started, on all its networks; null on the host's own."""
    network_sent: int | None
    """Bytes sent since it was started."""
    block_read: int | None
    """Bytes read from block devices since it was started."""
    block_written: int | None
    """Bytes written to block devices since it was started."""
    pids: int | None
    """Processes and threads."""
    pids_limit: int | None
    """The most that it may have; null where it has no limit."""


@documented
class StatsDocument(TypedDict):
    """What containers use at one moment; a line of output each."""

    format: Literal["dockerdecl/stats/v1"]
    """The format of this document."""
    time: str
    """When it was read, by the clock of this machine, in UTC."""
    containers: list[ContainerStatsDocument]
    """The containers, in the order that was asked for."""


def stats_document(
    chosen: Iterable[FoundContainer], usages: Mapping[str, Usage], order: Order, moment: str
) -> StatsDocument:
    """What the chosen containers use, as of a `moment`."""
    rows = [_row(container, usages.get(container.id)) for container in chosen]
    rows.sort(key=lambda row: _sort_key(row, order))
    return {"format": FORMAT, "time": moment, "containers": rows}


def _sort_key(row: ContainerStatsDocument, order: Order) -> float:
    "those that are equal stay in the order in which they came: by address"
    match order:
        case Order.ADDRESS:
            return 0
        case Order.CPU:
            return -(row["cpu_percent"] or 0)
        case Order.MEMORY:
            return -(row["memory"] or 0)
        case Order.NETWORK:
            return -((row["network_received"] or 0) + (row["network_sent"] or 0))
        case Order.BLOCK:
            return -((row["block_read"] or 0) + (row["block_written"] or 0))
        case Order.PIDS:
            return -(row["pids"] or 0)


def _row(container: FoundContainer, seen: Usage | None) -> ContainerStatsDocument:
    return {
        "address": str(container.address) if container.address else None,
        "name": container.name,
        "id": container.id,
        "state": container.state,
        "cpu_percent": _rounded(seen.cpu_percent) if seen else None,
        "memory": seen.memory if seen else None,
        "memory_limit": seen.memory_limit if seen else None,
        "memory_percent": _rounded(seen.memory_percent) if seen else None,
        "network_received": seen.received if seen else None,
        "network_sent": seen.sent if seen else None,
        "block_read": seen.block_read if seen else None,
        "block_written": seen.block_written if seen else None,
        "pids": seen.pids if seen else None,
        "pids_limit": seen.pids_limit if seen else None,
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 2)
