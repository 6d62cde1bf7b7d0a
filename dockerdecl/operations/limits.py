"""What each container may use and does use, against what the host has; and limits that would fit.

Takes inspections and readings, gives a document. Knows no engine and no clock.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from typing_extensions import TypedDict

from dockerdecl.errors import Problem
from dockerdecl.operations.found import FoundContainer
from dockerdecl.operations.usage import Usage
from dockerdecl.resources.rows import Raw
from dockerdecl.resources.schemas import documented
from dockerdecl.resources.words import show_size
from dockerdecl.values import dataclass

FORMAT: Literal["dockerdecl/limits/v1"] = "dockerdecl/limits/v1"

MEMORY_MARGIN = 1.5
CPU_MARGIN = 1.5
PIDS_MARGIN = 2.0
_TIGHT = 0.9
_NANO = 10**9
_MIB = 1 << 20
_LEAST_MEMORY = 16 * _MIB
_LEAST_PIDS = 20


@dataclass(frozen=True, slots=True)
class Allowance:
    """The limits of one container; None is no limit."""

    memory: int | None = None
    cpus: float | None = None
    pids: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """One container that runs: its limits, what it uses now, and the most that was seen, where that was sampled."""

    container: FoundContainer
    allowance: Allowance
    now: Usage | None = None
    peak: Usage | None = None


@documented
class HostDocument(TypedDict):
    """What the engine's host has."""

    cpus: int
    """Its CPUs."""
    memory: int
    """Its memory, in bytes."""


@documented
class AmountsDocument(TypedDict):
    """Amounts of each resource; null where there is no limit, or no reading."""

    memory: int | None
    """Memory, in bytes."""
    cpus: float | None
    """CPUs."""
    pids: int | None
    """Processes and threads."""


@documented
class SuggestionDocument(TypedDict):
    """Limits in the words of the manifest."""

    mem_limit: str
    """The most memory it needs, with a margin of a half, rounded up."""
    cpus: str
    """The most CPUs it needs, with a margin of a half, rounded up."""
    pids_limit: int
    """Twice the most processes that were seen, rounded up."""


@documented
class ContainerLimitsDocument(TypedDict):
    """What one container may use, and does use."""

    address: str | None
    """Its address in its project; null where it belongs to none."""
    name: str
    """Its name on the engine."""
    id: str
    """Its id on the engine."""
    limits: AmountsDocument
    """What it may use."""
    used: AmountsDocument
    """What it uses now."""
    peak: AmountsDocument | None
    """The most that was seen of each while it was sampled; null where it wasn't."""
    suggestion: SuggestionDocument | None
    """Limits that what was seen fits into; null where it wasn't sampled."""


@documented
class SumDocument(TypedDict):
    """The limits of several containers together."""

    containers: int
    """How many containers run."""
    memory: int
    """The sum of their memory limits, in bytes."""
    cpus: float
    """The sum of their CPU limits."""
    without_memory: int
    """How many have no memory limit, and are not in that sum."""
    without_cpus: int
    """How many have no CPU limit, and are not in that sum."""


@documented
class WarningDocument(TypedDict):
    """Something worth a look."""

    code: str
    """What it is, as a word for programs."""
    address: str | None
    """Of which container; null where of all."""
    message: str
    """What it is, in words."""
    hint: str | None
    """What to do about it."""


@documented
class LimitsDocument(TypedDict):
    """What containers may use and do use, against what the host has."""

    format: Literal["dockerdecl/limits/v1"]
    """The format of this document."""
    project: str | None
    """The project; null where all containers of the engine are shown."""
    seconds: float
    """How long what they use was sampled; 0 where it was read once."""
    host: HostDocument
    """What there is to share."""
    containers: list[ContainerLimitsDocument]
    """The containers that run, by address, then by name."""
    sum: SumDocument
    """The limits of these together."""
    others: SumDocument
    """The limits of the other containers that run on the engine."""
    warnings: list[WarningDocument]
    """What is worth a look."""


def allowance_of(raw: Raw) -> Allowance:
    """The limits in the inspection of a container."""
    host: Mapping[str, Any] = raw.get("HostConfig") or {}
    pids = host.get("PidsLimit") or 0
    return Allowance(memory=host.get("Memory") or None, cpus=_cpus(host), pids=int(pids) if int(pids) > 0 else None)


def _cpus(host: Mapping[str, Any]) -> float | None:
    quota, period = host.get("CpuQuota") or 0, host.get("CpuPeriod") or 100_000
    shares = [host.get("NanoCpus", 0) / _NANO, quota / period, float(_counted(host.get("CpusetCpus") or ""))]
    return min((share for share in shares if share > 0), default=None)


def _counted(cpuset: str) -> int:
    "how many CPUs `0-2,5` are"
    count = 0
    for part in filter(None, cpuset.split(",")):
        first, _, last = part.partition("-")
        count += int(last or first) - int(first) + 1
    return count


def limits_document(
    subjects: Sequence[Subject], others: Sequence[Allowance], host: Raw, project: str | None, seconds: float
) -> LimitsDocument:
    """The report; `host` is what the engine says of itself."""
    capacity: HostDocument = {"cpus": int(host.get("NCPU") or 0), "memory": int(host.get("MemTotal") or 0)}
    own = _sum([subject.allowance for subject in subjects])
    foreign = _sum(others)
    return {
        "format": FORMAT,
        "project": project,
        "seconds": seconds,
        "host": capacity,
        "containers": [_row(subject, capacity, sampled=seconds > 0) for subject in subjects],
        "sum": own,
        "others": foreign,
        "warnings": [
            {"code": p.code, "address": p.address, "message": p.message, "hint": p.hint}
            for p in (*_too_much(own, foreign, capacity), *_each(subjects))
        ],
    }


def _row(subject: Subject, host: HostDocument, *, sampled: bool) -> ContainerLimitsDocument:
    container, allowance = subject.container, subject.allowance
    peak = subject.peak if sampled else None
    return {
        "address": str(container.address) if container.address else None,
        "name": container.name,
        "id": container.id,
        "limits": {"memory": allowance.memory, "cpus": allowance.cpus, "pids": allowance.pids},
        "used": _amounts(subject.now),
        "peak": _amounts(peak) if peak else None,
        "suggestion": suggestion(peak, host["cpus"]) if peak else None,
    }


def _amounts(seen: Usage | None) -> AmountsDocument:
    if seen is None:
        return {"memory": None, "cpus": None, "pids": None}
    return {
        "memory": seen.memory,
        "cpus": round(seen.cpus, 4) if seen.cpus is not None else None,
        "pids": seen.pids,
    }


def suggestion(peak: Usage, host_cpus: int) -> SuggestionDocument:
    """Limits that a peak fits into, with a margin, rounded up so that small changes of it suggest the same."""
    memory = max(int(peak.memory * MEMORY_MARGIN), _LEAST_MEMORY)
    step = 8 * _MIB
    while memory > 16 * step:
        step *= 2
    twentieths = max(math.ceil(round((peak.cpus or 0) * CPU_MARGIN * 20, 6)), 2)
    cpus = min(twentieths / 20, float(host_cpus or twentieths))
    pids = max(-(-int(peak.pids * PIDS_MARGIN) // 10) * 10, _LEAST_PIDS)
    return {"mem_limit": show_size(-(-memory // step) * step), "cpus": f"{cpus:g}", "pids_limit": pids}


def largest(suggestions: Iterable[SuggestionDocument], read: Any) -> SuggestionDocument:
    """One suggestion for several replicas; `read` gives the bytes of a size."""
    every = list(suggestions)
    return {
        "mem_limit": max((each["mem_limit"] for each in every), key=read),
        "cpus": max((each["cpus"] for each in every), key=float),
        "pids_limit": max(each["pids_limit"] for each in every),
    }


def _sum(allowances: Sequence[Allowance]) -> SumDocument:
    return {
        "containers": len(allowances),
        "memory": sum(each.memory or 0 for each in allowances),
        "cpus": round(sum(each.cpus or 0 for each in allowances), 3),
        "without_memory": sum(each.memory is None for each in allowances),
        "without_cpus": sum(each.cpus is None for each in allowances),
    }


def _too_much(own: SumDocument, others: SumDocument, host: HostDocument) -> Iterator[Problem]:
    memory, cpus = own["memory"] + others["memory"], own["cpus"] + others["cpus"]
    beside = " with those of others" if others["containers"] else ""
    if memory > host["memory"] > 0:
        message = f"the memory limits{beside} come to {_gib(memory)}, and the host has {_gib(host['memory'])}"
        hint = "where all take what they may, the kernel ends processes: lower limits, or move something away"
        yield Problem("memory-overcommitted", message, hint=hint)
    if cpus > host["cpus"] > 0:
        message = f"the CPU limits{beside} come to {cpus:g} CPUs, and the host has {host['cpus']}"
        yield Problem("cpus-overcommitted", message, hint="where all are busy, each gets less than its limit")


def _gib(size: int) -> str:
    return f"{size / (1 << 30):.1f} GiB"


def _each(subjects: Iterable[Subject]) -> Iterator[Problem]:
    for subject in subjects:
        label, allowance = subject.container.label, subject.allowance
        seen = subject.peak or subject.now
        if allowance.memory is None:
            hint = "`mem_limit` keeps it from taking the whole host down; `--over 1m` suggests one"
            yield Problem("memory-unlimited", "may use all memory of the host", address=label, hint=hint)
        elif seen is not None and seen.memory >= allowance.memory * _TIGHT:
            share = seen.memory * 100 // allowance.memory
            hint = "it is ended where it takes more: raise `mem_limit`"
            yield Problem("memory-tight", f"uses {share}% of the memory it may", address=label, hint=hint)
        if allowance.pids is not None and seen is not None and seen.pids >= allowance.pids * _TIGHT:
            message = f"has {seen.pids} of the {allowance.pids} processes it may"
            yield Problem("pids-tight", message, address=label, hint="it can start no more then: raise `pids_limit`")


def with_peak(subject: Subject, now: Usage | None, peak: Usage | None) -> Subject:
    """The same container with what was read of it."""
    return replace(subject, now=now, peak=peak)
