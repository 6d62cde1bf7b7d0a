"""The rules about what is mounted from the host: sockets of engines, and folders of the system.

Takes a container or a volume, gives breaches. A volume can stand for a folder of the host too, where the options of its
driver say so. What a link on the host leads to can't be known here.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from dockerdecl.expressions import expression
from dockerdecl.manifest.nodes import NodePath
from dockerdecl.policy.breach import Breach
from dockerdecl.policy.spec import Folders, Setting
from dockerdecl.policy.subjects import Subject
from dockerdecl.resources.container.deploy import API_SOCKET
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.volume.spec import Volume

# Where engines listen; /var/run is a link to /run, and a user's own engine has a folder below /run/user.
_SOCKETS = (
    "/run/docker.sock",
    "/run/docker/containerd/containerd.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/run/user/0/docker.sock",
)
_SOCKET = expression(r"(docker|podman|containerd|crio|buildkitd)[\w.-]*\.sock")
_OWN_FOLDER = expression(r"/run/user/[0-9]+(/podman|/docker|/containerd)?")


def engine_sockets(subject: Subject, setting: Setting) -> Iterator[Breach]:
    """Every mount of an engine's socket, or of a folder that has one in it."""
    for path, source in _sources(subject):
        folder = _canonical(source)
        if _SOCKET.fullmatch(posixpath.basename(folder)):
            message = f"`{source}` is the socket of an engine: who can write to it is root on the host"
        elif any(_holds(folder, socket) for socket in _SOCKETS) or _OWN_FOLDER.fullmatch(folder):
            message = f"`{source}` holds the socket of an engine: who can write to it is root on the host"
        else:
            continue
        yield Breach(path, message, "take it out, or put a proxy between that lets only harmless calls through")


def system_mounts(subject: Subject, setting: Folders) -> Iterator[Breach]:
    """Every mount of one of the folders, of something in one, or of a folder that one lies in."""
    for path, source in _sources(subject):
        folder = _canonical(source)
        if any(_holds(_canonical(allowed), folder) for allowed in setting.allowed):
            continue
        for listed in map(_canonical, setting.paths):
            if folder == listed or (listed != "/" and (_holds(listed, folder) or _holds(folder, listed))):
                what = "is a folder of the host's system" if folder == listed else f"lies in or around `{listed}`"
                yield Breach(
                    path, f"`{source}` {what}", "mount a folder of your own, or use a volume, config or secret"
                )
                break


def _sources(subject: Subject) -> Iterator[tuple[NodePath, str]]:
    "the folders and files of the host that something is mounted from"
    match subject.spec:
        case Volume(external=False) as volume:
            yield from _bound(volume.driver_opts, ("driver_opts", "device"))
        case Container() as container:
            for index, mount in enumerate(container.volumes):
                path: NodePath = ("volumes", index)
                if mount.type == "bind" and mount.source:
                    implied = mount.source == API_SOCKET and subject.says("use_api_socket")
                    yield ("use_api_socket",) if implied else path, mount.source
                elif mount.volume:
                    yield from _bound(mount.volume.driver_opts, path)


def _bound(options: Mapping[str, str] | None, path: NodePath) -> Iterator[tuple[NodePath, str]]:
    "what the local driver mounts, where it is told a folder or a file rather than a device's address"
    device = (options or {}).get("device", "")
    if device.startswith("/"):
        yield path, device


def _canonical(path: str) -> str:
    clean = posixpath.normpath(path)
    clean = "/" + clean.lstrip("/") if clean.startswith("/") else clean
    return clean.removeprefix("/var") if clean == "/var/run" or clean.startswith("/var/run/") else clean


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
