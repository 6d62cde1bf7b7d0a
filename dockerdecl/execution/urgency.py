"""Which of the steps that could begin goes first, where not all of them can.

Takes the steps of a plan, gives their order. One pass over them each way: plans have thousands.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from dockerdecl.planning.values import Step

_ROUGH_SECONDS: Mapping[str, float] = {
    "build": 20,
    "pull": 10,
    "load": 5,
    "push": 5,
    "import": 2,
    "await-completed": 10,
    "await-steady": 10,
    "await-healthy": 5,
    "await-running": 1,
    "pre-stop": 0.5,
    "post-start": 0.5,
    "start": 0.2,
    "stop": 0.2,
    "remove-network": 0.2,
    "create-network": 0.05,
}
"""What steps take, roughly: enough to tell a chain that takes long from one that only has many steps."""
_SHORT_SECONDS = 0.01


def by_urgency(steps: Sequence[Step]) -> list[int]:
    """The ids of the steps, the most urgent first: those of the chain that takes longest from its beginning to its end.

    Of chains that take equally long, the one of the lower numbers: what has begun is carried on before the next one
    begins, so that a container is away for no longer than its own replacement takes.
    """
    seconds = {step.id: _ROUGH_SECONDS.get(step.payload.verb, _SHORT_SECONDS) for step in steps}
    before: dict[int, float] = {}
    after = dict.fromkeys(seconds, 0.0)
    for step in steps:  # whatever a step needs has a lower number
        before[step.id] = max((before[need] + seconds[need] for need in step.needs), default=0.0)
    for step in reversed(steps):
        for need in step.needs:
            after[need] = max(after[need], after[step.id] + seconds[step.id])
    # Rounded, since sums of the same numbers in another order differ in their last digits.
    length = {step_id: round(before[step_id] + own + after[step_id], 3) for step_id, own in seconds.items()}
    return sorted(length, key=lambda step_id: (-length[step_id], step_id))


class Ready:
    """The steps that could begin, the most urgent first."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._rank = {step_id: rank for rank, step_id in enumerate(by_urgency(steps))}
        self._heap: list[tuple[int, int]] = []

    def add(self, step_ids: Iterable[int]) -> None:
        """These could begin too."""
        for step_id in step_ids:
            heapq.heappush(self._heap, (self._rank[step_id], step_id))

    def take(self) -> int:
        """The most urgent one, which is no longer among them."""
        return heapq.heappop(self._heap)[1]

    def clear(self) -> None:
        """None of them is to begin any more."""
        self._heap.clear()

    def __bool__(self) -> bool:
        return bool(self._heap)
