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
