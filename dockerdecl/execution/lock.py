"""One run at a time changes a project on an engine.

Takes an engine and who asks; holds the lock for as long as a `with` lasts, and renews it meanwhile. A run that is gone
renews no more, so that its lock ends by itself, and at once for who is on the same machine and sees that its process
ended; one that was thought to be gone finds that out before its next step that takes something away.
"""

from __future__ import annotations

import getpass
import random
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import field
from functools import partial
from typing import TypeVar

from dockerdecl.engine.client import Engine
from dockerdecl.engine.locks import Claim, HeldLock, claim_lock, drop_lock, held_locks
from dockerdecl.errors import DockerdeclError, ExitCode, fail
from dockerdecl.execution.process import is_gone, this_process
from dockerdecl.execution.repeating import Patience
from dockerdecl.values import dataclass

T = TypeVar("T")

LEASE_SECONDS = 60.0
"""How long a lock lasts that is not renewed."""
_LOOK_SECONDS = 0.5
_TURNS = 5
"""How often contenders that stood in one another's way try again at once, each after another pause."""
_CHECK_SECONDS = 1.0
_UNDER_WAY_SECONDS = 1.0
"""How long most calls take that an engine goes on with after whoever sent them was killed."""


@dataclass(slots=True)
class Lock:
    """A lock that is held. `check` is called before whatever takes something away."""

    engine: Engine
    claim: Claim
    generation: int
    name: str
    lease: float
    _checked: float = field(default_factory=time.monotonic)
    _lost: DockerdeclError | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raises `lock-lost` where somebody else has the project now; asks the engine once in a second at most."""
        with self._guard:
            if self._lost is None and time.monotonic() - self._checked > _CHECK_SECONDS:
                if not self._stands():
                    self._lost = _lost(self.claim.project)
                self._checked = time.monotonic()
            if self._lost is not None:
                raise self._lost

    def keep(self) -> None:
        """Renew until it is over; what fails is tried again, and the lock ends by itself where it goes on failing."""
        while not self._over.wait(self.lease / 3):
            with suppress(DockerdeclError), self._guard:
                if not self._stands():
                    self._lost = _lost(self.claim.project)
                    return
                name = claim_lock(self.engine, self.claim, self.generation + 1)
                if name is None:  # who has it is taking this one over, or about to give way
                    continue
                former, self.name, self.generation = self.name, name, self.generation + 1
                drop_lock(self.engine, former)

    def release(self) -> None:
        """Give the project back."""
        self._over.set()
        with self._guard, suppress(DockerdeclError):  # one that can't be removed ends by itself
            if self._stands():  # else another one may have the name by now
                _surely(partial(drop_lock, self.engine, self.name))

    def _stands(self) -> bool:
        return any(lock.claim.token == self.claim.token for lock in held_locks(self.engine, self.claim.project))


@contextmanager
def locked(
    engine: Engine, project: str, command: str, timeout: float, *, lease: float = LEASE_SECONDS
) -> Iterator[Lock]:
    """The project for this run alone. Waits for `timeout` seconds at most; `lease` is what every run must agree on.

    Raises `locked` (exit code 5), which says who has it.
    """
    lock = _acquire(engine, project, command, timeout, lease)
    keeper = threading.Thread(target=lock.keep, name="dockerdecl-lock", daemon=True)
    keeper.start()
    try:
        yield lock
    finally:
        lock.release()


def unlock(engine: Engine, project: str) -> tuple[HeldLock, ...]:
    """Remove every lock of a project, whoever has it; gives what was removed."""
    found = held_locks(engine, project)
    for lock in found:
        drop_lock(engine, lock.name)
    return found


def _acquire(engine: Engine, project: str, command: str, timeout: float, lease: float) -> Lock:
    claim = Claim(project, secrets.token_hex(16), who(), command, engine.clock(), this_process())
    deadline = time.monotonic() + timeout
    turns = _TURNS
    while True:
        holder, lock = _attempt(engine, claim, lease)
        if lock is not None:
            return lock
        if holder is None and turns:
            turns -= 1
            time.sleep(random.uniform(0, _LOOK_SECONDS))
        elif time.monotonic() >= deadline:
            raise _refusal(project, holder, engine.clock())
        else:
            time.sleep(_LOOK_SECONDS)


def _attempt(engine: Engine, claim: Claim, lease: float) -> tuple[HeldLock | None, Lock | None]:
    "the lock where nobody had it, or who has it; neither where several came at once and gave way"
    before = held_locks(engine, claim.project)
    holders = [lock for lock in before if _holds(lock, lease)]
    if holders:
        return holders[-1], None
    generation = before[-1].generation + 1 if before else 1
    name = _surely(partial(claim_lock, engine, claim, generation))
    if name is None:
        return None, None
    after = held_locks(engine, claim.project)
    # Whoever looked while a lock was given back may have begun to count anew, so that two claim two generations. Of
    # two that look after they claimed, the later one sees the earlier one; who is seen by the other can't be told.
    own = [lock for lock in after if lock.claim.token == claim.token]
    if not own or any(_holds(lock, lease) for lock in after if lock not in own):
        for lock in own:
            drop_lock(engine, lock.name)
        return None, None
    for lock in before:
        drop_lock(engine, lock.name)
    if any(lock.age < lease for lock in before):  # killed a moment ago: what it had sent may still be under way
        time.sleep(_UNDER_WAY_SECONDS)
    return None, Lock(engine, claim, generation, name, lease)


def _surely(call: Callable[[], T]) -> T:
    "twice comes to the same: a claim is told by its token, and a lock that is gone is no error"
    return Patience()(call, call)


def _holds(lock: HeldLock, lease: float) -> bool:
    return lock.age < lease and not is_gone(lock.claim.process)


def who() -> str:
    """Who runs this, and on which host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a process whose user has no name
        user = "somebody"
    return f"{user}@{socket.gethostname()}"


def _refusal(project: str, holder: HeldLock | None, now: int) -> DockerdeclError:
    hint = "wait for it with `--lock-timeout 5m`; a run that is gone loses its lock after a minute at most, or by "
    hint += "`dockerdecl unlock`"
    if holder is None:
        return fail("locked", f"{project} is being changed by another run", hint=hint, exit_code=ExitCode.LOCKED)
    claim = holder.claim
    began = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(claim.since))
    message = (
        f"{project} is being changed by {claim.holder} with `{claim.command}`, since {began} UTC "
        f"({max(0, now - claim.since)} s ago)"
    )
    return fail("locked", message, hint=hint, exit_code=ExitCode.LOCKED)


def _lost(project: str) -> DockerdeclError:
    message = f"the lock of {project} was lost: another run has it now, or it was removed"
    hint = "see what the other run does; a plan tells what is left to do"
    return fail("lock-lost", message, hint=hint, exit_code=ExitCode.LOCKED)
