"""Labels of dockerdecl's own that it did not write like this: newer ones are refused, damaged ones never trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerdecl.errors import DockerdeclError
from dockerdecl.planning.adopting import make_adopt_plan
from dockerdecl.planning.destroying import make_destroy_plan
from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.values import Options, Plan
from dockerdecl.resources.actual import Actual, LiveVolume
from dockerdecl.resources.address import Address, Kind, parse_address
from dockerdecl.resources.ownership import (
    ADDRESS,
    ADOPTED_FOR,
    ADOPTED_ID,
    BUILD,
    CARRIED,
    CLAIMS,
    FILES,
    FORMAT,
    NEEDS,
    PROJECT,
    adoption_record,
    recorded_labels,
)
from tests.support.manifests import desired
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_run import Run

MANIFEST: dict[str, Any] = {
    "networks": {"back": {}},
    "volumes": {"data": {}},
    "secrets": {"password": {"content": "correct horse"}},
    "images": {"tool": {"ref": "tool:1", "build": {"context": ".", "dockerfile_inline": "FROM app:1"}}},
    "containers": {
        "web": {"image": "app:1", "networks": ["back"], "secrets": ["password"], "volumes": ["data:/data", "/own"]},
        "tool": {"image": "tool", "networks": ["back"], "logging": {"options": {"max-size": "1m"}}},
    },
}
WANTED = desired(MANIFEST)


def applied() -> Actual:
    """An engine that has it all, and a record of adoption beside it."""
    engine = SimulatedEngine()
    engine.pull("app:1")
    Run(engine, make_plan(WANTED, engine.actual())).go()
    actual = engine.actual()
    name, labels = adoption_record("shop", Address(Kind.CONTAINER, "old"), "1" * 64)
    return replace(actual, volumes={**actual.volumes, name: LiveVolume(name, labels)})


APPLIED = applied()
THINGS = ("container shop-web", "network shop_back", "volume shop_data", "volume dockerdecl.shop.adopted.")


def relabelled(thing: str, labels: dict[str, str | None]) -> Actual:
    """What is applied, with other labels on one thing, or on a built image."""
    kind, _, name = thing.partition(" ")

    def other(live: Any) -> Any:
        if kind == "image":
            config = {**live.config, "Labels": _without({**(live.config.get("Labels") or {}), **labels})}
            return replace(live, config=config)
        if not live.name.startswith(name):
            return live
        held = _without({**live.labels, **labels})
        raw = {**live.raw, "Config": {**live.raw["Config"], "Labels": held}} if kind == "container" else live.raw
        return replace(live, labels=held, raw=raw)

    match kind:
        case "container":
            return replace(APPLIED, containers=tuple(map(other, APPLIED.containers)))
        case "network":
            return replace(APPLIED, networks=tuple(map(other, APPLIED.networks)))
        case "volume":
            return replace(APPLIED, volumes={key: other(live) for key, live in APPLIED.volumes.items()})
    return replace(APPLIED, images={key: other(live) for key, live in APPLIED.images.items()})


def _without(labels: dict[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in labels.items() if text is not None}


def plans(actual: Actual) -> tuple[Plan | DockerdeclError, ...]:
    """What every command would do."""
    adoptable = [address for address in WANTED.addresses if address.kind is not Kind.IMAGE]
    ways: tuple[Callable[[], Plan], ...] = (
        lambda: make_plan(WANTED, actual),
        lambda: make_plan(WANTED, actual, Options(targets=(Address(Kind.IMAGE, "tool"),))),
        lambda: make_destroy_plan(WANTED, actual, volumes=True),
        lambda: make_adopt_plan(WANTED, actual, adoptable),
    )
    found: list[Plan | DockerdeclError] = []
    for way in ways:
        try:
            found.append(way())
        except DockerdeclError as error:
            found.append(error)
    return tuple(found)


def test_what_was_applied_is_as_declared() -> None:
    assert make_plan(WANTED, APPLIED).empty


@pytest.mark.parametrize("thing", THINGS)
def test_a_newer_format_is_refused_by_every_command(thing: str) -> None:
    """Whatever carries it, and however little of the project is asked for."""
    for refused in plans(relabelled(thing, {FORMAT: "2"})):
        assert isinstance(refused, DockerdeclError)
        (problem,) = [problem for problem in refused.problems if problem.code == "newer-format"]
        assert thing in problem.message and "label format 2" in problem.message


@pytest.mark.parametrize("thing", THINGS)
def test_a_newer_format_of_another_project_is_nobodys_business(thing: str) -> None:
    others = {PROJECT: None, ADOPTED_FOR: None, "dockerdecl.format": "2"}
    codes = [p.code for e in plans(relabelled(thing, others)) if isinstance(e, DockerdeclError) for p in e.problems]
    assert "newer-format" not in codes


@pytest.mark.parametrize("thing", THINGS)
def test_labels_without_a_format_are_of_the_first_one(thing: str) -> None:
    assert make_plan(WANTED, relabelled(thing, {FORMAT: None})).empty


@pytest.mark.parametrize("address", [None, "", "nonsense", "container"])
@pytest.mark.parametrize("thing", THINGS[:3])
def test_without_an_address_it_is_not_ours_and_can_be_adopted(thing: str, address: str | None) -> None:
    """It must not be taken for the project's, nor be in the way without a word."""
    actual = relabelled(thing, {ADDRESS: address})
    with pytest.raises(DockerdeclError) as caught:
        make_plan(WANTED, actual)
    (problem,) = caught.value.problems
    assert problem.code == "not-ours" and problem.hint and "adopt" in problem.hint
    assert problem.address is not None
    wanted = parse_address(problem.address)
    assert wanted is not None
    assert [step.address for step in make_adopt_plan(WANTED, actual, [wanted]).steps] == [problem.address]


@pytest.mark.parametrize("missing", [ADOPTED_ID, ADDRESS])
def test_a_record_that_cannot_be_read_adopts_nothing(missing: str) -> None:
    name, labels = adoption_record("shop", Address(Kind.CONTAINER, "old"), "1" * 64)
    assert list(recorded_labels({name: labels}, "shop")) == ["1" * 64]
    assert recorded_labels({name: {key: text for key, text in labels.items() if key != missing}}, "shop") == {}


DAMAGED = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        (
            "null",
            "[]",
            '"text"',
            "{",
            "[" * 5000,
            '{"/own":null}',
            '{"/own":["name"]}',
            '{"/own":[1,true]}',
            '{"/own":["name","maybe"]}',
            '{"key":7,"files":{}}',
            '{"key":"k","files":[]}',
            '{"key":"k","files":{"secrets.password":[]}}',
            '{"key":"k","files":{"secrets.password":{"target":1}}}',
            '{"digest":"x","bases":[]}',
            '{"digest":"x","bases":{"app:1":{}}}',
            "logging.%,=,.=.",
            "logging.options.max-size.further",
            "container.web[" + "9" * 5000 + "]",
        )
    ),
)


@settings(
    max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    thing=st.sampled_from((*THINGS, "container shop-tool", "image")),
    labels=st.dictionaries(
        st.sampled_from((ADDRESS, BUILD, CARRIED, CLAIMS, FILES, FORMAT, NEEDS, ADOPTED_ID, ADOPTED_FOR)), DAMAGED
    ),
)
def test_damaged_labels_never_end_in_a_traceback(thing: str, labels: dict[str, str | None]) -> None:
    """A plan or an error that can be read; anything else would come through as it is."""
    for found in plans(relabelled(thing, labels)):
        assert isinstance(found, Plan) or all(problem.message for problem in found.problems)
