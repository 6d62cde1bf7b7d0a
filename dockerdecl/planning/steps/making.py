"""The steps that make a container, start it, and wait until it is what it should be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dockerdecl.planning.health import health_was_asked_for
from dockerdecl.planning.steps.draft import Key
from dockerdecl.planning.steps.hooks import after_start, record_hooks
from dockerdecl.planning.steps.request import creation
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.values import Undo
from dockerdecl.planning.verbs import (
    AwaitCompleted,
    AwaitHealthy,
    AwaitRunning,
    AwaitSteady,
    Connect,
    CreateContainer,
    Pause,
    PutFiles,
    RemoveContainer,
    Start,
    Target,
)
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.words import show_duration

_SECOND = 10**9


def create(work: Work, container: DesiredContainer, name: str, old: LiveContainer | None = None) -> None:
    """Create a container under a name; `old` is the one that it replaces."""
    address, draft = str(container.address), work.draft
    image = work.situation.desired.images[container.image]
    request = creation(container, work.images.outcomes[container.image], image.reference, old, work.situation)
    saga = address if old is not None else None
    target = Target(address)
    undo = (Undo(RemoveContainer(target, force=True), f"remove {name}"),) if old is not None else ()
    payload = CreateContainer(address, name, request.body, image.platform)
    needs = [*_before_creation(work, container), *draft.of(address, "discard")]
    last = draft.add((address, "create"), payload, f"create {name}", needs, saga=saga, undo=undo)
    if container.files:
        last = put_files(work, container, target, [last], saga)
    for network, settings in request.later.items():
        payload_ = Connect(target, network, settings)
        needs = [last, *network_keys(work, (network,))]
        last = draft.add((address, f"connect:{network}"), payload_, f"connect {name} to {network}", needs, saga=saga)


def put_files(
    work: Work, container: DesiredContainer, target: Target, needs: Iterable[Key], saga: str | None = None
) -> Key:
    """Put its secrets and configs into a container that has not started."""
    files = ", ".join(f"{placed.field}.{placed.source}" for placed in container.files)
    payload, text = PutFiles(target, container.files), f"put {files} into {container.name}"
    return work.draft.add((str(container.address), "put-files"), payload, text, needs, saga=saga)


def _before_creation(work: Work, container: DesiredContainer) -> Iterable[Key]:
    for image in (container.image, *container.mounted_images):
        yield (str(image), "make")
        yield from work.draft.of(image, "tag")
    yield from network_keys(work, container.networks)
    for mount in container.spec.volumes:
        if mount.type == "volume" and mount.source:
            yield from _volume_keys(work, mount.source)


def network_keys(work: Work, names: Iterable[str]) -> list[Key]:
    """The steps that make these networks."""
    declared = work.situation.desired.network_addresses
    return [(str(declared[name]), "create") for name in names if name in declared]


def _volume_keys(work: Work, name: str) -> list[Key]:
    address = work.situation.desired.volume_addresses.get(name)
    return [] if address is None else [(str(address), "create")]


def run(
    work: Work,
    container: DesiredContainer,
    target: Target,
    *after: Key,
    saga: str | None = None,
    name: str | None = None,
    replaces: bool = False,
) -> None:
    """Start a container that has been made, and wait until it is what it should be.

    `name` is what it is called by then; one that `replaces` another is watched as long as the manifest says.
    """
    address, draft, name = str(container.address), work.draft, name or container.name
    if container.state in ("created", "stopped"):
        return
    needs = {*after, *draft.of(address, "put-files", "connect", "update", "rename", "rename-new", "disconnect")}
    start = draft.add((address, "start"), Start(target), f"start {name}", needs, saga=saga)
    hooked = after_start(draft, container, target, [start], saga, name=name)
    add_wait(work, container, target, hooked, saga, name=name)
    if replaces:
        _watch(work, container, target, {*hooked, *draft.of(address, "await")}, saga, name=name)
    stands = {*hooked, *draft.of(address, "await", "steady")}
    record_hooks(work, container, target, stands, saga)
    if container.state == "paused":
        needs = stands
        draft.add((address, "pause"), Pause(target), f"pause {container.name}", needs, saga=saga)


def _watch(
    work: Work, container: DesiredContainer, target: Target, after: Iterable[Key], saga: str | None, *, name: str
) -> None:
    monitor = container.spec.replace.monitor if container.spec.replace else None
    if monitor and container.state != "completed":
        how = "healthy" if health_was_asked_for(container, work.situation.desired) else "up"
        text = f"see that {name} stays {how} for {show_duration(monitor)}"
        payload = AwaitSteady(target, monitor / _SECOND, container.spec.attach)
        work.draft.add((str(container.address), "steady"), payload, text, after, saga=saga)


def add_wait(
    work: Work,
    container: DesiredContainer,
    target: Target,
    after: Iterable[Key],
    saga: str | None = None,
    *,
    running: LiveContainer | None = None,
    name: str | None = None,
) -> None:
    """Wait until a container is what it should be: completed, healthy where that was asked for, or still up.

    `running` is one that this plan doesn't start: how often it was restarted until now says nothing of what is to come.
    """
    restarts = int(running.raw.get("RestartCount") or 0) if running else 0
    draft, key, name = work.draft, (str(container.address), "await"), name or container.name
    if container.state == "completed":
        completed = AwaitCompleted(target, container.spec.attach)
        draft.add(key, completed, f"wait until {name} has completed", after, saga=saga)
    elif health_was_asked_for(container, work.situation.desired):
        payload = AwaitHealthy(target, health_seconds(container, work), restarts, container.spec.attach)
        draft.add(key, payload, f"wait until {name} is healthy", after, saga=saga)
    elif work.situation.options.settle > 0:
        payload_ = AwaitRunning(target, work.situation.options.settle, restarts, container.spec.attach)
        draft.add(key, payload_, f"see that {name} stays up", after, saga=saga)


def health_seconds(container: DesiredContainer, work: Work) -> float:
    """How long a container may take to become healthy: as declared, else until its checks must have failed."""
    spec = container.spec
    if spec.replace and spec.replace.health_timeout is not None:
        return spec.replace.health_timeout / _SECOND
    config: Any = work.images.outcomes[container.image].config or {}
    image = config.get("Healthcheck") or {}
    own = spec.healthcheck
    interval = (own and own.interval) or image.get("Interval") or 30 * _SECOND
    timeout = (own and own.timeout) or image.get("Timeout") or 30 * _SECOND
    period = (own and own.start_period) or image.get("StartPeriod") or 0
    retries = (own and own.retries) or image.get("Retries") or 3
    return float(period + (interval + timeout) * (retries + 1)) / _SECOND
