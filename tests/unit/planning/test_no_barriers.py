"""That steps of one container wait for no other container's, where nothing is declared between the two."""

from __future__ import annotations

from dockerdecl.planning.destroying import make_destroy_plan
from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.values import Plan, Step
from dockerdecl.planning.verbs import Checkpoint
from tests.support.manifests import desired
from tests.support.read_back import Release
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_run import Run


def manifest(version: str = "1") -> dict[str, object]:
    web = {"image": "app:1", "networks": ["back"], "environment": {"VERSION": version}}
    return {"networks": {"back": {}}, "containers": {f"c{number}": web for number in range(5)}}


def started() -> SimulatedEngine:
    engine = SimulatedEngine(Release("26.1"))
    assert Run(engine, make_plan(desired(manifest()), engine.actual())).go().whole
    return engine


def needed(plan: Plan, step: Step) -> set[str]:
    """The addresses of other containers whose steps it needs, by way of others too; not beyond the checkpoint."""
    steps = {other.id: other for other in plan.steps}
    found, waiting = set[str](), [step]
    while waiting:
        for need in map(steps.__getitem__, waiting.pop().needs):
            found.add(need.address)
            if not isinstance(need.payload, Checkpoint):
                waiting.append(need)
    return {address for address in found if address.startswith("container.")} - {step.address}


def of_containers(plan: Plan) -> list[Step]:
    return [step for step in plan.steps if step.address.startswith("container.")]


def test_a_container_is_made_and_started_whatever_becomes_of_the_others() -> None:
    plan = make_plan(desired(manifest()), SimulatedEngine(Release("26.1")).actual())
    assert len(of_containers(plan)) == 15, [step.text for step in plan.steps]
    assert not [step.text for step in of_containers(plan) if needed(plan, step)]


def test_a_container_is_replaced_whatever_becomes_of_the_others() -> None:
    """After the one moment when all is prepared, and nothing has been stopped."""
    plan = make_plan(desired(manifest("2")), started().actual())
    assert len(of_containers(plan)) == 35, [step.text for step in plan.steps]
    assert not [step.text for step in of_containers(plan) if needed(plan, step)]
    (checkpoint,) = [step for step in plan.steps if isinstance(step.payload, Checkpoint)]
    assert len(checkpoint.needs) == 5


def test_a_container_is_removed_whatever_becomes_of_the_others() -> None:
    plan = make_destroy_plan(desired(manifest()), started().actual())
    assert len(of_containers(plan)) == 10, [step.text for step in plan.steps]
    assert not [step.text for step in of_containers(plan) if needed(plan, step)]


def test_networks_are_removed_side_by_side() -> None:
    two = {
        "networks": {"back": {}, "front": {}},
        "containers": {"web": {"image": "app:1", "networks": ["back", "front"]}},
    }
    engine = SimulatedEngine(Release("26.1"))
    assert Run(engine, make_plan(desired(two), engine.actual())).go().whole
    plan = make_destroy_plan(desired(two), engine.actual())
    first, second = [step for step in plan.steps if step.payload.verb == "remove-network"]
    assert first.needs == second.needs != frozenset()
