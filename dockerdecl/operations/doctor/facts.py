"""What was gathered of an engine and of the machine that it runs on. Values; asks nobody and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from dockerdecl.resources.desired import Desired
from dockerdecl.values import dataclass


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """Something will fail."""
    WARNING = "warning"
    """Something may fail, or go on unseen."""
    INFO = "info"
    """Worth knowing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: what is so, why that matters and what to do. `about` is a word for programs."""

    severity: Severity
    about: str
    what: str
    why: str
    advice: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class PathFacts:
    """A host path, looked at from here: whose it is, and its permission bits."""

    uid: int
    gid: int
    mode: int
    folder: bool = True


@dataclass(frozen=True, slots=True)
class HeldPort:
    """A port of the host that a container which runs publishes; `own` where it is one of the project's."""

    number: int
    protocol: str
    host_ip: str
    container: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was gathered.

    `info` is the engine's own report. `local` tells whether the engine's files can be seen from here; only then there
    are `paths` (None for one that is missing) and a `disk` (free and whole, in bytes). `ports_local` tells whether its
    ports can; only then there are ports that processes are `listening` on. `held_ports` are those that its containers
    publish, `users` the users that images give to containers, by address; `uid_offset` what a user namespace adds to
    theirs.
    """

    version: str = ""
    api_version: str = "1.41"
    system: str = "linux"
    info: Mapping[str, Any] = field(default_factory=dict)
    answer_seconds: float = 0.0
    skew_seconds: float = 0.0
    local: bool = False
    ports_local: bool = False
    disk: tuple[int, int] | None = None
    paths: Mapping[str, PathFacts | None] = field(default_factory=dict)
    listening: frozenset[int] = frozenset()
    held_ports: tuple[HeldPort, ...] = ()
    users: Mapping[str, str] = field(default_factory=dict)
    uid_offset: int = 0
    plain_registries: tuple[str, ...] = ()
    desired: Desired | None = None

    @property
    def rootless(self) -> bool:
        """Whether the engine runs without root."""
        return any("rootless" in text for text in self.info.get("SecurityOptions") or ())
