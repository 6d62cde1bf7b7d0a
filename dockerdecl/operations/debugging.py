"""A toolbox beside a container that has no shell: a container for a while, in the namespaces of another.

Takes an engine, the container, an image and a command; makes the toolbox, lets a person talk with it and takes it away
again, whatever ends it. The engine takes it away as well when it ends, so that nothing stays where we are killed.
"""

from __future__ import annotations

import secrets
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.operations.sessions import Ended, Person, converse, patiently, require_running
from dockerdecl.resources.ownership import TEMPORARY_FOR
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.answers import Json
    from dockerdecl.engine.client import Engine
    from dockerdecl.operations.found import FoundContainer

TOOLBOXES = ("netshoot", "busybox", "alpine", "debian", "ubuntu", "fedora")
"""The images that are looked for on the engine where none is named, by the last part of their names."""

_SHELL = ("sh",)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What is to be run beside a container: in which image, as whom, with a terminal or input or neither."""

    image: str
    command: Sequence[str] = _SHELL
    user: str = "0:0"
    privileged: bool = False
    stdin: bool = False
    tty: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A toolbox, made but not started: what it shares with the container, and where the container's files are in it."""

    id: str
    name: str
    shared: tuple[str, ...]
    not_shared: tuple[str, ...]
    files: str


def find_toolbox(engine: Engine) -> str:
    """An image on the engine that has a shell. Raises `no-toolbox` where none is known to."""
    from dockerdecl.engine.calls.images import list_images

    names = sorted(
        name for image in list_images(engine) for name in image.get("RepoTags") or () if "<none>" not in name
    )
    for toolbox in TOOLBOXES:
        for name in names:
            if name.rpartition("/")[2].partition(":")[0] == toolbox:
                return str(name)
    hint = "name one with a shell: `--image busybox` is small, `--image nicolaka/netshoot` has everything for networks"
    raise fail("no-toolbox", f"none of {', '.join(TOOLBOXES)} is on the engine, so there is no toolbox", hint=hint)


def has_image(engine: Engine, reference: str) -> bool:
    """Whether an image is on the engine."""
    from dockerdecl.engine.calls.images import inspect_image

    return inspect_image(engine, reference) is not None


def pull_image(engine: Engine, reference: str, environ: Mapping[str, str]) -> None:
    """Fetch an image. Raises as a pull does."""
    from dockerdecl.engine.calls.images import pull
    from dockerdecl.engine.credentials import registry_auth

    pull(engine, reference, registry_auth(reference, environ))


@contextmanager
def placed(engine: Engine, container: FoundContainer, toolbox: Toolbox) -> Iterator[Placed]:
    """A toolbox beside a running container, taken away at the end. Raises where the container doesn't run."""
    from dockerdecl.engine.calls import containers

    raw = containers.inspect_container(engine, container.id)
    require_running(container, raw)
    shared = _shared(raw)
    body = _body(container, toolbox, shared)
    name = f"dockerdecl-debug-{container.name}-{secrets.token_hex(3)}"
    with _undisturbed():
        identity, _ = containers.create_container(engine, name, body)
    try:
        pid = (raw.get("State") or {}).get("Pid")
        host = shared["pid"] == "host"
        yield Placed(
            identity,
            name,
            tuple(kind for kind, mode in shared.items() if mode),
            tuple(kind for kind, mode in shared.items() if not mode),
            f"/proc/{pid if host else 1}/root",
        )
    finally:
        with _undisturbed(), suppress(DockerdeclError):  # the engine is at it already
            containers.remove(engine, identity, volumes=True, force=True, missing_ok=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    "signals come afterwards: between its making and its removal the toolbox must be known"
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _shared(raw: Mapping[str, Any]) -> dict[str, str | None]:
    "the modes in which a toolbox shares namespaces; the host's own are named, and a private ipc can't be shared"
    settings = raw.get("HostConfig") or {}
    own = f"container:{raw['Id']}"
    ipc = str(settings.get("IpcMode") or "private")
    return {
        "pid": "host" if settings.get("PidMode") == "host" else own,
        "network": "host" if settings.get("NetworkMode") == "host" else own,
        "ipc": ipc if ipc == "host" or ipc.startswith("container:") else own if ipc == "shareable" else None,
    }


def _body(container: FoundContainer, toolbox: Toolbox, shared: Mapping[str, str | None]) -> Json:
    return {
        "Image": toolbox.image,
        "Entrypoint": [toolbox.command[0]],
        "Cmd": [*toolbox.command[1:]],
        "User": toolbox.user,
        "WorkingDir": "/",
        "Tty": toolbox.tty,
        "OpenStdin": toolbox.stdin,
        "StdinOnce": toolbox.stdin,
        "AttachStdin": toolbox.stdin,
        "Healthcheck": {"Test": ["NONE"]},
        "Labels": {TEMPORARY_FOR: container.project or ""},
        "HostConfig": {
            "AutoRemove": True,
            "CapAdd": ["SYS_PTRACE"],
            "Privileged": toolbox.privileged,
            "PidMode": shared["pid"],
            "NetworkMode": shared["network"],
            **({"IpcMode": shared["ipc"]} if shared["ipc"] else {}),
        },
    }


def run_toolbox(engine: Engine, toolbox: Toolbox, place: Placed, person: Person) -> Ended:
    """Start a toolbox and let a person talk with it until it ends. Raises where its command can't be started."""
    from dockerdecl.engine.calls import containers, streams

    def resize(_signal: int = 0) -> None:
        if toolbox.tty and (size := person.size()):
            streams.resize(engine, place.id, *size)

    def on_signal(_signal: int) -> None:
        with suppress(DockerdeclError):  # it has just ended
            resize()

    with (
        closing(streams.Waiting(engine, place.id, "next-exit")) as waiting,
        streams.attach(engine, place.id, tty=toolbox.tty, stdin=toolbox.stdin) as conversation,
    ):
        containers.start(engine, place.id)
        patiently(resize)
        converse(conversation, person, on_signal)
        return Ended(waiting.exit_code())
