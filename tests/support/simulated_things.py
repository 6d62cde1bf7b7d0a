"""What a simulated engine holds and says: containers, images, its own no, and the places that containers take."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from dockerdecl.resources.container.lenses.ports import numbers
from dockerdecl.resources.rows import Raw

NEVER = "0001-01-01T00:00:00Z"
RUNNING = ("running", "paused", "restarting")
SERVE: Raw = {"Cmd": ["serve"], "Env": ["PATH=/bin"]}


class RefusedError(Exception):
    """The engine says no."""


class BrokenError(AssertionError):
    """An order rule that an engine would not enforce."""


def hexadecimal(text: str) -> str:
    """64 hex digits that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()


CPU_LIMITS = {"NanoCpus": ("CpuQuota", "CpuPeriod"), "CpuQuota": ("NanoCpus",), "CpuPeriod": ("NanoCpus",)}


@dataclass
class Container:
    """A container: its inspection's parts, and what it holds by id."""

    id: str
    name: str
    image_id: str
    config: Raw
    host: Raw
    endpoints: dict[str, Raw]
    mounts: list[Raw]
    created: str
    state: str = "created"
    exit_code: int = 0
    started: str = NEVER
    health: str | None = None
    anonymous: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return self.state in RUNNING

    @property
    def volumes(self) -> tuple[str, ...]:
        """The names of the volumes mounted into it."""
        return tuple(sorted({mount["Name"] for mount in self.mounts if mount["Type"] == "volume"}))


@dataclass
class Image:
    """An image and the references it has."""

    id: str
    references: list[str]
    config: Raw
    layers: tuple[str, ...] = ()
    comment: str = ""
    digests: tuple[str, ...] = ()

    @property
    def tags(self) -> tuple[str, ...]:
        """The references that are no digests."""
        return tuple(reference for reference in self.references if "@" not in reference)


def host_ports(container: Container) -> Iterator[tuple[str, int, str]]:
    """The host ports that a container takes when it runs: protocol, number, address."""
    for target, entries in (container.host["PortBindings"] or {}).items():
        for entry in entries:
            if entry["HostPort"] and "-" not in entry["HostPort"]:
                protocol = target.partition("/")[2]
                yield from ((protocol, number, entry["HostIp"]) for number in numbers(entry["HostPort"]))


def addresses(container: Container) -> Iterator[tuple[str, str]]:
    """The fixed addresses that a container takes when it runs: network, address."""
    for network, held in container.endpoints.items():
        for key in ("IPv4Address", "IPv6Address"):
            if address := (held["IPAMConfig"] or {}).get(key):
                yield network, address


def state_of(container: Container) -> Raw:
    """The `State` of a container's inspection."""
    health = {"Health": {"Status": container.health}} if container.health else {}
    return {
        **{"Status": container.state, "ExitCode": container.exit_code, "StartedAt": container.started},
        **{"Running": container.running, **health},
    }
