"""The command line: `python -m benchmarks [options]` measures, `python -m benchmarks report RESULTS FOLDER` writes."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks import report, results, running
from benchmarks.competitors import UnknownCompetitorError, competitors
from benchmarks.host import MOST_STARTED
from benchmarks.measuring import CommandFailedError
from benchmarks.works import Work
from tests.support.engines import available_engines, why_not

T = TypeVar("T")
PLACE = Path("docs/benchmarks")


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; gives the exit code."""
    if arguments[:1] == ["report"]:
        return _report(arguments[1:])
    options = _parser().parse_args(arguments)
    if reason := why_not(options.engine):
        print(f"benchmarks: {reason}", file=sys.stderr)
        return 1
    surroundings = results.surroundings()

    def keep(found: results.Results) -> None:
        found.surroundings.update({**surroundings, "rounds": options.rounds})
        results.write(found, options.output)

    order = running.Order(options.sizes, options.rounds, options.work, _say, keep, options.started_up_to)
    try:
        named = functools.partial(competitors, options.competitors)
        running.run(order, named, available_engines()[options.engine])
    except (UnknownCompetitorError, CommandFailedError, running.NotDoneError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    return 0


def _report(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks report", description="Make a page of results.")
    parser.add_argument("results", type=Path, nargs="?", default=PLACE / "results.json")
    parser.add_argument("folder", type=Path, nargs="?", default=PLACE)
    given = parser.parse_args(arguments)
    try:
        report.write(results.read(given.results), given.folder)
    except (OSError, results.UnreadableResultsError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--sizes", type=_list_of(int), default="1,10,50,200,1000", help="how many containers")
    parser.add_argument("--started-up-to", type=int, default=MOST_STARTED, help="the size above which none is started")
    parser.add_argument("--rounds", type=int, default=3, help="how often each competitor does all of it")
    parser.add_argument(
        "--competitors",
        default="raw,dockerdecl,compose,sdk",
        help="who is measured; dockerdecl=PATH and compose=PATH name a program, and may be given more than once",
    )
    parser.add_argument("--work", type=_list_of(Work), default=",".join(Work), help="what is measured")
    parser.add_argument("--engine", default="26.1", help="the version of the engine")
    parser.add_argument("--output", type=Path, default=PLACE / "results.json", help="where the results go")
    return parser


def _list_of(kind: Callable[[str], T]) -> Callable[[str], list[T]]:
    def parse(text: str) -> list[T]:
        return [kind(word.strip()) for word in text.split(",")]

    return parse


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
