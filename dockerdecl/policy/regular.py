"""Regular expressions that can't hang a run: a part of Python's syntax, matched in time linear in the text.

Takes a pattern, gives an `Expression`. Python's own matcher tries one way after the other, so that a pattern such as
`(a+)+$` takes for ever; here all ways are walked at the same time, which rules out what needs to look back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from functools import partial
from typing import TypeAlias

from dockerdecl.expressions import expression
from dockerdecl.values import dataclass

LONGEST_PATTERN = 500
LONGEST_TEXT = 4096
MOST_STATES = 1000
MOST_REPEATS = 200
MOST_GROUPS = 50

_CLASSES = frozenset("dDwWsS")
_COUNT = expression(r"\{(\d+)(?:(,)(\d*))?\}")

_Test: TypeAlias = Callable[[str], bool]
_Part: TypeAlias = Callable[[int], int]
"""Adds the states of a part of the pattern before the state that follows it; gives the first of them."""


@dataclass(slots=True)
class _State:
    """Takes one character (`test`), or none: then `next` are ways to go on, at the text's `edge` only where given."""

    next: list[int]
    test: _Test | None = None
    edge: str = ""


@dataclass(frozen=True, slots=True)
class Expression:
    """A pattern, ready to be searched for."""

    pattern: str
    states: tuple[_State, ...] = field(repr=False)
    first: int = field(repr=False)
    last: int = field(repr=False)

    def found_in(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text; of a very long one, anywhere in its beginning."""
        alive: set[int] = set()
        for position in range(min(len(text), LONGEST_TEXT) + 1):
            self._reach(self.first, alive, position, text)
            if self.last in alive:
                return True
            taken = [self.states[s] for s in alive] if position < len(text) else []
            alive = set()
            for state in taken:
                if state.test and state.test(text[position]):
                    for following in state.next:
                        self._reach(following, alive, position + 1, text)
        return False

    def _reach(self, state: int, alive: set[int], position: int, text: str) -> None:
        "adds a state and all that can be reached from it without a character"
        waiting = [state]
        while waiting:
            number = waiting.pop()
            here = self.states[number]
            at_edge = {"": True, "^": position == 0, "$": position == len(text)}[here.edge]
            if number in alive or not at_edge:
                continue
            alive.add(number)
            if here.test is None:
                waiting += here.next


def compile_expression(pattern: str) -> Expression:
    """The expression of a pattern. Raises ValueError with what is wrong with it, and what would be right."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"the pattern has more than {LONGEST_PATTERN} characters; write several rules")
    reader = _Reader(pattern)
    part = reader.choice()
    if reader.position < len(pattern):
        raise ValueError(f"nothing is opened that the `)` at character {reader.position + 1} closes; write `\\)`")
    last = reader.add(_State([]))
    first = part(last)
    return Expression(pattern, tuple(reader.states), first, last)


@dataclass(slots=True)
class _Reader:
    """Goes through a pattern once. The states of a part are made when it is known what follows it."""

    pattern: str
    position: int = 0
    groups: int = 0
    states: list[_State] = field(default_factory=list)

    def add(self, state: _State) -> int:
        if len(self.states) >= MOST_STATES:
            raise ValueError("the pattern stands for too much; write smaller numbers in `{}`")
        self.states.append(state)
        return len(self.states) - 1

    def choice(self) -> _Part:
        options = [self._row()]
        while self._takes("|"):
            options.append(self._row())
        return options[0] if len(options) == 1 else partial(self._one_of, options)

    def _row(self) -> _Part:
        parts: list[_Part] = []
        while self.position < len(self.pattern) and self.pattern[self.position] not in "|)":
            parts.append(self._repeated())
        return partial(self._in_row, parts)

    def _repeated(self) -> _Part:
        part = self._single()
        while self.position < len(self.pattern):
            least, most = self._counts()
            if least is None:
                break
            part = partial(self._times, part, least, most)
            self._takes("?")  # how much is taken makes no difference to whether it is found
        return part

    def _counts(self) -> tuple[int | None, int | None]:
        sign = self.pattern[self.position]
        if sign in "*+?":
            self.position += 1
            return (1 if sign == "+" else 0), (1 if sign == "?" else None)
        counted = _COUNT.match(self.pattern, self.position)
        if counted is None:
            return None, None
        self.position = counted.end()
        least = int(counted[1])
        most = least if not counted[2] else int(counted[3]) if counted[3] else None
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            raise ValueError(f"`{counted[0]}` is no number of repetitions; write {MOST_REPEATS} or less, lowest first")
        return least, most

    def _single(self) -> _Part:
        sign = self.pattern[self.position]
        if sign in "*+?" or (sign == "{" and _COUNT.match(self.pattern, self.position)):
            raise ValueError(f"there is nothing that the `{sign}` at character {self.position + 1} repeats")
        self.position += 1
        match sign:
            case "(":
                return self._group()
            case "[":
                return partial(self._taking, self._set())
            case "^" | "$":
                return lambda following: self.add(_State([following], edge=sign))
            case ".":
                return partial(self._taking, lambda character: character != "\n")
            case "\\":
                return partial(self._taking, self._escaped())
        return partial(self._taking, sign.__eq__)

    def _group(self) -> _Part:
        began = self.position
        if self.pattern.startswith("?", self.position) and not self._takes("?:"):
            raise ValueError("a group can only be `(...)` or `(?:...)`; what looks ahead or back is not known here")
        self.groups += 1
        if self.groups > MOST_GROUPS:
            raise ValueError(f"the pattern has more than {MOST_GROUPS} groups; write several rules")
        inner = self.choice()
        if not self._takes(")"):
            raise ValueError(f"the `(` at character {began} is not closed; write `)`, or `\\(` for the character")
        return inner

    def _set(self) -> _Test:
        began, negated = self.position, self._takes("^")
        tests: list[_Test] = []
        while not self.pattern.startswith("]", self.position) or not tests:
            if self.position >= len(self.pattern):
                raise ValueError(f"the `[` at character {began} is not closed; write `]`, or `\\[` for the character")
            tests.append(self._member())
        self.position += 1
        return lambda character: any(test(character) for test in tests) is not negated

    def _member(self) -> _Test:
        "a character, a class or a range of a set"
        low = self._character()
        if callable(low):
            return low
        ends = self.pattern[self.position : self.position + 2]
        if len(ends) < 2 or ends[0] != "-" or ends[1] == "]":
            return low.__eq__
        self.position += 1
        high = self._character()
        if callable(high) or high < low:
            raise ValueError(f"`{low}-` is no range of characters; write the lower one first, such as `a-z`")
        return lambda character: low <= character <= high

    def _character(self) -> str | _Test:
        sign = self.pattern[self.position]
        self.position += 1
        if sign != "\\":
            return sign
        if self.pattern[self.position : self.position + 1] in _CLASSES:
            return self._escaped()
        return self._literal()

    def _escaped(self) -> _Test:
        sign = self.pattern[self.position : self.position + 1]
        if sign in _CLASSES:
            self.position += 1
            known = re.compile(f"\\{sign}")
            return lambda character: known.match(character) is not None
        return self._literal().__eq__

    def _literal(self) -> str:
        sign = self.pattern[self.position : self.position + 1]
        if not sign or (sign.isalnum() and sign not in "nt") or sign == "_":
            raise ValueError(f"`\\{sign}` is not known here; there are \\d, \\w, \\s, and `\\` before a sign")
        self.position += 1
        return {"n": "\n", "t": "\t"}.get(sign, sign)

    def _takes(self, text: str) -> bool:
        found = self.pattern.startswith(text, self.position)
        self.position += len(text) if found else 0
        return found

    def _taking(self, test: _Test, following: int) -> int:
        return self.add(_State([following], test))

    def _in_row(self, parts: list[_Part], following: int) -> int:
        for part in reversed(parts):
            following = part(following)
        return following

    def _one_of(self, options: list[_Part], following: int) -> int:
        return self.add(_State([option(following) for option in options]))

    def _times(self, part: _Part, least: int, most: int | None, following: int) -> int:
        if most is None:
            loop = self.add(_State([following]))
            self.states[loop].next.append(part(loop))
            following = loop
        for _ in range((most or least) - least):
            following = self.add(_State([following, part(following)]))
        for _ in range(least):
            following = part(following)
        return following
