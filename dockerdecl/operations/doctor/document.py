"""What a doctor says, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from typing_extensions import TypedDict

from dockerdecl.operations.doctor.facts import Facts, Finding, Severity
from dockerdecl.operations.doctor.releases import release_of
from dockerdecl.planning.document import EngineDocument
from dockerdecl.resources.schemas import documented


@documented
class HostFacts(TypedDict):
    """What the engine and its machine are like; null where it is not known."""

    released: str | None
    """When the engine's release series came out."""
    maintained_until: str | None
    """Since when it is not maintained any more."""
    storage_driver: str | None
    """How it stores images and containers."""
    cgroup: str | None
    """The version of cgroups, and what manages them."""
    logging_driver: str | None
    """Where logs go where nothing is declared."""
    local: bool
    """Whether the engine's files can be seen from here."""
    ports_local: bool
    """Whether its ports are those of this machine, so that taken ones can be seen from here."""
    disk_free: int | None
    """Free bytes under its data folder."""
    disk_size: int | None
    """All bytes there."""
    clock_skew: float
    """How many seconds its clock is ahead of this machine's."""
    answer_seconds: float
    """How long it takes to answer."""


@documented
class FindingDocument(TypedDict):
    """One finding."""

    severity: Severity
    """How much it matters."""
    code: str
    """What it is, for programs."""
    address: str | None
    """What it is about; null where it is about the engine."""
    what: str
    """What is so."""
    why: str
    """Why that matters."""
    advice: str
    """What to do."""


@documented
class DoctorDocument(TypedDict):
    """What an engine is like, and what will have trouble with it."""

    format: Literal["dockerdecl/doctor/v1"]
    """The format of this document."""
    project: str | None
    """The project whose manifest was looked at; null where there was none."""
    engine: EngineDocument
    """The engine."""
    facts: HostFacts
    """What it and its machine are like."""
    findings: list[FindingDocument]
    """What was found, the worst first."""


def doctor_document(host: str, facts: Facts, findings: Sequence[Finding]) -> DoctorDocument:
    """The document of facts and what was found in them."""
    release, info = release_of(facts.version), facts.info
    order = list(Severity)
    cgroup = " ".join(str(p) for p in (info.get("CgroupVersion"), info.get("CgroupDriver")) if p)
    return {
        "format": "dockerdecl/doctor/v1",
        "project": facts.desired.project if facts.desired else None,
        "engine": {"host": host, "version": facts.version, "api": facts.api_version},
        "facts": {
            "released": str(release.released) if release else None,
            "maintained_until": str(release.ended) if release and release.ended else None,
            "storage_driver": info.get("Driver"),
            "cgroup": cgroup or None,
            "logging_driver": info.get("LoggingDriver"),
            "local": facts.local,
            "ports_local": facts.ports_local,
            "disk_free": facts.disk[0] if facts.disk else None,
            "disk_size": facts.disk[1] if facts.disk else None,
            "clock_skew": facts.skew_seconds,
            "answer_seconds": round(facts.answer_seconds, 4),
        },
        "findings": [
            {
                "severity": finding.severity,
                "code": finding.about,
                "address": finding.address,
                "what": finding.what,
                "why": finding.why,
                "advice": finding.advice,
            }
            for finding in sorted(findings, key=lambda finding: order.index(finding.severity))
        ],
    }
