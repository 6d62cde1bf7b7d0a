"""Which calls are made again where their answer was lost, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import get_args

import pytest

from dockerdecl.errors import DockerdeclError, ExitCode, fail
from dockerdecl.execution.repeating import PAUSES, REPEATING, Patience
from dockerdecl.planning.verbs import Payload

LOST = fail("connection-lost", "gone", exit_code=ExitCode.UNREACHABLE)
UNEXPLAINED = fail("engine-failed", "injected")
REFUSED = fail("port-in-use", "it is taken")


@pytest.fixture(autouse=True)
def paused(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of them waited for."""
    made: list[float] = []
    monkeypatch.setattr("dockerdecl.execution.repeating.time.sleep", made.append)
    return made


def failing(*errors: DockerdeclError) -> Callable[[], str]:
    """A call that fails so often, and comes through then."""
    left: Iterator[DockerdeclError] = iter(errors)

    def call() -> str:
        for error in left:
            raise error
        return "done"

    return call


def test_of_every_payload_it_is_said_whether_it_is_repeated() -> None:
    assert set(REPEATING) == set(get_args(Payload))


@pytest.mark.parametrize(("errors", "pauses"), [((), 0), ((LOST,), 1), ((UNEXPLAINED,), 1), ((LOST,) * 4, 4)])
def test_a_call_comes_through_after_pauses(
    errors: tuple[DockerdeclError, ...], pauses: int, paused: list[float]
) -> None:
    call = failing(*errors)
    assert Patience()(call, call) == "done"
    assert tuple(paused) == PAUSES[:pauses]


@pytest.mark.parametrize(
    ("errors", "pauses"),
    [((REFUSED,), 0), ((LOST, REFUSED), 1), ((UNEXPLAINED, UNEXPLAINED), 1), ((LOST,) * 5, 4)],
)
def test_what_can_not_come_through_ends_in_its_own_error(
    errors: tuple[DockerdeclError, ...], pauses: int, paused: list[float]
) -> None:
    """A refusal is no accident; an engine that fails twice does it again; one that stays away is given up."""
    call = failing(*errors)
    with pytest.raises(DockerdeclError) as failed:
        Patience()(call, call)
    assert failed.value is errors[-1]
    assert len(paused) == pauses


def test_an_engine_that_stayed_away_is_waited_for_once(paused: list[float]) -> None:
    """Many steps, and what takes them back, must not wait one after the other, until one call comes through."""
    patience = Patience()
    dead = failing(*[LOST] * 6)
    for pauses in (PAUSES, ()):
        with pytest.raises(DockerdeclError):
            patience(dead, dead)
        assert tuple(paused) == pauses
        paused.clear()
    assert patience(dead, dead) == "done"
    call = failing(LOST)
    assert patience(call, call) == "done"
    assert tuple(paused) == PAUSES[:1]
