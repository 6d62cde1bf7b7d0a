"""Conditions of rules of one's own: what must be found in a resource, put together with all, any and not.

`Condition` is what a policy file says; `compile_condition` gives a `Test`, with every path and value of it checked
against the model of the resource, or what is wrong with it and where. A value is written as a manifest writes it
(`512m`, `1m30s`, `true`) and read by the type of the field that it is compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Annotated, Any, TypeAlias

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from dockerdecl.policy.paths import Steps, item_types, parse_path, single_types, type_at, values_at
from dockerdecl.policy.regular import compile_expression
from dockerdecl.resources.notes import Alias, BeforeValidator, model_validator
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.words import Boolean, Text, Texts, as_list
from dockerdecl.values import dataclass

Witness: TypeAlias = Steps | None
"""Where in a resource a condition was found to hold; empty where it holds for what is not there, None if it doesn't."""
Test: TypeAlias = Callable[[Any], Witness]
Mistake: TypeAlias = tuple[Steps, str]
"""Where in a condition something is wrong, and what."""

_COMPARED = ("equals", "not_equals", "in_", "matches", "contains", "exists")
_ORDERED = ("less_than", "at_most", "more_than", "at_least")
_JOINED = ("all_", "any_", "not_")


class Condition(Spec):
    """One comparison of what is found at a `path`, or several conditions joined by `all`, `any` or `not`."""

    path: Text | None = None
    """What is compared, such as `labels.team`, `ports[*].host_ip` or `labels["com.example.team"]`."""
    equals: Text | None = None
    """It is this value, such as `host`."""
    not_equals: Text | None = None
    """Nothing that is found there is this value, such as `host`."""
    in_: Annotated[Texts | None, BeforeValidator(as_list), Alias("in")] = None
    """It is one of these, such as `[always, unless-stopped]`."""
    matches: Text | None = None
    """A regular expression is found in it, such as `^registry\\.local/`."""
    contains: Text | None = None
    """A text that has this in it, a list with this item, or a map with this key, such as `NET_ADMIN`."""
    exists: Boolean | None = None
    """Whether anything is written there; an empty list or map is nothing."""
    less_than: Text | None = None
    """It is below this, such as `1g`."""
    at_most: Text | None = None
    """It is this or below, such as `1g`."""
    more_than: Text | None = None
    """It is above this, such as `64m`."""
    at_least: Text | None = None
    """It is this or above, such as `64m`."""
    all_: Annotated[tuple[Condition, ...] | None, Alias("all")] = None
    """Each of these conditions holds."""
    any_: Annotated[tuple[Condition, ...] | None, Alias("any")] = None
    """At least one of these conditions holds."""
    not_: Annotated[Condition | None, Alias("not")] = None
    """This condition does not hold."""

    @model_validator
    def _says_one_thing(self) -> Condition:
        tests = [word for word in (*_COMPARED, *_ORDERED) if getattr(self, word) is not None]
        joined = [word for word in _JOINED if getattr(self, word) is not None]
        if len(joined) + len(tests) != 1 or (self.path is None) is bool(tests):
            raise ValueError(
                "a condition says one thing; write a `path` with one comparison such as `equals`, or one of `all`, "
                "`any` and `not`"
            )
        return self


@dataclass(slots=True)
class Compiler:
    """Makes tests of conditions on one kind of resource, and notes every mistake in them."""

    model: type[Spec]
    mistakes: list[Mistake] = field(default_factory=list)

    def test(self, condition: Condition, at: Steps) -> Test:
        """The test of a condition, which stands `at` some place of the file."""
        if condition.all_ is not None:
            return _all([self.test(part, (*at, "all", i)) for i, part in enumerate(condition.all_)])
        if condition.any_ is not None:
            return _any([self.test(part, (*at, "any", i)) for i, part in enumerate(condition.any_)])
        if condition.not_ is not None:
            return _not(self.test(condition.not_, (*at, "not")))
        try:
            steps = parse_path(condition.path or "")
            annotation = type_at(self.model, steps)
        except ValueError as error:
            self.mistakes.append(((*at, "path"), str(error)))
            return _never
        word = next(word for word in (*_COMPARED, *_ORDERED) if getattr(condition, word) is not None)
        try:
            return _comparison(word, getattr(condition, word), steps, annotation)
        except ValueError as error:
            self.mistakes.append(((*at, word.rstrip("_")), str(error)))
            return _never


def _comparison(word: str, wanted: Any, steps: Steps, annotation: Any) -> Test:
    match word:
        case "exists":
            found = _found(steps, lambda _: True)
            return found if wanted else _not(found)
        case "contains":
            return _found(steps, _contains(wanted, annotation))
        case "matches":
            expression = compile_expression(wanted)
            return _found(steps, lambda value: isinstance(value, str) and expression.found_in(value))
    types = single_types(annotation)
    if not types:
        raise ValueError("this is a list or a map; go on to its parts with `[*]`, or write `contains` or `exists`")
    if word in _ORDERED:
        return _found(steps, _ordered(word, _number(_read(wanted, types), wanted)))
    values = [_read(text, types) for text in ([wanted] if isinstance(wanted, str) else wanted)]
    test = _found(steps, lambda value: value in values)
    return _not(test) if word == "not_equals" else test


def _read(text: str, types: tuple[Any, ...]) -> Any:
    "a text as the field holds it, in its JSON form"
    reasons = []
    for kind in types:
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        try:
            return adapter.dump_python(adapter.validate_python(text), mode="json")
        except ValidationError as error:
            reasons += [_reason(text, part) for part in error.errors(include_url=False)]
    raise ValueError(reasons[0])


def _reason(text: str, error: ErrorDetails) -> str:
    told = error.get("ctx", {})
    if "error" in told:
        return str(told["error"])
    return f"`{text}` can't stand there; write {told.get('expected', 'what the field takes')}"


def _contains(wanted: str, annotation: Any) -> Callable[[Any], bool]:
    types = item_types(annotation)
    item = _read(wanted, types) if types else wanted

    def test(value: Any) -> bool:
        return wanted in value if isinstance(value, str) else isinstance(value, list | dict) and item in value

    return test


def _ordered(word: str, limit: float) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        number = _as_number(value)
        if number is None:
            return False
        match word:
            case "less_than":
                return number < limit
            case "at_most":
                return number <= limit
            case "more_than":
                return number > limit
        return number >= limit

    return test


def _number(value: Any, written: str) -> float:
    number = _as_number(value)
    if number is None:
        raise ValueError(f"`{written}` is no number; write one, with the unit that the field takes, such as 64m")
    return number


def _as_number(value: Any) -> float | None:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _found(steps: Steps, holds: Callable[[Any], bool]) -> Test:
    return lambda resource: next((at for at, value in values_at(resource, steps) if holds(value)), None)


def _never(_: Any) -> Witness:
    return None


def _not(test: Test) -> Test:
    return lambda resource: () if test(resource) is None else None


def _any(tests: list[Test]) -> Test:
    return lambda resource: next((found for test in tests if (found := test(resource)) is not None), None)


def _all(tests: list[Test]) -> Test:
    def test(resource: Any) -> Witness:
        found = [each(resource) for each in tests]
        return None if None in found else max(_told(found), key=len, default=())

    return test


def _told(found: list[Witness]) -> Iterator[Steps]:
    yield from (each for each in found if each is not None)
