"""Ctrl-C and SIGTERM amid a replacement on a real engine."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.bench import OPTIONS, Bench
from tests.faults.cases import CASES
from tests.faults.conftest import BenchMaker
from tests.support.engine_proxy import Fault, Kind, changing
from tests.support.eventually import eventually
from tests.support.started import Started, started

REPLACE = next(case for case in CASES if case.name == "replace")
DELAY = 1.5


@contextmanager
def _held_up(at: Bench, concerns: str, *, looking: bool = False) -> Iterator[tuple[Started, Fault]]:
    "an apply that is amid a call on this path, which takes a while"
    fault = Fault(Kind.DELAY, changing(concerns), seconds=DELAY)
    if looking:
        fault = Fault(Kind.DELAY, lambda call: concerns in call.path and _locks(at) != [], seconds=DELAY)
    at.proxy.lay(fault)
    command = ("apply", *OPTIONS, "-f", "after.yaml")
    with started(command, host=at.proxy.host, folder=at.folder, environment={"DOCKERDECL_SETTLE": "0s"}) as going:
        eventually(lambda: _has_struck(fault))
        yield going, fault


def _has_struck(fault: Fault) -> None:
    assert fault.hit, "the call has not come yet"


def _locks(at: Bench) -> list[str]:
    return [name for name in at.state().volumes if ".lock." in name]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_running_steps_finish(bench: BenchMaker, number: signal.Signals) -> None:
    """What was stopped for a new version that never stood runs again; nothing else begins; the report says so."""
    at = bench(REPLACE)
    before = at.reset()
    with _held_up(at, "/stop$") as (going, fault):
        going.signal(number)
        done = going.ended()
    assert done.exit == 130, f"{done}"
    assert "Finishing the running steps" in done.stderr and "Interrupted" in done.stdout + done.stderr, f"{done}"
    assert fault.hit[0].status == 204, "the running step was not finished"
    after = at.state()
    assert after.running() >= before.running() and _locks(at) == [], f"{done}"
    assert not after.temporary_names(), f"{after.temporary_names()}"
    at.finish()


def test_a_second_signal_ends_at_once_and_the_next_run_takes_over(bench: BenchMaker) -> None:
    """Whoever is in a hurry need not wait for a step; the lock that was left holds nobody up on this machine."""
    at = bench(REPLACE)
    at.reset()
    with _held_up(at, "/stop$") as (going, _):
        going.signal(signal.SIGINT)
        eventually(lambda: _says(going, "Finishing the running steps"))
        began = time.monotonic()
        going.signal(signal.SIGINT)
        assert going.ended().exit == 130
        assert time.monotonic() - began < DELAY
    assert _locks(at)
    at.finish()


def test_a_signal_before_the_first_step_leaves_all_as_it_was(bench: BenchMaker) -> None:
    """While it still looks, there is nothing to finish: it ends, and gives the lock back."""
    at = bench(REPLACE)
    before = at.reset()
    with _held_up(at, "/containers/json", looking=True) as (going, _):
        going.signal(signal.SIGINT)
        done = going.ended()
    assert done.exit == 130 and "Traceback" not in done.stderr, f"{done}"
    assert at.state().running() == before.running() and _locks(at) == []


def _says(going: Started, text: str) -> None:
    assert text in going.shown(), f"it has not said {text!r} yet"
