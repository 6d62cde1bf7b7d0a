"""Tables of places in a manifest: `containers.*.volumes.*` and what holds there.

Takes rows of (pattern, rule), gives a tree that is walked beside a manifest, so that a place costs one look-up a step
and every rule stands in one table. Knows no rule itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import Generic, TypeVar

from dockerdecl.values import dataclass

Rule = TypeVar("Rule")


@dataclass(slots=True)
class Patterns(Generic[Rule]):
    """The rule at one place, and the patterns that go on below it. `*` stands for any key or item."""

    rule: Rule | None = None
    below: dict[str, Patterns[Rule]] = field(default_factory=dict)

    def at(self, step: str) -> Patterns[Rule] | None:
        """The patterns below `step`, which its own name leads to before `*` does."""
        return self.below.get(step) or self.below.get("*")


def patterns(rows: Iterable[tuple[str, Rule]]) -> Patterns[Rule]:
    """The tree of `rows`; steps are parted by dots."""
    root: Patterns[Rule] = Patterns()
    for pattern, rule in rows:
        at = root
        for step in pattern.split("."):
            at = at.below.setdefault(step, Patterns())
        at.rule = rule
    return root
