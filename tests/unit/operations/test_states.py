"""In what order containers are steered by hand, and what the next apply would make of it."""

from __future__ import annotations

import pytest

from dockerdecl.operations.found import FoundContainer
from dockerdecl.operations.states import Steered, Verb, Wish, drift, in_order, meant_by_all, outcome, relying
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.container.spec import Container, State
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.ownership import NEEDS

WEB = Address(Kind.CONTAINER, "web")


def found(
    key: str, *needs: str, state: str = "running", project: str | None = "shop", index: int = 0
) -> FoundContainer:
    labels = {NEEDS: ",".join(f"container.{need}" for need in needs)}
    address = Address(Kind.CONTAINER, key, index or None) if project else None
    return FoundContainer(f"{project}-{key}-{index}", key, state, "bb:1", labels, project, address)


def keys(batches: tuple[tuple[FoundContainer, ...], ...]) -> list[str]:
    return [" ".join(sorted(one.name for one in batch)) for batch in batches]


@pytest.mark.parametrize(
    ("chosen", "batches"),
    [
        ([found("web", "db"), found("db")], ["db", "web"]),
        (
            [found("web", "db", "cache"), found("db", "store"), found("cache"), found("store")],
            ["cache store", "db", "web"],
        ),
        ([found("web", "db"), found("job")], ["job web"]),
        ([found("web", "db"), found("db", project="blog")], ["db web"]),
        ([found("web", "db"), found("db", index=1), found("db", index=2)], ["db db", "web"]),
        ([found("a", "b"), found("b", "a"), found("c", "a")], ["a b c"]),
        ([found("by-hand", "web", project=None), found("web")], ["by-hand web"]),
        ([], []),
    ],
)  # fmt: skip
def test_what_is_needed_comes_first_and_goes_last(chosen: list[FoundContainer], batches: list[str]) -> None:
    assert keys(in_order(chosen)) == batches
    assert keys(in_order(chosen, first_needed=False)) == batches[::-1]


def declared(state: State) -> dict[Address, DesiredContainer]:
    return {WEB: DesiredContainer(WEB, "shop-web", Container(image="bb:1", state=state), Address(Kind.IMAGE, "bb:1"))}


def live(state: str, code: int = 0) -> LiveContainer:
    return LiveContainer("1", "shop-web", state, "", raw={"State": {"Status": state, "ExitCode": code}})


@pytest.mark.parametrize(
    ("wanted", "state", "does"),
    [
        ("running", "exited", "is declared running: the next apply starts it again"),
        ("running", "paused", "is declared running: the next apply lets it go on"),
        ("running", "running", None),
        ("running", "restarting", None),
        ("created", "running", "is declared created: the next apply stops it again"),
        ("stopped", "exited", None),
        ("paused", "running", "is declared paused: the next apply pauses it again"),
        ("paused", "exited", "is declared paused: the next apply starts and pauses it"),
        ("completed", "exited", None),
        ("absent", "exited", None),
    ],
)
def test_drift_is_told_where_the_next_apply_would_do_something(wanted: State, state: str, does: str | None) -> None:
    assert drift(found("web"), live(state), declared(wanted)) == does
    assert drift(found("web"), live(state), {}) is None
    assert drift(found("other"), live(state), declared(wanted)) is None


@pytest.mark.parametrize(
    ("verb", "state", "wanted", "meant"),
    [
        (Verb.START, "exited", "running", True),
        (Verb.START, "created", "created", False),
        (Verb.START, "exited", None, True),
        (Verb.START, "created", None, False),
        (Verb.START, "exited", "completed", False),
        (Verb.STOP, "running", "running", True),
        (Verb.STOP, "exited", "running", False),
        (Verb.RESTART, "exited", "running", False),
        (Verb.UNPAUSE, "paused", "running", True),
        (Verb.UNPAUSE, "running", "running", False),
    ],
)
def test_all_means_those_that_it_would_change(verb: Verb, state: str, wanted: State | None, meant: bool) -> None:
    chosen = meant_by_all([found("web", state=state)], verb, declared(wanted) if wanted else {})
    assert bool(chosen) == meant


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([found("web", "db", index=1), found("web", "db", index=2)], ["container.web[1]", "container.web[2]"]),
        ([found("web", "db", state="exited"), found("job", "db", state="paused"), found("cache")], []),
        ([found("web", "db", project="blog"), found("by-hand", "db", project=None)], []),
        ([], []),
    ],
)
def test_who_needs_what_was_stopped_and_runs_on_is_told(others: list[FoundContainer], told: list[str]) -> None:
    stopped = found("db")
    assert relying(stopped, [stopped], [stopped, *others]) == told
    assert relying(stopped, [stopped, *others], [stopped, *others]) == []


@pytest.mark.parametrize("state", ["running", "created", "exited"])
def test_what_was_not_paused_does_not_go_on(state: str) -> None:
    """Engines take an unpause of anything, and do nothing."""
    assert outcome(Steered(found("web", state=state), live(state)), Wish(Verb.UNPAUSE)) == "nothing"
    assert outcome(Steered(found("web", state="paused"), live("running")), Wish(Verb.UNPAUSE)) == "done"
