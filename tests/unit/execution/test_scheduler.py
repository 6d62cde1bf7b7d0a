"""In which order the scheduler takes steps, and what that costs. The steps ask nothing of an engine."""

from __future__ import annotations

import threading
import time
from typing import cast

from dockerdecl.engine.client import Engine
from dockerdecl.execution.events import Event, StepStarted
from dockerdecl.execution.scheduler import execute
from dockerdecl.planning.values import Plan, Step
from dockerdecl.planning.verbs import Checkpoint
from dockerdecl.resources.actual import EngineFacts

_NO_ENGINE = cast("Engine", None)


def step(number: int, *needs: int, saga: str | None = None) -> Step:
    return Step(number, saga or "", Checkpoint(), "", frozenset(needs), saga)


def taken(steps: list[Step]) -> list[int]:
    """The ids in the order in which one worker began them, all of them done in the end."""
    heard: list[Event] = []
    plan = Plan("shop", EngineFacts("unix:///x", "26.1", "1.45"), (), tuple(steps))
    report = execute(plan, _NO_ENGINE, {}, listener=heard.append, interrupt=threading.Event(), parallelism=1)
    assert report.outcome == "succeeded"
    return [event.step_id for event in heard if isinstance(event, StepStarted)]


def replacements(containers: int) -> list[Step]:
    """Each prepared, then after a checkpoint its own five steps."""
    names = [f"container.c{number}" for number in range(containers)]
    steps = [step(number, saga=name) for number, name in enumerate(names, 1)]
    steps.append(step(containers + 1, *range(1, containers + 1)))
    for name in names:
        first = len(steps) + 1
        steps.append(step(first, containers + 1, saga=name))
        steps += [step(number, containers + 1, number - 1, saga=name) for number in range(first + 1, first + 5)]
    return steps


def test_a_long_chain_is_begun_before_short_ones() -> None:
    assert taken([step(1), step(2), step(3), step(4, 3), step(5, 4)]) == [3, 4, 5, 1, 2]


def test_what_was_begun_is_carried_on_before_the_next_begins() -> None:
    assert taken(replacements(3)) == list(range(1, 20))


def test_the_cost_of_a_step_does_not_grow_with_the_plan() -> None:
    def seconds_per_step(containers: int) -> float:
        steps = replacements(containers)
        began = time.process_time()
        taken(steps)
        return (time.process_time() - began) / len(steps)

    seconds_per_step(50)
    few, many = min(seconds_per_step(100) for _ in range(3)), seconds_per_step(1000)
    assert many < 3 * few, f"{few * 1e6:.0f} us a step of 600, {many * 1e6:.0f} us a step of 6,000"
