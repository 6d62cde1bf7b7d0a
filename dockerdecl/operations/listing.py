"""Containers as a list: what runs since when, with what ports, and whose it is.

Takes an engine and the containers that are wanted, gives a document. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import TypedDict

from dockerdecl.errors import DockerdeclError
from dockerdecl.operations.found import FoundContainer, choose, find_containers
from dockerdecl.resources.rows import Raw, look_up
from dockerdecl.resources.schemas import documented

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine

FORMAT: Literal["dockerdecl/containers/v1"] = "dockerdecl/containers/v1"

_WORKERS = 8
_NEVER = "0001-01-01T00:00:00Z"


@documented
class PortDocument(TypedDict):
    """A port of a container, and where it is published."""

    port: int
    """The port in the container."""
    protocol: str
    """tcp, udp or sctp."""
    host_ip: str | None
    """The address on the host; null where it is not published."""
    host_port: int | None
    """The port on the host; null where it is not published."""


@documented
class ContainerDocument(TypedDict):
    """One container."""

    address: str | None
    """Its address in its project; null where it belongs to none."""
    name: str
    """Its name on the engine."""
    id: str
    """Its id on the engine."""
    image: str
    """The image, as it was named at the creation."""
    state: str
    """The state, in the engine's word."""
    health: str | None
    """What the health check says: starting, healthy or unhealthy; null where there is none."""
    since: str | None
    """Since when it is in this state, as a time by the engine's clock."""
    exit_code: int | None
    """The exit code; null while it runs, and where it never ran."""
    ports: list[PortDocument]
    """Its ports."""
    project: str | None
    """The project of dockerdecl that it belongs to."""
    compose_project: str | None
    """The project of Compose that it came from."""
    temporary: bool
    """Whether it is a toolbox that `debug` made, which goes by itself."""


@documented
class ContainersDocument(TypedDict):
    """The containers of a project, or of an engine."""

    format: Literal["dockerdecl/containers/v1"]
    """The format of this document."""
    project: str | None
    """The project; null where those of the whole engine are listed."""
    containers: list[ContainerDocument]
    """The containers, by address, then by name."""


def seen(
    engine: Engine, words: Sequence[str], project: str | None, *, everyone: bool = False
) -> tuple[FoundContainer, ...]:
    """The containers that a look is at: those that `words` mean, else all of the project, or of the engine.

    All of the engine are meant where `everyone` is, and where no project is known. Raises DockerdeclError for a word
    that means none.
    """
    found = find_containers(engine)
    return found if not words and (everyone or project is None) else choose(found, words, project)


def containers_document(engine: Engine, chosen: Iterable[FoundContainer], project: str | None) -> ContainersDocument:
    """What is known of the chosen containers; one that goes away meanwhile is left out."""
    from dockerdecl.engine.calls.containers import inspect_container

    def looked_at(container: FoundContainer) -> tuple[FoundContainer, Raw] | None:
        try:
            return container, inspect_container(engine, container.id)
        except DockerdeclError as error:
            if error.code == "not-found":
                return None
            raise

    with ThreadPoolExecutor(_WORKERS) as pool:
        looked = [pair for pair in pool.map(looked_at, chosen) if pair is not None]
    listed = [container_document(container, raw) for container, raw in looked]
    return {"format": FORMAT, "project": project, "containers": listed}


def container_document(container: FoundContainer, raw: Raw) -> ContainerDocument:
    """One container, of which `raw` is the inspection."""
    state: Mapping[str, Any] = raw.get("State") or {}
    status = str(state.get("Status") or container.state)
    running = status in ("running", "paused", "restarting")
    return {
        "address": str(container.address) if container.address else None,
        "name": container.name,
        "id": container.id,
        "image": str(look_up(raw, "Config.Image") or container.image),
        "state": status,
        "health": health_of(state) if running else None,
        "since": since(raw),
        "exit_code": None if running or status == "created" else int(state.get("ExitCode") or 0),
        "ports": list(_ports(container.raw.get("Ports") or ())),
        "project": container.project,
        "compose_project": container.compose_project,
        "temporary": container.temporary,
    }


def health_of(state: Mapping[str, Any]) -> str | None:
    """What the health check of a container says; None where it has none."""
    status = (state.get("Health") or {}).get("Status")
    return status if status not in (None, "none") else None


def since(raw: Raw) -> str | None:
    """Since when a container is as it is: when it was started, or when it ended, or when it was made."""
    state: Mapping[str, Any] = raw.get("State") or {}
    running = state.get("Status") in ("running", "paused", "restarting")
    moment = state.get("StartedAt") if running else state.get("FinishedAt")
    return str(moment) if moment and moment != _NEVER else raw.get("Created")


def _ports(listed: Sequence[Mapping[str, Any]]) -> Iterator[PortDocument]:
    def order(port: PortDocument) -> tuple[int, str, int, str]:
        return port["port"], port["protocol"], port["host_port"] or 0, port["host_ip"] or ""

    found: list[PortDocument] = [
        {
            "port": int(entry["PrivatePort"]),
            "protocol": str(entry.get("Type") or "tcp"),
            "host_ip": entry.get("IP") or None,
            "host_port": entry.get("PublicPort"),
        }
        for entry in listed
    ]
    yield from sorted(found, key=order)
