"""Whether an engine's files and ports are this machine's. Takes what the engine says and looks here; asks no engine.

Nothing in the Engine API says where an engine runs, and a socket may lead anywhere: through a tunnel, into a virtual
machine, out of a container. So:

- Files are ours where the data folder that the engine names is here and holds what only this engine can have put there:
  its own id, or one of its containers. Where it can't be looked into (it is root's), the same host name and the same
  kernel must do, which no virtual machine and no ordinary container has in common with its host.
- Ports are ours where files are, and the process that holds the socket is in our network. Where that can't be told, the
  same host name must do; also for an engine without root, which publishes outside of the network it is in itself.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dockerdecl.values import dataclass

_PEER = struct.Struct("3i")  # struct ucred: process, user, group
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What of an engine is this machine's own."""

    files: bool = False
    ports: bool = False


def whereabouts(host: str, info: Mapping[str, Any], containers: Iterable[str]) -> Whereabouts:
    """Where the engine at `host` is; `containers` are the ids of its containers."""
    if not host.startswith("unix://"):
        return Whereabouts()
    same_name = info.get("Name") == socket.gethostname()
    proof = _holds_its_own(Path(str(info.get("DockerRootDir") or "/nowhere")), str(info.get("ID") or ""), containers)
    rootless = any("rootless" in text for text in info.get("SecurityOptions") or ())
    network = None if rootless else _in_our_network(host.removeprefix("unix://"))
    return judged(proof, network, same_name=same_name, same_kernel=info.get("KernelVersion") == os.uname().release)


def judged(proof: bool | None, network: bool | None, *, same_name: bool, same_kernel: bool) -> Whereabouts:
    """What follows from what was seen; None for what could not be seen."""
    files = proof if proof is not None else same_name and same_kernel
    return Whereabouts(files, files and (network if network is not None else same_name))


def _holds_its_own(root: Path, identity: str, containers: Iterable[str]) -> bool | None:
    try:
        inside = {entry.name for entry in root.iterdir()}
    except PermissionError:
        return None
    except OSError:
        return False
    if "engine-id" in inside:  # since Docker 24; before, an engine kept its id elsewhere
        with suppress(OSError):
            return (root / "engine-id").read_text(encoding="utf-8", errors="replace").strip() == identity
    named = list(containers)
    return any((root / "containers" / one).is_dir() for one in named) if named else None


def _in_our_network(path: str) -> bool | None:
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(_SECONDS)
            peer.connect(path)
            process, _, _ = _PEER.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
        return Path(f"/proc/{process}/ns/net").stat().st_ino == Path("/proc/self/ns/net").stat().st_ino
    except (OSError, AttributeError):  # another's process, one outside of our PID namespace (0), or not Linux
        return None
