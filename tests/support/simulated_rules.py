"""The order rules that hold for every plan, and that no engine enforces.

Looks at each step before it is done, on a simulated engine, and raises `BrokenError` with the rule that it breaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dockerdecl.planning.steps.draft import DISRUPTING, PREPARING
from dockerdecl.planning.values import Action, Plan, Step
from dockerdecl.planning.verbs import Pause, PushImage, RemoveVolume, Start, Stop
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

    always_up: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.always_up = frozenset(_without_outage(self.desired, self.plan))

    def after(self, engine: SimulatedEngine) -> None:
        """Raises BrokenError where nothing runs any more of what is replaced without an outage."""
        up = {str(owner(c, self.desired.project)) for c in engine.containers.values() if c.running}
        if down := self.always_up - up:
            raise BrokenError(f"{', '.join(sorted(down))} does not run, and was to be replaced without an outage")

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
            case PushImage(reference=reference):
                self._push(step, reference, engine)
        self.done.add(step.id)

    def _disturbs(self, step: Step) -> bool:
        "to pause what this plan starts disturbs nobody"
        started = any(isinstance(s.payload, Start) and s.address == step.address for s in self.plan.steps)
        if step.id in restoring(self.plan):
            return False
        return step.payload.verb in DISRUPTING and not (isinstance(step.payload, Pause) and started)

    def _all_is_prepared(self, disturbing: Step) -> None:
        if any(self._disturbs(step) for step in self.plan.steps if step.id in self.done):
            return
        late = disturbed(self.plan)
        for step in self.plan.steps:
            if step.payload.verb in PREPARING and step.id not in self.done | late:
                raise BrokenError(f"`{disturbing.text}` disturbs before `{step.text}` is done")

    def _start(self, step: Step, engine: SimulatedEngine) -> None:
        if step.id in restoring(self.plan):
            return
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

    def _push(self, step: Step, reference: str, engine: SimulatedEngine) -> None:
        port = reference.partition("/")[0].rpartition(":")[2]
        running = [(a, c) for a, c in self.desired.containers.items() if c.state == "running"]
        for address in (a for a, c in running if any(one.published == port for one in c.spec.ports or ())):
            new = {s.id for s in self.plan.steps if s.address == str(address) and isinstance(s.payload, Start)}
            own = (c for c in engine.containers.values() if owner(c, self.desired.project) == address)
            if not new <= self.done or not any(c.running and c.health in (None, "healthy") for c in own):
                raise BrokenError(f"`{step.text}` before its registry {address} serves")

    def _stop(self, step: Step, engine: SimulatedEngine, container_id: str) -> None:
        if self._others_serve(step.address, engine, container_id):
            return
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

    def _others_serve(self, text: str, engine: SimulatedEngine, container_id: str) -> bool:
        "its successor, which runs under its name already, or its replicas, which are replaced in turn"
        address = parse_address(text)
        declared = self.desired.containers.get(address) if address else None
        if declared is None:
            return False
        successors = (c for c in engine.containers.values() if c.name == declared.name and c.id != container_id)
        settings = declared.spec.replace
        in_turn = settings is not None and settings.max_parallel is not None
        return in_turn or any(container.running for container in successors)


def _without_outage(desired: Desired, plan: Plan) -> Iterator[str]:
    impossible = {note.address for note in plan.notes if note.code == "start-first-impossible"}
    for change in plan.changes:
        declared = desired.containers.get(change.address)
        settings = declared.spec.replace if declared else None
        start_first = settings is not None and settings.order == "start-first"
        if start_first and change.action is Action.REPLACE and str(change.address) not in impossible:
            yield str(change.address)


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


def restoring(plan: Plan) -> set[int]:
    """The steps that bring back what an interrupted replacement stopped; before them nothing of it runs."""
    steps = {step.id: step for step in plan.steps}
    waiting = [s.id for s in plan.steps if isinstance(s.payload, Start) and s.payload.may_fail]
    found: set[int] = set()
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += steps[number].needs
    return found
