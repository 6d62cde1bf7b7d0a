"""The order rules that hold for every plan, and that no engine enforces.

Looks at each step before it is done, on a simulated engine, and raises `BrokenError` with the rule that it breaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dockerdecl.planning.steps.draft import DISRUPTING, PREPARING
from dockerdecl.planning.values import Plan, Step
from dockerdecl.planning.verbs import Pause, RemoveVolume, Start, Stop
from dockerdecl.resources.address import Address, parse_address
from dockerdecl.resources.container.parts import Condition
from dockerdecl.resources.desired import Bond, Dependence, Desired
from dockerdecl.resources.ownership import NEEDS, owned_address
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_things import BrokenError, Container


def disturbed(plan: Plan) -> set[int]:
    """The steps that come after something that disturbs."""
    disturbing = {step.id for step in plan.steps if step.payload.verb in DISRUPTING}
    found: set[int] = set()
    for step in plan.steps:
        if step.needs & (found | disturbing):
            found.add(step.id)
    return found


@dataclass
class Rules:
    """What a run is watched for. `may_lose` are the addresses of volumes whose data the user gave up."""

    desired: Desired
    plan: Plan
    may_lose: frozenset[str] = frozenset()
    done: set[int] = field(default_factory=set)
    started: set[Address] = field(default_factory=set)

    def before(self, step: Step, engine: SimulatedEngine, container_id: str | None) -> None:
        """Raises BrokenError where a step must not be done yet, or not at all."""
        if self._disturbs(step):
            self._all_is_prepared(step)
        match step.payload:
            case Start() if container_id is not None:
                self._start(step, engine)
            case Stop() if container_id is not None:
                self._stop(step, engine, container_id)
            case RemoveVolume(name=name, anonymous=False) if step.address not in self.may_lose:
                raise BrokenError(f"the volume {name} is removed, which nobody asked for")
        self.done.add(step.id)

    def _disturbs(self, step: Step) -> bool:
        "to pause what this plan starts disturbs nobody"
        started = any(isinstance(s.payload, Start) and s.address == step.address for s in self.plan.steps)
        return step.payload.verb in DISRUPTING and not (isinstance(step.payload, Pause) and started)

    def _all_is_prepared(self, disturbing: Step) -> None:
        if any(self._disturbs(step) for step in self.plan.steps if step.id in self.done):
            return
        late = disturbed(self.plan)
        for step in self.plan.steps:
            if step.payload.verb in PREPARING and step.id not in self.done | late:
                raise BrokenError(f"`{disturbing.text}` disturbs before `{step.text}` is done")

    def _start(self, step: Step, engine: SimulatedEngine) -> None:
        address = parse_address(step.address)
        assert address is not None
        self.started.add(address)
        declared = self.desired.containers.get(address)
        for dependence in declared.dependencies if declared else ():
            other = self.desired.containers[dependence.on]
            found = [c for c in engine.containers.values() if c.name == other.name]
            if dependence.condition is Condition.STARTED and dependence.on in self.started:
                continue
            if not found or not satisfied(dependence, found[0]):
                state = (found[0].state, found[0].health, found[0].exit_code) if found else "gone"
                raise BrokenError(
                    f"`{step.text}` before {dependence.on} is what it must be ({dependence.condition}): {state}"
                )

    def _stop(self, step: Step, engine: SimulatedEngine, container_id: str) -> None:
        pending = {
            s.payload.target.id for s in self.plan.steps if isinstance(s.payload, Stop) and s.id not in self.done
        }
        for container in dependants(step.address, engine, self.desired):
            if not container.running or container.id == container_id:
                continue
            if container.id in pending:
                raise BrokenError(f"`{step.text}` before its dependant {container.name} is stopped")
            if owner(container, self.desired.project) in self.started:
                raise BrokenError(f"`{step.text}` after its dependant {container.name} has been started upon it")


def owner(container: Container, project: str) -> Address | None:
    """The address of a container."""
    return owned_address(container.config["Labels"], project)


def dependants(address: str, engine: SimulatedEngine, desired: Desired) -> Iterator[Container]:
    """The containers that need an address, as declared now, or as they were made where they are declared no more."""
    for container in engine.containers.values():
        own = owner(container, desired.project)
        if own is None:
            continue
        declared = desired.containers.get(own)
        if declared is not None:
            needs = {str(dependence.on) for dependence in declared.dependencies}
        else:
            needs = {*(container.config["Labels"].get(NEEDS) or "").split(",")}
        if address in needs:
            yield container


def satisfied(dependence: Dependence, container: Container) -> bool:
    """Whether a container is what one that needs it waits for."""
    if dependence.bond is Bond.VOLUMES_FROM:
        return True
    match dependence.condition:
        case Condition.STARTED:
            return container.running
        case Condition.HEALTHY:
            return container.running and container.health == "healthy"
        case Condition.COMPLETED:
            return container.state == "exited" and container.exit_code == 0
