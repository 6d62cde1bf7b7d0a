"""Takes a plan and a simulated engine through the plan's steps, in any order that their needs allow.

It does what execution does: a failed step stops what needs it, and every saga that can't be finished any more is taken
back, each step by its undo, last first. `Rules` watches what no engine enforces.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import assert_never

from dockerdecl.planning.images import build_label
from dockerdecl.planning.values import Plan, Step, Undo
from dockerdecl.planning.verbs import (
    Adopt,
    AwaitCompleted,
    AwaitHealthy,
    AwaitRunning,
    AwaitSteady,
    BuildImage,
    Checkpoint,
    Connect,
    CreateContainer,
    CreateNetwork,
    CreateVolume,
    Disconnect,
    ImportImage,
    LoadImage,
    Pause,
    Payload,
    PostStart,
    PreStop,
    PullImage,
    PushImage,
    PutFiles,
    RecordHooks,
    RemoveContainer,
    RemoveImage,
    RemoveNetwork,
    RemoveVolume,
    Rename,
    Start,
    Stop,
    TagImage,
    Target,
    Unpause,
    Update,
)
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import BUILD, hooks_record
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_rules import Rules
from tests.support.simulated_things import SERVE, BrokenError, RefusedError, hexadecimal

Choose = Callable[[int], int]
"""Which of so many steps that are ready goes next."""


def first(_count: int) -> int:
    """The order of the plan's own numbers."""
    return 0


@dataclass
class Run:
    """A plan on its way through an engine. `fails` are steps that go wrong; `kill_after` ends it without a word."""

    engine: SimulatedEngine
    plan: Plan
    rules: Rules | None = None
    choose: Choose = first
    fails: frozenset[int] = frozenset()
    kill_after: int | None = None
    made: dict[str, str] = field(default_factory=dict)
    done: list[Step] = field(default_factory=list)
    failed: list[Step] = field(default_factory=list)
    skipped: set[int] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    refused_undo: list[str] = field(default_factory=list)

    def go(self) -> Run:
        """Run to the end, or until it is killed."""
        waiting = {step.id: step for step in self.plan.steps}
        while ready := self._ready(waiting):
            if self.kill_after is not None and len(self.done) >= self.kill_after:
                return self
            step = ready[self.choose(len(ready))]
            del waiting[step.id]
            self._take(step)
        return self

    @property
    def whole(self) -> bool:
        """Whether every step was done."""
        return len(self.done) == len(self.plan.steps)

    def _ready(self, waiting: dict[int, Step]) -> list[Step]:
        done = {step.id for step in self.done}
        return [step for step in waiting.values() if step.needs <= done and step.id not in self.skipped]

    def _take(self, step: Step) -> None:
        if step.id in self.fails:
            self._half_done(step)
            self._fail(step)
            return
        if self.rules is not None:
            target = getattr(step.payload, "target", None)
            self.rules.before(step, self.engine, name_of(target, self.made) if target else None)
        try:
            perform(step.payload, self.engine, self.made)
        except RefusedError:
            if not (self.failed and isinstance(step.payload, Start)):
                raise
            self._fail(step)  # what it is bound to has failed meanwhile
            return
        self.done.append(step)
        self._look()

    def _look(self) -> None:
        if self.rules is not None:
            self.rules.after(self.engine)

    def _half_done(self, step: Step) -> None:
        "a container that fails right after its start did start"
        match step.payload:
            case AwaitRunning() | AwaitHealthy() | AwaitSteady() | AwaitCompleted():
                self.engine.stop(name_of(step.payload.target, self.made), exit_code=1)

    def _fail(self, failed: Step) -> None:
        "what needs the failed step is skipped, and every saga that can't be finished is taken back"
        self.failed.append(failed)
        self._skip_what_needs({failed.id})
        while lost := sorted({s.saga for s in self.plan.steps if s.saga and self._is_lost(s)} - self.undone):
            self._undo(lost[self.choose(len(lost))])

    def _is_lost(self, step: Step) -> bool:
        return step.id in self.skipped or step in self.failed

    def _skip_what_needs(self, lost: set[int]) -> None:
        lost = {*lost}
        for step in self.plan.steps:
            if step.needs & lost and step not in self.done:
                lost.add(step.id)
                self.skipped.add(step.id)

    def _undo(self, saga: str) -> None:
        self.undone.add(saga)
        members = {step.id for step in self.plan.steps if step.saga == saga}
        self.skipped |= members - {step.id for step in self.done}
        self._skip_what_needs(members)
        for step in reversed(self.plan.steps):
            if step.id in members and (step in self.done or step in self.failed):
                for undo in step.undo:
                    self._take_back(undo, done=step in self.done)

    def _take_back(self, undo: Undo, *, done: bool) -> None:
        "a failed step may have been done or not, so that taking it back may be refused"
        try:
            perform(undo.payload, self.engine, self.made)
            self._look()
        except BrokenError:
            if not isinstance(undo.payload, AwaitHealthy):  # it could not be started again either
                raise
        except RefusedError as refusal:
            tolerated = isinstance(undo.payload, RemoveContainer | Disconnect | RemoveNetwork)
            if done and not tolerated:
                self.refused_undo.append(f"{undo.text}: {refusal}")


def name_of(target: Target, made: dict[str, str]) -> str:
    """The id of the container that a step works on."""
    if target.id is not None:
        return target.id
    if target.address not in made:
        raise RefusedError(f"{target.address} was not made")
    return made[target.address]


def perform(payload: Payload, engine: SimulatedEngine, made: dict[str, str]) -> None:
    """One call."""
    match payload:
        case CreateContainer():
            made[payload.address] = engine.create(payload.name, payload.body)
        case CreateNetwork():
            engine.create_network(payload.body)
        case RemoveNetwork():
            engine.remove_network(payload.id)
        case CreateVolume() | Adopt():
            engine.create_volume(payload.body)
        case RemoveVolume(anonymous=anonymous):
            with suppress(*((RefusedError,) if anonymous else ())):
                engine.remove_volume(payload.name)
        case Checkpoint():
            pass
        case PushImage():
            _push(payload.reference, engine)
        case PullImage() | LoadImage() | ImportImage() | BuildImage() | TagImage() | RemoveImage():
            _image_call(payload, engine)
        case _:
            _container_call(payload, engine, name_of(payload.target, made))


def _push(reference: str, engine: SimulatedEngine) -> None:
    "an image then has the digest that the registry gave it"
    image, known = engine.image(reference), f"{reference.rpartition(':')[0]}@{engine.digest(reference)}"
    image.digests = (*image.digests, *(() if known in image.digests else (known,)))


def _image_call(
    payload: PullImage | LoadImage | ImportImage | BuildImage | TagImage | RemoveImage, engine: SimulatedEngine
) -> None:
    match payload:
        case PullImage():
            engine.pull(payload.reference)
        case LoadImage(source=source):
            engine.add_image(min(source.ids), payload.reference, engine.registry.get(source.path, SERVE))
        case ImportImage(source=source):
            new = "sha256:" + engine.next_id("image")
            engine.add_image(new, payload.reference, SERVE, layers=(source.layer,), comment=payload.message)
        case BuildImage(source=source):
            for base in source.bases:
                if not any(parse(base).familiar in image.references for image in engine.images.values()):
                    engine.pull(parse(base).familiar)
            label = build_label(source, {base: engine.image(parse(base).familiar).id for base in source.bases})
            config = {**SERVE, "Labels": {BUILD: label}}
            engine.add_image("sha256:" + hexadecimal(f"{source.digest}{label}"), payload.reference, config)
        case TagImage():
            engine.tag(payload.image, payload.reference)
        case RemoveImage():
            engine.remove_image(payload.reference)
        case _ as never:
            assert_never(never)


def _container_call(payload: Payload, engine: SimulatedEngine, name: str) -> None:
    match payload:
        case PutFiles():
            engine.put_files(name, {file.target: file.content for file in payload.files})
        case Connect():
            engine.connect(name, payload.network, payload.endpoint)
        case Disconnect():
            engine.disconnect(name, payload.network)
        case Rename():
            engine.rename(name, payload.name)
        case Update():
            engine.update(name, payload.body)
        case RemoveContainer():
            engine.remove(name, force=payload.force)
        case PostStart() | PreStop():
            if engine.container(name).state != "running":
                raise RefusedError(f"container {name} is not running")
        case RecordHooks():
            record, labels = hooks_record(payload.project, payload.target.address, name)
            engine.create_volume({"Name": record, "Labels": labels})
        case _:
            _state_call(payload, engine, name)


def _state_call(payload: Payload, engine: SimulatedEngine, name: str) -> None:
    match payload:
        case Start():
            engine.start(name)
        case Stop():
            engine.stop(name)
        case Pause():
            engine.pause(name)
        case Unpause():
            engine.unpause(name)
        case _:
            _wait_call(payload, engine, name)


def _wait_call(payload: Payload, engine: SimulatedEngine, name: str) -> None:
    match payload:
        case AwaitRunning():
            if not engine.container(name).running:
                raise BrokenError(f"{name} is waited for, and does not run")
            engine.container(name).state = "running"
        case AwaitHealthy():
            container = engine.container(name)
            if not container.running or container.health is None:
                raise BrokenError(f"{name} is waited for, and can't be healthy: {container.state}, {container.health}")
            container.health = "healthy"
        case AwaitSteady():
            container = engine.container(name)
            if not container.running or container.health == "unhealthy":
                raise BrokenError(f"{name} is watched, and is {container.state}, {container.health}")
        case AwaitCompleted():
            if engine.container(name).state == "paused":
                raise BrokenError(f"{name} is waited for, and frozen")
            engine.stop(name)
