"""Containers started, stopped, paused and killed by hand, in an order that their dependencies bear.

Takes an engine, containers and what is declared of them where that is known; changes their states and gives a document
that says what became of each, and what the next apply would make of it. Decides no ownership and takes no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

from typing_extensions import TypedDict

from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.operations.found import FoundContainer
from dockerdecl.planning.containers import Transition, transition_of
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.address import Address, parse_address
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.ownership import NEEDS
from dockerdecl.resources.rows import Raw, look_up
from dockerdecl.resources.schemas import documented, one_of
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine

FORMAT: Literal["dockerdecl/states/v1"] = "dockerdecl/states/v1"

_WORKERS = 8


class Verb(StrEnum):
    """What is done to a container."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    KILL = "kill"
    PAUSE = "pause"
    UNPAUSE = "unpause"


_ALREADY: Mapping[Verb, tuple[str, ...]] = {
    Verb.START: ("running", "restarting"),
    Verb.STOP: ("created", "exited", "dead"),
    Verb.PAUSE: ("paused",),
    Verb.UNPAUSE: ("running", "restarting", "created", "exited", "dead"),
}
_DEPENDANTS_FIRST = (Verb.STOP, Verb.KILL, Verb.PAUSE)

_HINTS: Mapping[str, str] = {
    "paused": "`dockerdecl unpause` lets it go on",
    "not-running": "`dockerdecl start` starts it",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted: the verb, the grace of a stop in seconds, the signal of a kill."""

    verb: Verb
    timeout: int | None = None
    signal: str = "SIGKILL"


@documented
class StateDocument(TypedDict):
    """What became of one container."""

    address: str | None
    """Its address in its project; null where it belongs to none."""
    name: str
    """Its name on the engine."""
    id: str
    """Its id on the engine."""
    outcome: Annotated[str, one_of(("done", "nothing", "failed", "skipped"))]
    """done, nothing (it was so already), failed, or skipped since one that comes before it failed."""
    before: str
    """The state that it was in, in the engine's word."""
    after: str
    """The state that it is in now."""
    exit_code: int | None
    """The exit code; null while it runs."""
    drift: str | None
    """What the next apply would do about it; null where it is as declared, or where what is declared isn't known."""
    needed_by: list[str]
    """The addresses of those that need it and run on, though it runs no more or is paused."""
    error: str | None
    """Why it failed, in the engine's words."""
    code: str | None
    """The code of that error."""
    hint: str | None
    """What to do about it."""


@documented
class StatesDocument(TypedDict):
    """What became of containers that were started, stopped, paused or killed by hand."""

    format: Literal["dockerdecl/states/v1"]
    """The format of this document."""
    verb: Annotated[str, one_of(Verb)]
    """What was done."""
    containers: list[StateDocument]
    """The containers, in the order in which it was done."""


@dataclass(frozen=True, slots=True)
class Steered:
    """What came of one container: what it is now, or what stood in the way."""

    container: FoundContainer
    live: LiveContainer | None = None
    problem: Problem | None = None
    skipped: bool = False


@dataclass(slots=True)
class _Work:
    engine: Engine
    wish: Wish
    failed: set[str] = field(default_factory=set)
    """The ids of those that failed, and of those that were left alone for it."""


def change_states(
    engine: Engine,
    chosen: Sequence[FoundContainer],
    wish: Wish,
    declared: Mapping[Address, DesiredContainer],
    everyone: Sequence[FoundContainer] = (),
) -> StatesDocument:
    """Do what is wished to the chosen containers; those that don't need one another at the same time.

    Who needs another one is stopped before it and started after it. Where one fails, those that come after it for its
    sake are left alone. `everyone` is all that is on the engine: some may need what is stopped.
    """
    work = _Work(engine, wish)
    if wish.verb is Verb.RESTART and any(needs_among(chosen).values()):
        # Nobody is to meet one that is just being stopped.
        stopped = _through(work, in_order(chosen, first_needed=False), _stopped)
        started = _through(work, in_order(chosen), _done)
        failures = {one.container.id: one for one in stopped if one.problem or one.skipped}
        steered = [failures.get(one.container.id, one) for one in started]
    else:
        steered = _through(work, in_order(chosen, first_needed=wish.verb not in _DEPENDANTS_FIRST), _done)
    return {
        "format": FORMAT,
        "verb": wish.verb,
        "containers": [_document(one, wish, declared, relying(one.container, chosen, everyone)) for one in steered],
    }


def meant_by_all(
    found: Iterable[FoundContainer], verb: Verb, declared: Mapping[Address, DesiredContainer]
) -> tuple[FoundContainer, ...]:
    """Those of a project's containers that a verb means where none is named: only those that it would change.

    What is declared to stay stopped is not started with the others; without a declaration, what never ran isn't.
    """
    return tuple(one for one in found if _is_meant(one, verb, declared.get(one.address) if one.address else None))


def _is_meant(one: FoundContainer, verb: Verb, declared: DesiredContainer | None) -> bool:
    if verb is Verb.UNPAUSE:
        return one.state == "paused"
    if verb is not Verb.START:
        return one.running
    return declared.state in ("running", "paused") if declared else one.state != "created"


def needs_among(chosen: Iterable[FoundContainer]) -> dict[str, set[str]]:
    """Which of the chosen containers each of them needs, by id, as the labels of their creation tell."""
    mine = [one for one in chosen if one.address is not None]
    found: dict[str, set[str]] = {}
    for one in mine:
        named = (parse_address(text) for text in (one.labels.get(NEEDS) or "").split(","))
        needed = [address for address in named if address is not None]
        found[one.id] = {
            other.id
            for other in mine
            if other.id != one.id and other.project == one.project
            if any(other.address and address.covers(other.address) for address in needed)
        }
    return found


def relying(
    container: FoundContainer, chosen: Iterable[FoundContainer], everyone: Iterable[FoundContainer]
) -> list[str]:
    """The addresses of those that run and need a container, and are not among the chosen."""
    meant = {one.id for one in chosen}
    others = {one.id: one for one in everyone if one.id not in meant and one.state in ("running", "restarting")}
    needs = needs_among([container, *others.values()])
    return sorted(others[one].label for one, needed in needs.items() if container.id in needed)


def in_order(chosen: Sequence[FoundContainer], *, first_needed: bool = True) -> tuple[tuple[FoundContainer, ...], ...]:
    """The chosen ones in batches: what is needed in an earlier one than who needs it, or the other way round.

    Those that need one another in a circle come together in the last batch.
    """
    needs = needs_among(chosen)
    waiting, done = list(chosen), set[str]()
    batches: list[tuple[FoundContainer, ...]] = []
    while waiting:
        ready = [one for one in waiting if needs.get(one.id, set()) <= done] or list(waiting)
        batches.append(tuple(ready))
        done |= {one.id for one in ready}
        waiting = [one for one in waiting if one.id not in done]
    return tuple(batches if first_needed else reversed(batches))


def _through(
    work: _Work, batches: Iterable[tuple[FoundContainer, ...]], act: Callable[[_Work, FoundContainer], Steered]
) -> list[Steered]:
    found: list[Steered] = []
    before: list[FoundContainer] = []
    with ThreadPoolExecutor(_WORKERS) as pool:
        for batch in batches:
            bound = needs_among([*before, *batch])
            free = [one for one in batch if not _waits_for_a_failure(work, one, bound)]
            steered = {one.container.id: one for one in pool.map(lambda one: act(work, one), free)}
            found += [steered.get(one.id) or Steered(one, skipped=True) for one in batch]
            work.failed |= {one.container.id for one in found if one.problem or one.skipped}
            before += batch
    return found


def _waits_for_a_failure(work: _Work, container: FoundContainer, needs: Mapping[str, set[str]]) -> bool:
    "one that failed itself, when it was to be stopped, is not started again"
    needed_by = {one for one, needed in needs.items() if container.id in needed}
    return bool(work.failed & {container.id, *needs.get(container.id, ()), *needed_by})


def _stopped(work: _Work, container: FoundContainer) -> Steered:
    return _guarded(work, container, lambda: _call(work.engine, container, Wish(Verb.STOP, work.wish.timeout)))


def _done(work: _Work, container: FoundContainer) -> Steered:
    return _guarded(work, container, lambda: _call(work.engine, container, work.wish))


def _guarded(work: _Work, container: FoundContainer, act: Callable[[], None]) -> Steered:
    from dockerdecl.engine.calls.containers import inspect_container

    try:
        act()
        return Steered(container, _live(container, inspect_container(work.engine, container.id)))
    except DockerdeclError as error:
        return Steered(container, problem=error.problems[0])


def _call(engine: Engine, container: FoundContainer, wish: Wish) -> None:
    from dockerdecl.engine.calls import containers as calls

    match wish.verb:
        case Verb.START:
            calls.start(engine, container.id)
        case Verb.STOP:
            calls.stop(engine, container.id, wish.timeout)
        case Verb.RESTART:
            calls.restart(engine, container.id, wish.timeout)
        case Verb.KILL:
            calls.kill(engine, container.id, wish.signal)
        case Verb.PAUSE:
            calls.pause(engine, container.id)
        case Verb.UNPAUSE:
            calls.unpause(engine, container.id)


def _live(container: FoundContainer, raw: Raw) -> LiveContainer:
    state = str(look_up(raw, "State.Status") or "")
    return LiveContainer(container.id, container.name, state, str(raw.get("Image") or ""), raw=raw)


def _document(
    one: Steered, wish: Wish, declared: Mapping[Address, DesiredContainer], relying_on_it: list[str]
) -> StateDocument:
    container, live, problem = one.container, one.live, one.problem
    ended = live is not None and not live.running and live.state != "created"
    code = problem.code if problem else None
    return {
        "address": str(container.address) if container.address else None,
        "name": container.name,
        "id": container.id,
        "outcome": outcome(one, wish),
        "before": container.state,
        "after": live.state if live else container.state,
        "exit_code": int(look_up(live.raw, "State.ExitCode") or 0) if live and ended else None,
        "drift": drift(container, live, declared) if live else None,
        "needed_by": relying_on_it if live and live.state not in ("running", "restarting") else [],
        "error": problem.message.replace(container.id, container.name) if problem else None,
        "code": code,
        "hint": (problem.hint or _HINTS.get(problem.code)) if problem else None,
    }


def outcome(one: Steered, wish: Wish) -> str:
    """The word for what became of a container."""
    if one.skipped:
        return "skipped"
    if one.problem or one.live is None:
        return "failed"
    return "nothing" if one.container.state in _ALREADY.get(wish.verb, ()) else "done"


def drift(container: FoundContainer, live: LiveContainer, declared: Mapping[Address, DesiredContainer]) -> str | None:
    """What the next apply would do about the state of a container; None where it would leave it."""
    desired = declared.get(container.address) if container.address else None
    transition = transition_of(desired, live) if desired and desired.state != "absent" else None
    does = _does(transition) if transition else None
    return f"is declared {desired.state}: the next apply {does}" if desired and does else None


def _does(transition: Transition) -> str | None:
    if transition.start:
        return "starts and pauses it" if transition.pause else "starts it again"
    if transition.stop:
        return "stops it again"
    if transition.pause:
        return "pauses it again"
    return "lets it go on" if transition.unpause else None
