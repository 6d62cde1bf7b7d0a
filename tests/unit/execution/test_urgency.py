"""Which of the steps that could begin goes first, and that nothing holds one back but what it needs."""

from __future__ import annotations

import random
import time

from dockerdecl.execution.urgency import Ready, by_urgency
from dockerdecl.planning.values import Step
from dockerdecl.planning.verbs import (
    AwaitHealthy,
    CreateContainer,
    Payload,
    PullImage,
    RemoveContainer,
    Rename,
    Start,
    Stop,
    Target,
)

WEB = Target("container.web", "a1")
CREATE, START, STOP = CreateContainer("container.web", "web", {}), Start(WEB), Stop(WEB)
HEALTHY, PULL = AwaitHealthy(WEB, 30.0), PullImage("web:1")
RENAME, REMOVE = Rename(WEB, "old"), RemoveContainer(WEB)


def chain(first: int, *payloads: Payload, after: int | None = None) -> list[Step]:
    """Steps each of which needs the one before it."""
    steps = []
    for step_id, payload in enumerate(payloads, first):
        steps.append(Step(step_id, "container.web", payload, "", frozenset() if after is None else frozenset({after})))
        after = step_id
    return steps


def order(steps: list[Step]) -> list[int]:
    """The ids in the order in which one worker takes them."""
    ready, waiting, taken = Ready(steps), {step.id: set(step.needs) for step in steps}, list[int]()
    ready.add(step_id for step_id, needs in waiting.items() if not needs)
    while ready:
        taken.append(ready.take())
        for step_id, needs in waiting.items():
            if taken[-1] in needs:
                needs.discard(taken[-1])
                if not needs:
                    ready.add((step_id,))
    return taken


def test_the_chain_that_takes_longest_goes_first() -> None:
    """A database that others wait for is started before what nobody needs, whatever its number."""
    single = [*chain(1, CREATE, START), *chain(3, CREATE, START), *chain(5, CREATE, START)]
    long = chain(7, CREATE, START, HEALTHY, START)
    assert order([*single, *long]) == [7, 8, 9, 10, 1, 2, 3, 4, 5, 6]


def test_what_takes_long_counts_for_more_than_many_steps() -> None:
    replacing = chain(1, CREATE, STOP, RENAME, RENAME, START, REMOVE)
    pulled = chain(7, PULL, CREATE)
    assert order([*replacing, *pulled])[0] == 7


def test_of_equal_chains_one_is_ended_before_the_next_begins() -> None:
    """A container that was stopped is started before another one is stopped."""
    steps = [*chain(1, STOP, RENAME, START), *chain(4, STOP, RENAME, START), *chain(7, STOP, RENAME, START)]
    assert order(steps) == list(range(1, 10))


def test_what_a_long_chain_needs_comes_first_too() -> None:
    both = Step(5, "container.web", START, "", frozenset({2, 4}))
    steps = [*chain(1, CREATE, START), *chain(3, PULL, CREATE), both]
    assert by_urgency(steps) == [3, 4, 5, 1, 2]


def test_thousands_of_steps_are_sorted_in_no_time() -> None:
    """1,000 replacements with a checkpoint between, in a hundredth of a second or so."""
    steps = [Step(n, "", CREATE, "") for n in range(1, 1001)]
    steps.append(Step(1001, "", CREATE, "", frozenset(range(1, 1001))))
    for container in range(1000):
        steps += chain(1002 + 5 * container, STOP, RENAME, RENAME, START, REMOVE, after=1001)
    began = time.process_time()
    assert len(by_urgency(steps)) == len(steps) == 6001
    assert time.process_time() - began < 0.5


def test_the_order_is_the_same_however_often_it_is_made() -> None:
    steps = [step for n in range(50) for step in chain(1 + 3 * n, *random.Random(n).choices((CREATE, STOP, PULL), k=3))]
    assert by_urgency(steps) == by_urgency(list(steps))
