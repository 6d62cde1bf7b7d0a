"""The program is killed at every call that changes something, and the next run finishes what it began.

With one step at a time, killed before a call is the same as killed after the one before; with several, other steps are
under way. CI tries one case; all of them: `pytest -m slow tests/faults/test_crashes.py`.
"""

from __future__ import annotations

import signal

import pytest

from tests.faults.bench import still_there
from tests.faults.cases import Case, broken_cases, instants
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
            # The answer to the last call, which gives the lock back, may find the run ended before the signal does.
            through = kind is Kind.KILL_ANSWERED and ".lock." in fault.hit[0].path and done.exit == 0
            assert through or done.exit == -signal.SIGKILL, f"was not killed:\n{done}"
            at.finish()
        else:
            assert done.exit == 0, f"failed without a fault:\n{done}"
            at.assert_done()

    at.at_every_call(kind, judge, stride=stride)


@pytest.mark.parametrize(("case", "stride"), broken_cases())
def test_an_old_version_runs_wherever_no_new_one_stood(bench: BenchMaker, case: Case, stride: int) -> None:
    """After a crash, a new version that can't stand leaves the old one running, and the way back keeps it."""
    at = bench(case)

    def judge(fault: Fault) -> None:
        before = at.state()
        at.change(fault)
        if not fault.hit:
            return
        old = still_there(before, at.state())
        failed = at.run("apply", manifest="broken.yaml")
        assert failed.exit == 1 and "Traceback" not in failed.stderr, f"what can't stand was applied:\n{failed}"
        now = at.state()
        ended = [address for address, container in old.items() if container not in now.running()]
        assert not ended, f"{ended} were not started again:\n{failed}"
        assert not now.temporary_names(), f"temporary names are left: {now.temporary_names()}"
        at.finish("before.yaml")
        lost = old.keys() - {address for address, one in old.items() if one in at.state().containers}
        assert not lost, f"{lost} were made anew on the way back"

    at.at_every_call(Kind.KILL_BEFORE, judge, stride=stride)
