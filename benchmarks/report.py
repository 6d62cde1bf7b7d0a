"""Makes a page of results: README.md with pictures beside it. The same results give the same page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import limits, plot
from benchmarks.results import Counted, Measured, Results
from benchmarks.works import ABOUT, ALONE, Work

Column = tuple[str, str]
SHOWN_SIZES = (50, 200)
INTRODUCTION = """# Benchmarks

How long dockerdecl takes beside others that do the same on engines of the same version, measured in one run, one after
the other on a machine that has nothing else to do. Seconds are medians; in brackets, how many times those of `raw` they
are.

- **raw** makes only the API calls that nobody can do without, with 4 or 8 workers, whichever is faster. It checks
  nothing, remembers nothing and has no way back: the floor.
- **dockerdecl** is the command as it is installed. It inspects every container, holds a lock, writes down what it did,
  and keeps the old container until the new one runs.
- **compose** is Docker Compose. Where there is nothing to do, `up` looks at labels only; its plan of a change is
  `--dry-run`.
- **sdk** is the loop that one writes first with the docker SDK for Python: one container after the other.

Each is a process of its own, and its start is part of what is measured. Containers sleep; each has variables, labels, a
restart policy, and an alias on a network that all share. Up to N = 200 they run, above they are only created.
"""
AGAIN = """
## Measure again

As root on Debian, for an hour or two; fewer `--sizes`, `--work` and `--rounds` take less:

<!-- not run: it takes an hour -->
```console
$ scripts/benchmark
$ scripts/benchmark --sizes 1,50 --work plan,apply,destroy --competitors raw,dockerdecl --output /tmp/results.json
```

It sets up all that is missing, starts an engine for each competitor, and ends with this page. `--help` has the options,
[results.json](results.json) every single measure.
"""


def write(results: Results, folder: Path) -> None:
    """The page and its pictures, in that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {name: (title, picture) for name, title, picture in _pictures(results)}
    for name, (_, picture) in pictures.items():
        (folder / name).write_text(picture, encoding="utf-8")
    for former in set(folder.glob("*.svg")) - {folder / name for name in pictures}:
        former.unlink()
    shown = "".join(f"\n![{title}]({name})\n" for name, (title, _) in pictures.items())
    (folder / "README.md").write_text(page(results, shown), encoding="utf-8")


def page(results: Results, pictures: str = "") -> str:
    """As Markdown."""
    parts = (INTRODUCTION, _where(results), pictures, _limits(results), _seconds(results), _costs(results), AGAIN)
    return "".join(parts)


def _where(results: Results) -> str:
    s = results.surroundings
    machine = f"{s['cores']} cores of {s['cpu']}, {s['memory_gib']} GiB, Linux {s['kernel']}, Python {s['python']}"
    return f"\nMeasured on {s['date']}: engine {s['engine']}, {machine}; rounds: {s['rounds']}.\n"


def _pictures(results: Results) -> Iterator[tuple[str, str, str]]:
    "file name, title, SVG"
    names = [name for _, name in results.columns()]
    changing = [work for work in Work if ABOUT[work].changes]
    for size in [n for n in SHOWN_SIZES if n in results.sizes(Work.APPLY)] or results.sizes(Work.APPLY)[-1:]:
        groups = {ABOUT[work].title: dict(_ratios(results, work, size)) for work in changing}
        groups = {group: values for group, values in groups.items() if values}
        if groups:
            title = f"Seconds as a multiple of raw, N = {size:,}"
            yield f"changes-{size}.svg", title, plot.bars(plot.Bars(title, names, groups))
    lines = {column[1]: _line(results, column) for column in results.columns()}
    lines = {name: line for name, line in lines.items() if line}
    if lines:
        title = "Seconds of a plan with nothing to do"
        yield "plan.svg", title, plot.lines(plot.Lines(title, names, lines))


def _ratios(results: Results, work: Work, size: int) -> Iterator[tuple[str, float]]:
    raw = results.of(work, size, "raw")
    for column in results.columns():
        one = results.cell(work, size, column)
        if raw and one and one is not raw:
            yield column[1], one.seconds / raw.seconds


def _line(results: Results, column: Column) -> dict[int, float]:
    found = {size: results.cell(Work.PLAN, size, column) for size in results.sizes(Work.PLAN)}
    return {size: one.seconds for size, one in found.items() if one}


def _limits(results: Results) -> str:
    words = {True: "kept", False: "**not kept**", None: "not measured"}
    rows = [(v.what, v.limit, v.allowed, v.measured, words[v.kept]) for v in limits.verdicts(results)]
    beyond = "".join(f"\n- {ABOUT[one.work].title}, N = {one.size:,}: {_beyond(one)}" for one in _unlike(results))
    said = f"\nCalls that are not as they should be:\n{beyond}\n" if beyond else ""
    return "\n## Limits\n" + _table(("what", "limit", "that is", "measured", ""), rows) + said


def _unlike(results: Results) -> Iterator[Counted]:
    yield from (one for one in results.counted if one.made != one.needed)


def _beyond(one: Counted) -> str:
    kinds = sorted({*one.made, *one.needed})
    counts = [(kind, one.made.get(kind, 0), one.needed.get(kind, 0)) for kind in kinds]
    return ", ".join(f"`{kind}` {made} times, not {needed}" for kind, made, needed in counts if made != needed)


def _seconds(results: Results) -> str:
    columns = results.columns()
    found = []
    for work in Work:
        rows = [
            ("any" if work in ALONE else f"{size:,}", *(_timed(results, work, size, column) for column in columns))
            for size in results.sizes(work)
        ]
        if rows:
            found.append(f"\n### {ABOUT[work].title}\n{_table(('N', *(name for _, name in columns)), rows)}")
    return "\n## Seconds\n" + "".join(found)


def _timed(results: Results, work: Work, size: int, column: Column) -> str:
    one, raw = results.cell(work, size, column), results.of(work, size, "raw")
    if one is None:
        return ""
    return f"{_short(one.seconds)}{f' ({one.seconds / raw.seconds:.2f})' if raw and raw is not one else ''}"


def _costs(results: Results) -> str:
    columns = results.columns()
    found = [
        "\n## CPU and memory\n\nCPU seconds of the command itself + of dockerd and containerd meanwhile, without what "
        "they start for each\ncontainer; and the most memory of any run.\n"
    ]
    for size in results.sizes():
        rows = [
            (ABOUT[work].title, *(_cost(results.cell(work, size, column)) for column in columns))
            for work in Work
            if size in results.sizes(work)
        ]
        title = f"N = {size:,}" if size else "Without a host"
        found.append(f"\n### {title}\n{_table(('work', *(name for _, name in columns)), rows)}")
    return "".join(found)


def _cost(one: Measured | None) -> str:
    return f"{_short(one.own_cpu)} + {_short(one.engine_cpu)}, {one.memory_mib:.0f} MiB" if one else ""


def _short(seconds: float) -> str:
    return f"{seconds:.3f}" if seconds < 1 else f"{seconds:.2f}" if seconds < 10 else f"{seconds:.1f}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *(list(row) for row in rows)]
    rule = f"|{'---|' * len(lines[0])}\n"
    first, *rest = (f"| {' | '.join(line)} |\n" for line in lines)
    return "".join(("\n", first, rule, *rest))
