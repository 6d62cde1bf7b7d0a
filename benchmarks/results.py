"""What came out of a run: takes measures one by one, gives them by work, size and competitor, and as JSON."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measuring import Measure
from benchmarks.works import Work

FORMAT = "dockerdecl/benchmark/v1"


class UnreadableResultsError(Exception):
    """A file that holds no results, or those of another version."""


@dataclass(frozen=True, slots=True)
class Measured:
    """All that one competitor took for one work at one size; the measures in the order in which they were made."""

    work: Work
    size: int
    kind: str
    competitor: str
    measures: list[Measure] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """The median."""
        return median(one.seconds for one in self.measures)

    @property
    def own_cpu(self) -> float:
        """The median CPU seconds of the command itself."""
        return median(one.own_cpu for one in self.measures)

    @property
    def engine_cpu(self) -> float:
        """The mean CPU seconds of the engine, whose clock goes in hundredths."""
        return sum(one.engine_cpu for one in self.measures) / len(self.measures)

    @property
    def memory_mib(self) -> float:
        """The most that any run needed."""
        return max(one.memory_mib for one in self.measures)


@dataclass(frozen=True, slots=True)
class Counted:
    """The API calls of dockerdecl for one work at one size: those that it needs, and those that it made."""

    work: Work
    size: int
    needed: Mapping[str, int]
    made: Mapping[str, int]


@dataclass(slots=True)
class Results:
    """A run: where it was made, what was measured, and what was counted."""

    surroundings: dict[str, Any] = field(default_factory=dict)
    measured: dict[tuple[Work, int, str], Measured] = field(default_factory=dict)
    counted: list[Counted] = field(default_factory=list)

    def add(self, work: Work, size: int, kind: str, competitor: str, measure: Measure) -> None:
        """Take one more measure."""
        key = (work, size, competitor)
        self.measured.setdefault(key, Measured(work, size, kind, competitor)).measures.append(measure)

    def of(self, work: Work, size: int, kind: str) -> Measured | None:
        """The fastest of that kind at that work, or None where none did it."""
        found = [m for m in self.measured.values() if (m.work, m.size, m.kind) == (work, size, kind)]
        return min(found, key=lambda one: one.seconds, default=None)

    def sizes(self, work: Work | None = None) -> list[int]:
        """The sizes that were measured, of one work or of any."""
        return sorted({one.size for one in self.measured.values() if work in (None, one.work)})

    def columns(self) -> list[tuple[str, str]]:
        """Who took part, as kind and name; one column for all that are `raw`, which comes first."""
        names = {one.competitor: one.kind for one in self.measured.values()}
        found = dict.fromkeys((kind, "raw" if kind == "raw" else name) for name, kind in names.items())
        return sorted(found, key=lambda column: column[0] != "raw")

    def cell(self, work: Work, size: int, column: tuple[str, str]) -> Measured | None:
        """What stands in one place of a table."""
        kind, name = column
        return self.of(work, size, kind) if kind == "raw" else self.measured.get((work, size, name))


def surroundings() -> dict[str, Any]:
    """Where and when this runs."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": cpu[1] if cpu else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def write(results: Results, path: Path) -> None:
    """As JSON, a line for each competitor, work and size, so that it can be compared as text."""
    measured = [
        {
            "work": one.work,
            "size": one.size,
            "kind": one.kind,
            "competitor": one.competitor,
            **{name: [asdict(m)[name] for m in one.measures] for name in Measure.__slots__},
        }
        for one in results.measured.values()
    ]
    parts = (
        f'"format": {json.dumps(FORMAT)}',
        f'"surroundings": {json.dumps(results.surroundings)}',
        f'"measured": {_lines(measured)}',
        f'"counted": {_lines(asdict(one) for one in results.counted)}',
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def _lines(rows: Iterable[object]) -> str:
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]"


def read(path: Path) -> Results:
    """What `write` wrote. Raises UnreadableResultsError."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if document.get("format") != FORMAT:
        raise UnreadableResultsError(f"{path} is no `{FORMAT}`, but {document.get('format')!r}")
    results = Results(document["surroundings"])
    for row in document["measured"]:
        for values in zip(*(row[name] for name in Measure.__slots__), strict=True):
            measure = Measure(**dict(zip(Measure.__slots__, values, strict=True)))
            results.add(Work(row["work"]), row["size"], row["kind"], row["competitor"], measure)
    results.counted = [
        Counted(Work(row["work"]), row["size"], row["needed"], row["made"]) for row in document["counted"]
    ]
    return results
