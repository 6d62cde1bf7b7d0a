"""How fast dockerdecl must be, as a table of data. Takes results, gives each limit with what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.results import Measured, Results
from benchmarks.works import ABOUT, Work

OURS = "dockerdecl"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most seconds that a work may take: `factor` times those of `other`, which may be nobody, and `more`.

    `less` says that it must be less than that.
    """

    work: Work
    size: int
    other: str = ""
    factor: float = 1.0
    more: float = 0.0
    less: bool = False

    def __str__(self) -> str:
        if not self.other:
            return f"≤ {self.more:g} s"
        factor = f"{self.factor:.2f} times " if self.factor != 1 else ""
        more = f" + {self.more:g} s" if self.more else ""
        return f"{'<' if self.less else '≤'} {factor}{self.other}{more}"


LIMITS = (
    *(Limit(Work.APPLY, size, "raw", 1.10, 0.3) for size in (50, 200)),
    *(Limit(Work.APPLY, size, "compose") for size in (50, 200)),
    Limit(Work.REPLACE, 50, "raw", 1.10, 0.3),
    Limit(Work.APPLY_ONE, 200, "raw", 1.10, 0.3),
    Limit(Work.REPLACE, 50, "compose", less=True),
    Limit(Work.APPLY_ONE, 200, "compose", less=True),
    *(Limit(Work.DESTROY, size, "raw", 1.15) for size in (50, 200)),
    *(Limit(Work.DESTROY, size, "compose", 0.75) for size in (50, 200)),
    *(Limit(Work.PLAN, size, more=most) for size, most in ((1, 0.17), (50, 0.25), (200, 0.35), (1000, 0.7))),
    Limit(Work.PLAN, 1000, "compose", less=True),
    Limit(Work.VALIDATE, 1, more=0.16),
    Limit(Work.VALIDATE, 1000, more=0.6),
)
MEMORY_SIZE, MEMORY_MIB = 1000, 150


@dataclass(frozen=True, slots=True)
class Verdict:
    """A limit in words, and whether it was kept; None where it wasn't measured."""

    what: str
    limit: str
    allowed: str
    measured: str
    kept: bool | None


def verdicts(results: Results) -> Iterator[Verdict]:
    """Every limit with what was measured."""
    for limit in LIMITS:
        what = f"{ABOUT[limit.work].title}, N = {limit.size:,}"
        ours, allowed = results.of(limit.work, limit.size, OURS), _allowed(limit, results)
        if ours is None or allowed is None:
            yield Verdict(what, str(limit), "", "", None)
            continue
        kept = ours.seconds < allowed if limit.less else ours.seconds <= allowed
        yield Verdict(what, str(limit), f"{allowed:.2f} s", f"{ours.seconds:.2f} s", kept)
    yield _memory(results)
    yield from _calls(results)


def _allowed(limit: Limit, results: Results) -> float | None:
    if not limit.other:
        return limit.more
    other = results.of(limit.work, limit.size, limit.other)
    return limit.factor * other.seconds + limit.more if other else None


def _memory(results: Results) -> Verdict:
    found: list[Measured] = [m for m in results.measured.values() if (m.kind, m.size) == (OURS, MEMORY_SIZE)]
    most = max((one.memory_mib for one in found), default=None)
    measured, kept = ("", None) if most is None else (f"{most:.0f} MiB", most <= MEMORY_MIB)
    limit = f"≤ {MEMORY_MIB} MiB"
    return Verdict(f"peak memory of any work, N = {MEMORY_SIZE:,}", limit, limit[2:], measured, kept)


def _calls(results: Results) -> Iterator[Verdict]:
    for work in dict.fromkeys(one.work for one in results.counted):
        counted = [one for one in results.counted if one.work is work]
        sizes = ", ".join(f"{one.size:,}" for one in counted)
        needed, made = (
            " / ".join(f"{sum(count.values()):,}" for count in counts)
            for counts in ([one.needed for one in counted], [one.made for one in counted])
        )
        kept = all(one.needed == one.made for one in counted)
        yield Verdict(f"API calls, {ABOUT[work].title}, N = {sizes}", "those needed", needed, made, kept)
