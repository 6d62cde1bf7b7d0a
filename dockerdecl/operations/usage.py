"""What a container uses, from the raw readings of an engine, as the docker CLI counts it.

Takes readings, gives numbers. Knows no engine and no clock. Readings of cgroup v1 and v2 have other words for the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dockerdecl.resources.rows import Raw, look_up
from dockerdecl.values import dataclass

_NO_READING = "0001-01-01"
_UNLIMITED = 1 << 62
"""What kernels show where a container may have as many processes as it likes is larger than this."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container used at one moment: `cpus` in CPUs since the reading before, the rest as it is, or in all.

    None where there is no reading before, or where the engine counts none of it. `memory` is without the page cache
    that can be given back at once.
    """

    cpus: float | None
    memory: int
    memory_limit: int | None
    received: int | None
    sent: int | None
    block_read: int
    block_written: int
    pids: int
    pids_limit: int | None

    @property
    def cpu_percent(self) -> float | None:
        """The share of one CPU, in per cent, as docker shows it."""
        return None if self.cpus is None else self.cpus * 100

    @property
    def memory_percent(self) -> float | None:
        """The share of its limit, or of the host's memory where it has none, in per cent."""
        return self.memory / self.memory_limit * 100 if self.memory_limit else None


def usage(reading: Raw, before: Raw | None) -> Usage | None:
    """What a reading says, `before` being the one before it; None for one of a container that doesn't run."""
    if not reading.get("read") or str(reading["read"]).startswith(_NO_READING):
        return None
    networks: Mapping[str, Mapping[str, Any]] | None = reading.get("networks")
    return Usage(
        cpus=_cpus(reading, before),
        memory=_memory(reading),
        memory_limit=look_up(reading, "memory_stats.limit") or None,
        received=sum(n.get("rx_bytes") or 0 for n in networks.values()) if networks is not None else None,
        sent=sum(n.get("tx_bytes") or 0 for n in networks.values()) if networks is not None else None,
        block_read=_block(reading, "r"),
        block_written=_block(reading, "w"),
        pids=int(look_up(reading, "pids_stats.current") or 0),
        pids_limit=_pids_limit(look_up(reading, "pids_stats.limit")),
    )


def _cpus(reading: Raw, before: Raw | None) -> float | None:
    "against the reading before, which the engine gives along but with the first"
    now: Mapping[str, Any] = reading.get("cpu_stats") or {}
    then: Mapping[str, Any] = reading.get("precpu_stats") or {}
    if not then.get("system_cpu_usage"):
        then = (before or {}).get("cpu_stats") or {}
    if not then.get("system_cpu_usage") or not now.get("system_cpu_usage"):
        return None
    used = _total(now) - _total(then)
    system = int(now["system_cpu_usage"]) - int(then["system_cpu_usage"])
    if used < 0 or system <= 0:  # it was started anew in between
        return 0.0
    count = now.get("online_cpus") or len(look_up(now, "cpu_usage.percpu_usage") or ()) or 1
    return used / system * int(count)


def _total(stats: Mapping[str, Any]) -> int:
    return int(look_up(stats, "cpu_usage.total_usage") or 0)


def _memory(reading: Raw) -> int:
    used = int(look_up(reading, "memory_stats.usage") or 0)
    stats: Mapping[str, Any] = look_up(reading, "memory_stats.stats") or {}
    for word in ("total_inactive_file", "inactive_file"):  # cgroup v1, v2
        cache = stats.get(word)
        if cache is not None and cache < used:
            return used - int(cache)
    return used


def _block(reading: Raw, letter: str) -> int:
    entries: Iterable[Mapping[str, Any]] = look_up(reading, "blkio_stats.io_service_bytes_recursive") or ()
    return sum(int(e.get("value") or 0) for e in entries if str(e.get("op") or "")[:1].lower() == letter)


def _pids_limit(limit: Any) -> int | None:
    return int(limit) if limit and 0 < int(limit) < _UNLIMITED else None
