"""Benches: a case on an engine behind a proxy, cleared away in the end."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.bench import Bench
from tests.faults.cases import Case
from tests.support.engine_proxy import EngineProxy
from tests.support.engines import PrivateEngine

BenchMaker = Callable[[Case], Bench]
SAMPLED_ON = {
    "test_crashes": "26.1",
    "test_lost_calls": "20.10",
    "test_many_runs": "20.10",
    "test_signals": "26.1",
    "test_disturbances": "26.1",
}
"""The engine on which CI tries a few of many; on the others all of it is slow."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long is tried on one engine in CI, each module on another."""
    for item in items:
        parameters = getattr(item, "callspec", None)
        sampled = SAMPLED_ON.get(item.path.stem) if item.path.parent == Path(__file__).parent else None
        if sampled and parameters and parameters.params.get("engine") != sampled:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def bench(engine: PrivateEngine, tmp_path: Path) -> Iterator[BenchMaker]:
    """`bench(case)` is the case on the engine, before anything was done."""
    with ExitStack() as held:
        sockets = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="px-", dir="/tmp")))

        def make(case: Case) -> Bench:
            proxy = held.enter_context(EngineProxy(engine.socket, sockets / "p.sock"))
            made = Bench(engine, proxy, tmp_path, case)
            held.callback(made.clear)
            return made

        yield make
