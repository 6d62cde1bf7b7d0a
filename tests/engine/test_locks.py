"""The lock of a project on a real engine: one holder at a time, whatever the others do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from dockerdecl.engine.client import Engine
from dockerdecl.engine.connection import connect
from dockerdecl.engine.locks import drop_lock, held_locks
from dockerdecl.errors import DockerdeclError, ExitCode
from dockerdecl.execution.lock import locked, unlock
from tests.support.engines import PrivateEngine


@pytest.fixture
def connected(engine: PrivateEngine) -> Iterator[Engine]:
    """A connection to the engine."""
    with connect(engine.host, None, {}) as connection:
        yield connection


def test_a_second_run_is_told_who_has_the_project(connected: Engine) -> None:
    """Exit code 5, with who, since when and with which command; another project doesn't wait."""
    with locked(connected, "shop", "dockerdecl apply", 0):
        with pytest.raises(DockerdeclError) as refused, locked(connected, "shop", "dockerdecl destroy", 0):
            pass
        assert refused.value.code == "locked" and refused.value.exit_code is ExitCode.LOCKED
        assert "with `dockerdecl apply`, since 20" in str(refused.value)
        with locked(connected, "other", "dockerdecl apply", 0):
            pass
    assert held_locks(connected, "shop") == held_locks(connected, "other") == ()


def test_a_lock_is_waited_for(connected: Engine) -> None:
    """Who may wait gets the project as soon as it is given back."""
    held = locked(connected, "shop", "dockerdecl apply", 0)
    held.__enter__()
    threading.Timer(1.0, held.__exit__, (None, None, None)).start()
    began = time.monotonic()
    with locked(connected, "shop", "dockerdecl apply", 30):
        assert 0.5 < time.monotonic() - began < 20


def test_of_many_one_has_the_project(engine: PrivateEngine) -> None:
    """Runs that come at the same moment must never have it at the same time."""
    inside, together, done = 0, 0, 0
    guard = threading.Lock()

    def contend() -> None:
        nonlocal inside, together, done
        with connect(engine.host, None, {}) as own, locked(own, "shop", "dockerdecl apply", 60):
            with guard:
                inside += 1
                together = max(together, inside)
            time.sleep(0.02)
            with guard:
                inside -= 1
                done += 1

    contenders = [threading.Thread(target=contend) for _ in range(8)]
    for contender in contenders:
        contender.start()
    for contender in contenders:
        contender.join(timeout=120)
    assert (together, done) == (1, 8)


def test_a_lock_that_is_not_renewed_is_taken_over_and_its_holder_stopped(connected: Engine) -> None:
    """A run that is gone must not block for ever, and one that comes back must not take anything away."""
    gone = locked(connected, "shop", "dockerdecl apply", 0, lease=2)
    lock = gone.__enter__()
    lock._over.set()  # as a run does that was stopped in its tracks: it renews no more
    with locked(connected, "shop", "dockerdecl destroy", 30, lease=2) as taken:
        taken.check()
        time.sleep(1.1)  # the holder asks the engine once in a second
        with pytest.raises(DockerdeclError) as stopped:
            lock.check()
        assert stopped.value.code == "lock-lost"
    assert held_locks(connected, "shop") == ()


def test_a_lock_is_renewed_while_it_is_held(connected: Engine) -> None:
    """A run that takes longer than a lease must keep the project."""
    with locked(connected, "shop", "dockerdecl apply", 0, lease=6) as lock:
        time.sleep(7)
        lock.check()
        with pytest.raises(DockerdeclError), locked(connected, "shop", "dockerdecl apply", 0, lease=6):
            pass
        assert len(held_locks(connected, "shop")) == 1


def test_an_unlocked_run_is_stopped_before_it_takes_something_away(connected: Engine) -> None:
    """`unlock` takes the lock from whoever has it."""
    with locked(connected, "shop", "dockerdecl apply", 0) as lock:
        assert [held.claim.command for held in unlock(connected, "shop")] == ["dockerdecl apply"]
        time.sleep(1.1)
        with pytest.raises(DockerdeclError) as stopped:
            lock.check()
        assert stopped.value.exit_code is ExitCode.LOCKED
    drop_lock(connected, lock.name)
