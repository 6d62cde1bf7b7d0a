"""Asks an engine, and the machine it runs on where that is this one, for what a doctor must know. Changes nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dockerdecl.engine.calls.containers import list_containers
from dockerdecl.engine.client import Engine
from dockerdecl.engine.docker_config import read_config
from dockerdecl.errors import DockerdeclError
from dockerdecl.operations.doctor.facts import Facts, HeldPort, PathFacts
from dockerdecl.operations.doctor.whereabouts import whereabouts
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.ownership import owner

_LISTENING = "0A"


def gather(engine: Engine, desired: Desired | None, environ: Mapping[str, str]) -> Facts:
    """The facts. Raises DockerdeclError where the engine can't be asked."""
    began = time.monotonic()
    clock = engine.clock()
    answered = time.monotonic() - began
    info = engine.request("GET", "/info").json_object()
    containers = list_containers(engine)
    here = whereabouts(engine.host, info, [str(container["Id"]) for container in containers])
    skew = clock + 0.5 - time.time()  # what it tells are whole seconds
    sources = (
        {m.source for c in desired.containers.values() for m in c.spec.volumes if m.type == "bind" and m.source}
        if desired
        else set()
    )
    return Facts(
        engine.server_version,
        engine.api_version,
        engine.system,
        info,
        answered,
        round(skew) if abs(skew) > 1 else 0.0,
        here.files,
        here.ports,
        disk=_disk(str(info.get("DockerRootDir") or "")) if here.files else None,
        paths={source: _path(source) for source in sources} if here.files else {},
        listening=frozenset(_listening()) if here.ports else frozenset(),
        held_ports=tuple(_held_ports(containers, desired.project if desired else None)),
        users=dict(_users(engine, desired)) if desired else {},
        uid_offset=_offset(info),
        plain_registries=tuple(_plain_registries(environ)),
        desired=desired,
    )


def _disk(root: str) -> tuple[int, int] | None:
    try:
        found = os.statvfs(root)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize


def _path(path: str) -> PathFacts | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return PathFacts(found.st_uid, found.st_gid, found.st_mode & 0o7777, Path(path).is_dir())


def _listening() -> Iterator[int]:
    for name in ("tcp", "tcp6"):
        try:
            lines = Path("/proc/net", name).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            if words[3] == _LISTENING:
                yield int(words[1].rpartition(":")[2], 16)


def _held_ports(containers: Iterable[Mapping[str, Any]], project: str | None) -> Iterator[HeldPort]:
    for container in containers:
        name = str((container.get("Names") or [container.get("Id")])[0]).lstrip("/")
        own = project is not None and owner(container.get("Labels")) == project
        for port in container.get("Ports") or ():
            if port.get("PublicPort"):
                yield HeldPort(port["PublicPort"], port.get("Type") or "tcp", port.get("IP") or "", name, own)


def _users(engine: Engine, desired: Desired) -> Iterator[tuple[str, str]]:
    from dockerdecl.engine.calls.images import inspect_image

    known: dict[str, str] = {}
    for address, container in desired.containers.items():
        image = desired.images.get(container.image)
        if image is None:
            continue
        if image.reference not in known:
            raw = inspect_image(engine, image.reference)
            known[image.reference] = str(((raw or {}).get("Config") or {}).get("User") or "")
        yield str(address), known[image.reference]


def _offset(info: Mapping[str, Any]) -> int:
    "with userns-remap, the data folder is named after the first user and group of the namespace"
    if not any("userns" in text for text in info.get("SecurityOptions") or ()):
        return 0
    first = str(info.get("DockerRootDir") or "").rpartition("/")[2].partition(".")[0]
    return int(first) if first.isdigit() else 0


def _plain_registries(environ: Mapping[str, str]) -> Iterator[str]:
    try:
        config = read_config(environ)
    except DockerdeclError:
        return
    for registry, entry in sorted((config.get("auths") or {}).items()):
        if isinstance(entry, dict) and (entry.get("auth") or entry.get("password")):
            yield str(registry)
