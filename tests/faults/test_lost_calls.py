"""A call is lost, or an engine fails at it without a reason: the run goes on where that is safe, and says so where not.

CI tries one case; all of them: `pytest -m slow tests/faults/test_lost_calls.py`.
"""

from __future__ import annotations

import re

import pytest

from tests.faults.cases import Case, instants
from tests.faults.conftest import BenchMaker
from tests.support.engine_proxy import Fault, Kind

LOST = (Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.REFUSE)
ONCE = re.compile(r"^/(exec/|containers/[^/]+/exec)")
"""What is not made again: commands in containers."""


@pytest.mark.parametrize(("case", "kind", "stride"), instants(LOST, "hooks", Kind.DROP_AFTER))
def test_a_call_that_is_lost_is_made_again(bench: BenchMaker, case: Case, kind: Kind, stride: int) -> None:
    """One that failed once must not fail the run, nor be done twice; commands are not repeated, and fail it clearly."""
    at = bench(case)

    def judge(fault: Fault) -> None:
        done = at.change(fault)
        if fault.hit and ONCE.match(fault.hit[0].path):
            assert done.exit == 1 and "Traceback" not in done.stderr, f"{done}"
            at.finish()
        else:
            assert done.exit == 0, f"{done}"
            at.assert_done()

    at.at_every_call(kind, judge, stride=stride)
