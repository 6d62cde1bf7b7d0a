"""What the benchmarks measure, as far as it can be held without a clock: the API calls, and ratios of own CPU.

`benchmarks/calls.py` is the table of calls. CPU is held against a program that only loads the libraries which start-up
can't do without: both are measured in turn and the best of a few runs counts, so that a busy machine does no harm.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks import calls
from benchmarks.competitors import Task, dockerdecl_arguments
from benchmarks.host import IMAGE, write_forms
from benchmarks.measuring import timed
from benchmarks.works import Work
from tests.support.engine_proxy import EngineProxy
from tests.support.engines import PrivateEngine
from tests.support.images import import_busybox
from tests.support.program import PROGRAM, run

SIZE = 3
TRIES = 7
LIBRARIES = (sys.executable, "-c", "import typer, pydantic, yaml")
NOWHERE = "unix:///dev/null"

# How many times the CPU of loading the libraries: half as much again as measured, so that a doubling shows. Lower them
# whenever something has become faster.
VERSION = 1.0  # 0.6
VALIDATE_1000 = 5.0  # 3.3
PLAN_100 = 3.2  # 2.0


@pytest.fixture(scope="module")
def seen(engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Mapping[Work, Counter[str]]:
    """Every work in turn, from nothing to nothing, and the calls that it came to."""
    folder = tmp_path_factory.mktemp("calls")
    import_busybox(engine, IMAGE)
    forms = write_forms(folder / "forms", SIZE, started=True)
    found: dict[Work, Counter[str]] = {}
    with EngineProxy(engine.socket, folder / "proxy.sock") as proxy:
        for work in calls.NEEDED:
            proxy.lay(None)
            arguments = dockerdecl_arguments(Task(work, forms, SIZE, started=True))
            done = run(PROGRAM, arguments, engine=engine, folder=folder, environment={"DOCKER_HOST": proxy.host})
            assert done.exit == 0, done
            found[work] = calls.made(proxy.calls)
    return found


@pytest.mark.newest
@pytest.mark.parametrize("work", calls.NEEDED)
def test_only_the_needed_calls_are_made(seen: Mapping[Work, Counter[str]], work: Work) -> None:
    assert seen[work] == calls.needed(work, SIZE)


def test_the_start_costs_hardly_more_than_the_libraries(tmp_path: Path) -> None:
    assert_ratio_within(VERSION, Task(Work.VERSION, tmp_path, 0, started=False), NOWHERE, tmp_path)


def test_checking_a_thousand_containers_takes_little_cpu(tmp_path: Path) -> None:
    task = Task(Work.VALIDATE, write_forms(tmp_path / "forms", 1000, started=False), 1000, started=False)
    assert_ratio_within(VALIDATE_1000, task, NOWHERE, tmp_path)


@pytest.mark.newest
def test_a_plan_of_a_hundred_containers_takes_little_cpu(engine: PrivateEngine, tmp_path: Path) -> None:
    import_busybox(engine, IMAGE)
    forms = write_forms(tmp_path / "forms", 100, started=False)
    timed((*PROGRAM, *dockerdecl_arguments(Task(Work.APPLY, forms, 100, started=False))), engine.host, tmp_path)
    try:
        assert_ratio_within(PLAN_100, Task(Work.PLAN, forms, 100, started=False), engine.host, tmp_path)
    finally:
        timed((*PROGRAM, *dockerdecl_arguments(Task(Work.DESTROY, forms, 100, started=False))), engine.host, tmp_path)


def assert_ratio_within(limit: float, task: Task, host: str, folder: Path) -> None:
    """Own CPU is at most so many times that of loading the libraries; ends at the first try that shows it."""
    best, floor = [], []
    for _ in range(TRIES):
        floor.append(timed(LIBRARIES, host, folder).own_cpu)
        best.append(timed((*PROGRAM, *dockerdecl_arguments(task)), host, folder).own_cpu)
        if min(best) <= limit * min(floor):
            return
    took = f"{min(best):.3f} s of CPU, {min(best) / min(floor):.2f} times the {min(floor):.3f} s of the libraries"
    raise AssertionError(f"{task.work} took {took}, where {limit} times are allowed")
