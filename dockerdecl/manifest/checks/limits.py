"""Numbers that every engine refuses, so that it is said before anything is touched.

Takes a document, gives findings. The limits are those of the engine's own checks at creation, measured on 20.10, 26.1
and 28.5; what depends on the host (its CPUs, its kernel) is left to the engine.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.manifest.checks.finding import Finding, Path, Subject
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.words import show_cpus, show_duration, show_size

_LEAST_MEMORY = 6 * 2**20
_LEAST_CPUS = 10**7
_LEAST_DURATION = 10**6
_OOM_SCORES = range(-1000, 1001)
_HEALTH_TIMES = ("interval", "timeout", "start_period", "start_interval")


def check_limits(subject: Subject) -> Iterator[Finding]:
    """Every number out of the range that engines take."""
    for key, spec in subject.whole_containers():
        path: Path = ("containers", key)
        yield from _memory(spec, path)
        yield from _swap(spec, path)
        yield from _processor(spec, path)
        yield from _health(spec, path)
        yield from _ulimits(spec, path)
        if spec.shm_size is not None and spec.shm_size < 0:
            yield _out_of_range((*path, "shm_size"), "the size of /dev/shm can't be below 0", "write one such as `64m`")
        if spec.oom_score_adj is not None and spec.oom_score_adj not in _OOM_SCORES:
            yield _out_of_range(
                (*path, "oom_score_adj"), f"{spec.oom_score_adj} is out of range", "write -1000 to 1000"
            )


def _out_of_range(path: Path, message: str, hint: str) -> Finding:
    return Finding("out-of-range", path, message, hint)


def _memory(spec: Container, path: Path) -> Iterator[Finding]:
    for word in ("mem_limit", "mem_reservation"):
        size = getattr(spec, word)
        if size is not None and (size < 0 or 0 < size < _LEAST_MEMORY):
            message = f"`{word}` is {show_size(size)}, and engines take no less than 6m"
            yield _out_of_range((*path, word), message, "write 6m or more; leave it out for no limit")
    if spec.mem_limit and spec.mem_reservation and spec.mem_reservation > spec.mem_limit > 0:
        message = f"`mem_reservation` is more than `mem_limit`, which is {show_size(spec.mem_limit)}"
        yield _out_of_range((*path, "mem_reservation"), message, f"write {show_size(spec.mem_limit)} or less")


def _swap(spec: Container, path: Path) -> Iterator[Finding]:
    swap = spec.memswap_limit
    if swap is None or swap <= 0:
        return
    if not spec.mem_limit:
        hint = "write `mem_limit` beside it; `memswap_limit` is memory and swap together"
        yield Finding("missing-field", (*path, "memswap_limit"), "`memswap_limit` needs a `mem_limit`", hint)
    elif swap < spec.mem_limit:
        message = f"`memswap_limit` is memory and swap together, and below `mem_limit`, {show_size(spec.mem_limit)}"
        yield _out_of_range((*path, "memswap_limit"), message, f"write {show_size(spec.mem_limit)} or more")


def _processor(spec: Container, path: Path) -> Iterator[Finding]:
    if spec.cpus is not None and spec.cpus < _LEAST_CPUS:
        message = f"`cpus` is {show_cpus(spec.cpus)}, and engines take no less than 0.01"
        yield _out_of_range((*path, "cpus"), message, "write 0.01 or more; leave it out for no limit")
    for word in ("cpu_quota", "cpu_period"):
        if spec.cpus is not None and getattr(spec, word) is not None:
            hint = "keep `cpus`, or write both `cpu_period` and `cpu_quota`"
            yield Finding("fields-conflict", (*path, word), f"`cpus` and `{word}` exclude each other", hint)
    if spec.mem_swappiness is not None and not -1 <= spec.mem_swappiness <= 100:
        message = f"`mem_swappiness` is {spec.mem_swappiness}, and goes from 0 to 100"
        yield _out_of_range(
            (*path, "mem_swappiness"), message, "write a number from 0 to 100; leave it out for the default"
        )
    if spec.cpu_shares is not None and spec.cpu_shares < 2 and spec.cpu_shares != 0:
        message = f"`cpu_shares` is {spec.cpu_shares}, and the kernel takes no less than 2"
        yield _out_of_range((*path, "cpu_shares"), message, "write 2 or more; 1024 is the weight of the others")


def _health(spec: Container, path: Path) -> Iterator[Finding]:
    if spec.healthcheck is None:
        return
    for word in _HEALTH_TIMES:
        time = getattr(spec.healthcheck, word)
        if time and time < _LEAST_DURATION:
            message = f"`{word}` is {show_duration(time)}, and engines take no less than 1ms"
            yield _out_of_range((*path, "healthcheck", word), message, "write 1ms or more")
    if spec.healthcheck.retries is not None and spec.healthcheck.retries < 0:
        yield _out_of_range((*path, "healthcheck", "retries"), "`retries` can't be below 0", "write 1 or more")


def _ulimits(spec: Container, path: Path) -> Iterator[Finding]:
    for name, limit in (spec.ulimits or {}).items():
        unlimited_soft = limit.soft == -1 and limit.hard != -1
        if unlimited_soft or (limit.hard != -1 and limit.soft > limit.hard):
            message = f"the soft limit of `{name}` is above the hard one"
            yield _out_of_range((*path, "ulimits", name), message, "write a soft limit of the hard one or less")
