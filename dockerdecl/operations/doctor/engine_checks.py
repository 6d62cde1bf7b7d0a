"""What is to be said of an engine itself. Takes facts, gives findings; asks nobody."""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.operations.doctor.facts import Facts, Finding, Severity
from dockerdecl.operations.doctor.releases import AS_OF, release_of

_GIB = 1024**3
_KERNEL = (
    ("MemoryLimit", "memory limits", "mem_limit is ignored"),
    ("SwapLimit", "swap limits", "memswap_limit is ignored"),
    ("CpuCfsQuota", "CPU quotas", "cpus and cpu_quota are refused or ignored"),
    ("PidsLimit", "limits of processes", "pids_limit is ignored"),
)


def engine_findings(facts: Facts) -> Iterator[Finding]:
    """Everything about the engine, its machine and the way to it."""
    yield from _release(facts)
    yield from _kernel(facts)
    yield from _room(facts)
    yield from _clock(facts)
    yield from _habits(facts)


def _release(facts: Facts) -> Iterator[Finding]:
    release = release_of(facts.version)
    if release is not None and release.ended is not None:
        yield Finding(
            Severity.WARNING,
            "engine-outdated",
            f"Docker {facts.version} has not been maintained since {release.ended} (as known on {AS_OF})",
            "security holes found since then stay open",
            "upgrade the engine",
        )


def _kernel(facts: Facts) -> Iterator[Finding]:
    for key, words, effect in _KERNEL:
        if facts.info.get(key) is False:
            why = f"{effect}; the engine takes it with no more than a warning"
            advice = "turn on the cgroup controller on the host (for swap: the kernel option swapaccount=1)"
            yield Finding(Severity.INFO, "kernel-limit-missing", f"this host knows no {words}", why, advice)


def _room(facts: Facts) -> Iterator[Finding]:
    if facts.disk is None:
        return
    free, whole = facts.disk
    if free < _GIB or free * 20 < whole:
        severity = Severity.ERROR if free < _GIB // 10 else Severity.WARNING
        root = facts.info.get("DockerRootDir") or "its data folder"
        what = f"{free / _GIB:.1f} of {whole / _GIB:.1f} GiB are free under {root}"
        why = "pulls, builds and databases fail when it is full"
        yield Finding(severity, "disk-full", what, why, "`dockerdecl prune` clears away what the project needs no more")


def _clock(facts: Facts) -> Iterator[Finding]:
    if abs(facts.skew_seconds) >= 5:
        way = "ahead of" if facts.skew_seconds > 0 else "behind"
        what = f"the engine's clock is {abs(facts.skew_seconds):.0f} s {way} this machine's"
        why = "certificates, tokens and the times in logs are judged by it"
        yield Finding(Severity.WARNING, "clock-skew", what, why, "let both follow a time server")
    if facts.answer_seconds >= 1:
        what = f"the engine takes {facts.answer_seconds:.1f} s to answer"
        why = "each step of an apply is at least one question"
        yield Finding(Severity.WARNING, "engine-slow", what, why, "look at the load of its host, or at the way to it")


def _habits(facts: Facts) -> Iterator[Finding]:
    if facts.plain_registries:
        what = f"config.json holds passwords for {', '.join(facts.plain_registries)} that anyone who reads it can read"
        advice = "set `credsStore` in config.json to a credential helper, and log in again"
        yield Finding(Severity.INFO, "credentials-plain", what, "base64 hides nothing", advice)
    if facts.info.get("LiveRestoreEnabled") is False:
        what, why = "live-restore is off", "when the engine is restarted or upgraded, all containers stop"
        yield Finding(Severity.INFO, "live-restore-off", what, why, 'set "live-restore": true in daemon.json')
