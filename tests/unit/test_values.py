"""Values made late behave as the standard library's dataclasses do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field, fields, is_dataclass, replace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.values import dataclass as ours

KINDS: tuple[dict[str, bool], ...] = (
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "order": True},
    {"frozen": True, "eq": False},
    {"slots": True},
)


def made_by(decorator: Callable[..., Any], kind: dict[str, bool]) -> Any:
    class Thing:
        word: ClassVar[str] = "thing"
        name: str
        size: int = 3
        hidden: str = field(default="", repr=False)
        aside: tuple[int, ...] = field(default=(), compare=False)
        kept: tuple[str, ...] = field(default_factory=tuple)
        later: list[str] = field(init=False, default_factory=list, compare=False)

        @property
        def doubled(self) -> int:
            return self.size * 2

    return (
        decorator(**{**kind, "slots": False})(Thing) if decorator is dataclasses.dataclass else decorator(**kind)(Thing)
    )


ARGUMENTS = st.fixed_dictionaries(
    {"name": st.text(max_size=2)},
    optional={
        "size": st.integers(0, 2),
        "hidden": st.sampled_from(("", "a")),
        "aside": st.tuples(st.integers(0, 1)),
        "kept": st.tuples(st.sampled_from("ab")),
    },
)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@given(one=ARGUMENTS, other=ARGUMENTS)
def test_they_compare_hash_and_show_as_the_standard_ones(
    kind: dict[str, bool], one: dict[str, Any], other: dict[str, Any]
) -> None:
    lean, standard = made_by(ours, kind), made_by(dataclasses.dataclass, kind)
    a, b, c, d = lean(**one), lean(**other), standard(**one), standard(**other)
    assert (a == b) is (c == d)
    assert repr(a) == repr(c)
    assert a.doubled == c.doubled
    assert {f.name: getattr(a, f.name) for f in fields(a)} == {f.name: getattr(c, f.name) for f in fields(c)}
    if kind.get("frozen") and kind.get("eq", True):
        assert hash(a) == hash(lean(**one))
        assert len({a, b}) == len({c, d})
    if kind.get("order"):
        assert ((a < b), (a <= b), (a > b), (a >= b)) == ((c < d), (c <= d), (c > d), (c >= d))


@given(one=ARGUMENTS, size=st.integers())
def test_replace_gives_another_one(one: dict[str, Any], size: int) -> None:
    thing = made_by(ours, KINDS[0])(**one)
    other = replace(thing, size=size)
    assert (other.size, other.name, thing.size) == (size, thing.name, one.get("size", 3))


def test_arguments_go_by_position_and_by_name_and_a_wrong_one_is_told() -> None:
    thing = made_by(ours, KINDS[0])
    assert thing("a", 4).size == 4
    assert is_dataclass(made_by(ours, KINDS[0]))
    with pytest.raises(TypeError, match=r"Thing\.__init__\(\) missing 1 required positional argument: 'name'"):
        thing()
    with pytest.raises(TypeError, match="unexpected keyword argument 'later'"):
        thing("a", later=[])


def test_each_has_a_list_of_its_own() -> None:
    thing = made_by(ours, KINDS[3])
    one, other = thing("a"), thing("a")
    one.later.append("x")
    assert other.later == []


def test_a_frozen_one_can_be_neither_changed_nor_robbed() -> None:
    thing = made_by(ours, KINDS[0])("a")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'size'"):
        thing.size = 4
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'size'"):
        del thing.size


def test_one_that_changes_has_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(made_by(ours, KINDS[3])("a"))


def test_its_fields_can_be_taken_apart_in_a_match() -> None:
    match made_by(ours, KINDS[0])("a", 7):
        case object(size=size) if size == 7:
            pass
        case other:
            pytest.fail(f"{other} does not match")


def test_what_is_to_be_done_after_it_is_made_is_done() -> None:
    @ours(slots=True)
    class Counted:
        names: tuple[str, ...]
        count: int = field(init=False)

        def __post_init__(self) -> None:
            self.count = len(self.names)

    assert Counted(("a", "b")).count == 2
