"""What holds for every plan, tried on random manifests, random former ones, random drift and random orders."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerdecl.planning.destroying import make_destroy_plan
from dockerdecl.planning.document import plan_document, plan_lines
from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.values import Action, Options, Plan
from dockerdecl.planning.verbs import RemoveVolume
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.container.lenses.mounts import is_anonymous
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.ownership import ADDRESS, PREFIX
from tests.support.manifests import PROJECT, desired
from tests.support.random_manifests import Manifest, drift, drifts, pairs
from tests.support.read_back import Release
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_rules import Rules
from tests.support.simulated_run import Run

# The same examples every time, so that a run of CI says something of the change; more and others by the variable.
WANTED = os.environ.get("DOCKERDECL_TEST_EXAMPLES")
many = settings(
    max_examples=int(WANTED or "20"),
    derandomize=not WANTED,
    database=None,
    deadline=None,
    suppress_health_check=[*HealthCheck],
)

releases = st.sampled_from((Release("20.10"), Release("26.1")))
seeds = st.integers(0, 2**16)
GIVEN_UP = Options(replace=(Address(Kind.VOLUME, "more"),))


def plan_of(manifest: Manifest, engine: SimulatedEngine) -> tuple[Plan, frozenset[str]]:
    """The plan, and the volumes that may be lost by it: the data of one that differs is given up."""
    plan = make_plan(desired(manifest), engine.actual())
    if not plan.blocked:
        return plan, frozenset()
    assert {problem.code for problem in plan.blocked} == {"volume-differs"}
    return make_plan(desired(manifest), engine.actual(), GIVEN_UP), frozenset({"volume.more"})


def run(manifest: Manifest, engine: SimulatedEngine, seed: int = 0, **more: Any) -> Run:
    """Plan and apply, in an order that the seed chooses."""
    plan, may_lose = plan_of(manifest, engine)
    rules = Rules(desired(manifest), plan, may_lose)
    return Run(engine, plan, rules=rules, choose=random.Random(seed).randrange, **more).go()


def applied(manifest: Manifest, release: Release) -> SimulatedEngine:
    """An engine to which a manifest was applied."""
    engine = SimulatedEngine(release)
    assert run(manifest, engine).whole
    return engine


def assert_nothing_left(manifest: Manifest, engine: SimulatedEngine) -> None:
    """The manifest is what the engine has, and nobody would touch it again."""
    plan = make_plan(desired(manifest), engine.actual())
    assert plan.empty, (plan.changes, plan_lines(plan))
    assert not [c.name for c in engine.containers.values() if ".dockerdecl-" in c.name]


@many
@given(pairs(), releases, drifts, seeds)
def test_applying_a_plan_in_any_order_leaves_nothing_to_do(
    both: tuple[Manifest, Manifest], release: Release, drifted: list[tuple[str, int]], seed: int
) -> None:
    former, manifest = both
    engine = applied(former, release)
    drift(engine, drifted)
    assert run(manifest, engine, seed).whole
    assert_nothing_left(manifest, engine)


@many
@given(pairs(), releases, drifts, seeds)
def test_a_plan_does_not_depend_on_the_order_of_the_input(
    both: tuple[Manifest, Manifest], release: Release, drifted: list[tuple[str, int]], seed: int
) -> None:
    former, manifest = both
    engine = applied(former, release)
    drift(engine, drifted)
    plan, _ = plan_of(manifest, engine)
    chance = random.Random(seed)
    other, _ = plan_of(shuffled(manifest, chance), shuffled_engine(engine, chance))
    assert (plan_document(other), plan_lines(other)) == (plan_document(plan), plan_lines(plan))


@many
@given(pairs(), releases, drifts)
def test_steps_need_only_steps_before_them(
    both: tuple[Manifest, Manifest], release: Release, drifted: list[tuple[str, int]]
) -> None:
    former, manifest = both
    engine = applied(former, release)
    drift(engine, drifted)
    plan, _ = plan_of(manifest, engine)
    assert [step.id for step in plan.steps] == list(range(1, len(plan.steps) + 1))
    assert all(0 < need < step.id for step in plan.steps for need in step.needs)


@many
@given(pairs(), releases, drifts, seeds, st.integers(0, 60))
def test_a_plan_that_was_killed_is_finished_by_the_next(
    both: tuple[Manifest, Manifest], release: Release, drifted: list[tuple[str, int]], seed: int, kill_after: int
) -> None:
    former, manifest = both
    engine = applied(former, release)
    drift(engine, drifted)
    run(manifest, engine, seed, kill_after=kill_after)
    assert run(manifest, engine, seed).whole
    assert_nothing_left(manifest, engine)


@many
@given(pairs(), releases, drifts, seeds, st.integers(0, 60))
def test_a_plan_that_was_killed_can_be_undone_by_the_former_manifest(
    both: tuple[Manifest, Manifest], release: Release, drifted: list[tuple[str, int]], seed: int, kill_after: int
) -> None:
    former, manifest = both
    engine = applied(former, release)
    drift(engine, drifted)
    run(manifest, engine, seed, kill_after=kill_after)
    assert run(former, engine, seed).whole
    assert_nothing_left(former, engine)


@many
@given(pairs(), releases, drifts, seeds, st.sets(st.integers(1, 40), min_size=1, max_size=3))
def test_what_fails_is_put_back_and_the_next_plan_finishes(
    both: tuple[Manifest, Manifest], release: Release, drifted: list[tuple[str, int]], seed: int, fails: set[int]
) -> None:
    former, manifest = both
    engine = applied(former, release)
    drift(engine, drifted)
    before = engine.actual()
    failed = run(manifest, engine, seed, fails=frozenset(fails))
    assert_put_back(failed, before)
    assert run(manifest, engine, seed).whole
    assert_nothing_left(manifest, engine)


@many
@given(pairs(), releases, drifts, seeds, st.sampled_from(((), ("volumes",), ("images",), ("volumes", "images"))))
def test_destroying_leaves_nothing_of_the_project_but_what_was_not_named(
    both: tuple[Manifest, Manifest],
    release: Release,
    drifted: list[tuple[str, int]],
    seed: int,
    named: tuple[str, ...],
) -> None:
    former, manifest = both
    engine = applied(former, release)
    drift(engine, drifted)
    kept = {name for name in engine.volumes if not is_anonymous(name) and not name.startswith(PREFIX)}
    plan = make_destroy_plan(desired(manifest), engine.actual(), volumes="volumes" in named, images="images" in named)
    may_lose = frozenset(str(change.address) for change in plan.changes) if "volumes" in named else frozenset()
    rules = Rules(Desired(PROJECT), plan, may_lose)
    assert Run(engine, plan, rules=rules, choose=random.Random(seed).randrange).go().whole
    assert not engine.containers
    assert not engine.networks
    assert {name for name in engine.volumes if not is_anonymous(name)} == (set() if "volumes" in named else kept)
    again = make_destroy_plan(desired(manifest), engine.actual(), volumes="volumes" in named, images="images" in named)
    assert not again.steps


def assert_put_back(failed: Run, before: Actual) -> None:
    """Where a replacement did not stand, the old container is what it was.

    Impossible where the user gave up the data it stood on, or what it was bound to is declared no more.
    """
    if any(isinstance(step.payload, RemoveVolume) and not step.payload.anonymous for step in failed.plan.steps):
        return
    actions = {str(change.address): change.action for change in failed.plan.changes}
    removed = {live.id for live in before.containers if actions.get(live.labels[ADDRESS]) is Action.REMOVE}
    assert not [text for text in failed.refused_undo if not any(gone in text for gone in removed)]
    for live in before.containers:
        address = live.labels[ADDRESS]
        saga = next((step.saga for step in failed.plan.steps if step.address == address and step.saga), None)
        bound = live.raw["HostConfig"]["NetworkMode"].removeprefix("container:") in removed
        if saga not in failed.undone or bound:
            continue
        now = failed.engine.containers[live.id]
        if actions.get(address) is Action.REPLACE:
            assert (now.name, now.state) == (live.name, live.state), address
        elif not any(step.address == address and step.payload.verb == "remove" for step in failed.plan.steps):
            assert (now.name, now.running) == (live.name, live.running), address


def shuffled(manifest: Manifest, chance: random.Random) -> Manifest:
    """The same manifest with its resources in another order."""
    return {
        kind: dict(chance.sample(list(found.items()), len(found))) if isinstance(found, dict) else found
        for kind, found in chance.sample(list(manifest.items()), len(manifest))
    }


def shuffled_engine(engine: SimulatedEngine, chance: random.Random) -> SimulatedEngine:
    """The same engine, telling what it has in another order."""
    shuffled: dict[str, Any] = {
        kind: dict(chance.sample(list(found.items()), len(found)))
        for kind in ("images", "networks", "volumes", "containers")
        for found in (getattr(engine, kind),)
    }
    return replace(
        engine,
        **shuffled,
    )
