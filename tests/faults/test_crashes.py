"""The program is killed at every call that changes something, and the next run finishes what it began.

With one step at a time, killed before a call is the same as killed after the one before; with several, other steps are
under way. CI tries one case; all of them: `pytest -m slow tests/faults/test_crashes.py`.
"""

from __future__ import annotations

import signal

import pytest

from tests.faults.cases import Case, instants
from tests.faults.conftest import BenchMaker
from tests.support.engine_proxy import Fault, Kind

KILLED = (Kind.KILL_BEFORE, Kind.KILL_AFTER, Kind.KILL_ANSWERED)


@pytest.mark.parametrize(("case", "kind", "stride"), instants(KILLED, "replace", Kind.KILL_AFTER))
def test_the_next_run_finishes_what_a_killed_one_began(bench: BenchMaker, case: Case, kind: Kind, stride: int) -> None:
    """After a crash at any call the plan is truthful, and the next run ends in the declared state, nothing lost."""
    at = bench(case)
    at.parallelism = 1 if kind is Kind.KILL_BEFORE else 6

    def judge(fault: Fault) -> None:
        done = at.change(fault)
        if fault.hit:
            assert done.exit == -signal.SIGKILL, f"was not killed:\n{done}"
            at.finish()
        else:
            assert done.exit == 0, f"failed without a fault:\n{done}"
            at.assert_done()

    at.at_every_call(kind, judge, stride=stride)
