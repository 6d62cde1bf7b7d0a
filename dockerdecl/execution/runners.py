"""One runner a verb: makes the engine call that a payload describes, and once more where its answer was lost and that
is safe (`repeating`). Decides nothing; what is to be done where a call fails is in the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import field
from functools import partial
from typing import Any, TypeVar, assert_never

from dockerdecl.engine.answers import Json
from dockerdecl.engine.calls import containers, images, networks, volumes
from dockerdecl.engine.calls.exec import run_in
from dockerdecl.engine.client import Engine
from dockerdecl.engine.errors import NOT_FOUND
from dockerdecl.engine.progress import OnProgress, Progress
from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.execution.imaging import carry_out
from dockerdecl.execution.placing import files_tar
from dockerdecl.execution.repeating import REPEATING, Patience, Repeat, is_lost
from dockerdecl.execution.verdicts import has_completed, hook_failed, is_healthy, stays_steady, stays_up, verdict
from dockerdecl.execution.waiting import Waiting
from dockerdecl.planning.steps.draft import DISRUPTING
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
from dockerdecl.resources.ownership import ADDRESS, PROJECT, hooks_record
from dockerdecl.resources.rows import Raw
from dockerdecl.values import dataclass

T = TypeVar("T")

_NO_LIMIT_SECONDS = 10 * 365 * 24 * 3600.0

Warnings = tuple[str, ...]
ContainerCall = PutFiles | Connect | Disconnect | Rename | Update | Start | Stop | Pause | Unpause | RemoveContainer


def _no_fence() -> None:
    "for runs that nobody else can disturb"


@dataclass(slots=True)
class Runner:
    """Carries out payloads on one engine, and knows the ids of the containers it made."""

    engine: Engine
    waiting: Waiting
    environ: Mapping[str, str]
    fence: Callable[[], None] = _no_fence
    made: dict[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)

    def run(self, payload: Payload, on_progress: OnProgress) -> Future[None] | Warnings:
        """Make the call; gives what the engine warned of, or for a wait a future that ends with it.

        Raises DockerdeclError in the engine's own words, and what `fence` raises before something is taken away.
        """
        how, _ = REPEATING[type(payload)]
        if how is Repeat.NEVER:
            return self._once(payload, on_progress)
        again = self._unless_done if how is Repeat.LOOK else self._once
        return self.patience(partial(self._once, payload, on_progress), partial(again, payload, on_progress))

    def _once(self, payload: Payload, on_progress: OnProgress) -> Future[None] | Warnings:
        if payload.verb in DISRUPTING:
            self.fence()
        match payload:
            case AwaitRunning() | AwaitHealthy() | AwaitSteady() | AwaitCompleted():
                return self._wait(payload)
            case PullImage() | LoadImage() | ImportImage() | BuildImage() | TagImage() | PushImage() | RemoveImage():
                carry_out(self.engine, payload, self.environ, on_progress)
                return ()
            case CreateNetwork() | RemoveNetwork() | CreateVolume() | RemoveVolume() | Adopt():
                return self._around(payload)
            case CreateContainer():
                return self._create(payload)
            case PostStart() | PreStop():
                return self._hook(payload)
            case RecordHooks():
                name, labels = hooks_record(payload.project, payload.target.address, self.id_of(payload.target))
                volumes.create_volume(self.engine, {"Name": name, "Labels": labels})
                return ()
            case Checkpoint():
                return ()
            case Start(may_fail=True):
                return _tried(self.engine, self.id_of(payload.target))
            case _:
                return self._container(payload)

    def id_of(self, target: Target) -> str:
        """The id of a container that a step works on."""
        return target.id or self.made[target.address]

    def _wait(self, payload: AwaitRunning | AwaitHealthy | AwaitSteady | AwaitCompleted) -> Future[None]:
        container = self.id_of(payload.target)
        match payload:
            case AwaitRunning():
                stays = partial(stays_up, restarts=payload.restarts)
                judge, seconds = verdict(self.engine, stays, show_log=payload.show_log), payload.seconds
            case AwaitHealthy():
                healthy = partial(is_healthy, restarts=payload.restarts)
                judge, seconds = verdict(self.engine, healthy, show_log=payload.show_log), payload.seconds
            case AwaitSteady():
                judge, seconds = verdict(self.engine, stays_steady, show_log=payload.show_log), payload.seconds
            case AwaitCompleted():
                judge, seconds = verdict(self.engine, has_completed, show_log=payload.show_log), _NO_LIMIT_SECONDS
        return self.waiting.until(container, judge, seconds)

    def _around(self, payload: CreateNetwork | RemoveNetwork | CreateVolume | RemoveVolume | Adopt) -> Warnings:
        match payload:
            case CreateNetwork():
                return networks.create_network(self.engine, payload.body)[1]
            case RemoveNetwork():
                networks.remove_network(self.engine, payload.id, missing_ok=True)
            case CreateVolume() | Adopt():
                volumes.create_volume(self.engine, payload.body)
            case RemoveVolume():
                self._remove_volume(payload)
        return ()

    def _remove_volume(self, payload: RemoveVolume) -> None:
        try:
            volumes.remove_volume(self.engine, payload.name, missing_ok=True)
        except DockerdeclError as error:
            if not payload.anonymous or error.code != "volume-in-use":
                raise

    def _create(self, payload: CreateContainer) -> Warnings:
        body = self._with_image_ids(payload.body)
        create = partial(containers.create_container, self.engine, payload.name, body, payload.platform)
        try:
            made, warnings = create()
        except DockerdeclError as error:
            if error.code != "name-in-use" or not self._cleared(payload):
                raise
            made, warnings = create()
        self.made[payload.address] = made
        return warnings

    def _cleared(self, payload: CreateContainer) -> bool:
        "a run that was killed may have sent a creation which came through after this run had looked"
        raw = self._same_address(payload)
        if raw is None or raw["State"]["Status"] != "created":
            return False
        containers.remove(self.engine, str(raw["Id"]), volumes=True, missing_ok=True)
        return True

    def _unless_done(self, payload: Payload, on_progress: OnProgress) -> Future[None] | Warnings:
        "the call once more, where the one before was not carried out after all"
        match payload:
            case CreateContainer() if found := self._same_address(payload):
                self.made[payload.address] = str(found["Id"])
                return ()
            case CreateNetwork() if self._network_made_after_all(payload.body):
                return ()
            case Start() if self._started_after_all(payload):
                return ()
            case Connect():
                return self._connect_again(payload, on_progress)
        return self._once(payload, on_progress)

    def _same_address(self, payload: CreateContainer) -> Json | None:
        raw = _found(partial(containers.inspect_container, self.engine, payload.name))
        labels = ((raw or {}).get("Config") or {}).get("Labels") or {}
        wanted = payload.body["Labels"]
        return raw if all(labels.get(key) == wanted[key] for key in (PROJECT, ADDRESS)) else None

    def _network_made_after_all(self, body: Raw) -> bool:
        named = networks.list_networks(self.engine, filters={"name": [body["Name"]]})
        labels = body.get("Labels") or {}
        return any(raw["Name"] == body["Name"] and (raw.get("Labels") or {}) == labels for raw in named)

    def _started_after_all(self, payload: Start) -> bool:
        state = containers.inspect_container(self.engine, self.id_of(payload.target))["State"]
        has_run = not str(state.get("StartedAt") or "0001").startswith("0001")
        return bool(state.get("Running") or (payload.target.id is None and has_run))

    def _connect_again(self, payload: Connect, on_progress: OnProgress) -> Future[None] | Warnings:
        try:
            return self._once(payload, on_progress)
        except DockerdeclError as error:
            if error.code != "already-connected":
                raise
        return ()

    def _with_image_ids(self, body: Raw) -> Raw:
        "a mounted image is named by its id, so that it can be told whether its reference means another one later"
        host = body.get("HostConfig") or {}
        mounts = [
            {**mount, "Source": self._image_id(mount["Source"])} if mount["Type"] == "image" else mount
            for mount in host.get("Mounts") or ()
        ]
        return {**body, "HostConfig": {**host, "Mounts": mounts}} if mounts else body

    def _image_id(self, reference: str) -> str:
        found = images.inspect_image(self.engine, reference)
        return str(found["Id"]) if found else reference

    def _container(self, payload: ContainerCall) -> Warnings:
        engine = self.engine
        if (
            isinstance(payload, RemoveContainer)
            and payload.target.id is None
            and payload.target.address not in self.made
        ):
            return ()
        container = self.id_of(payload.target)
        match payload:
            case Connect():
                networks.connect(engine, payload.network, container, payload.endpoint)
            case Disconnect():
                networks.disconnect(engine, payload.network, container, force=True, missing_ok=True)
            case Rename():
                containers.rename(engine, container, payload.name)
            case Update():
                return self._update(container, payload)
            case PutFiles():
                for base in sorted({placed.base for placed in payload.files}):
                    placed = tuple(f for f in payload.files if f.base == base)
                    containers.put_archive(engine, container, base, files_tar(placed, base))
            case RemoveContainer():
                containers.remove(engine, container, volumes=True, force=payload.force, missing_ok=True)
            case Start() | Stop() | Pause() | Unpause():
                _SIMPLE[type(payload)](engine, container)
            case _ as never:
                assert_never(never)
        return ()

    def _hook(self, payload: PostStart | PreStop) -> Warnings:
        hook = payload.hook
        given = {name: text for name, text in (hook.environment or {}).items() if text is not None}
        code, printed = run_in(
            self.engine,
            self.id_of(payload.target),
            hook.command,
            user=hook.user,
            privileged=hook.privileged,
            working_dir=hook.working_dir,
            environment=given,
        )
        if code:
            raise hook_failed(hook.command[0], code, printed)
        return ()

    def _update(self, container: str, payload: Update) -> Warnings:
        warnings = containers.update(self.engine, container, payload.body)
        host = containers.inspect_container(self.engine, container)["HostConfig"]
        # An engine whose kernel can't limit swap holds -1 whatever it is given.
        held = {
            key: payload.body[key] if key == "MemorySwap" and host.get(key) == -1 else host.get(key)
            for key in payload.body
        }
        ignored = [key for key, value in payload.body.items() if not _same(value, held[key])]
        if ignored:
            message = f"the engine accepted the update, but did not take {', '.join(sorted(ignored))}"
            raise fail("update-not-taken", message, hint="use `--replace` with its address to make it anew")
        return warnings


_SIMPLE: Mapping[type, Callable[[Engine, str], None]] = {
    Start: containers.start,
    Stop: containers.stop,
    Pause: containers.pause,
    Unpause: containers.unpause,
}


def _found(ask: Callable[[], T]) -> T | None:
    "what is asked for; None where the engine has no such thing"
    try:
        return ask()
    except DockerdeclError as error:
        if error.code != NOT_FOUND:
            raise
    return None


def _tried(engine: Engine, container: str) -> Warnings:
    try:
        containers.start(engine, container)
    except DockerdeclError as error:
        if is_lost(error):
            raise
        return (f"it did not start: {error}",)
    return ()


def _same(sent: Any, held: Any) -> bool:
    if isinstance(sent, dict):
        return isinstance(held, dict) and all(_same(value, held.get(key)) for key, value in sent.items())
    return bool(sent == held or (not sent and not held))


def quiet(_: Progress) -> None:
    """For calls whose progress nobody watches."""
