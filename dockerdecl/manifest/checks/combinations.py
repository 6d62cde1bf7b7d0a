"""Fields that exclude each other within one resource.

Takes a document, gives findings. What an engine refuses at creation, drops without a word, or can't hold at all.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockerdecl.manifest.checks.finding import Finding, Path, Subject
from dockerdecl.resources.container.lenses.files import carriers, file_target
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.spec import Spec

_OWN_STACK = ("links", "ports")
_BORROWED_STACK = ("links", "ports", "expose", "hostname", "domainname", "dns", "extra_hosts")
_KEPT_BY_OTHERS = ("name", "external", "state")


def check_combinations(subject: Subject) -> Iterator[Finding]:
    """Every pair of fields that can't stand together."""
    for key, spec in subject.whole_containers():
        path: Path = ("containers", key)
        yield from _network_mode(spec, path)
        yield from _targets(spec, path)
        yield from _unreachable_files(spec, path)
        if spec.state == "completed" and spec.restart in ("always", "unless-stopped"):
            message = f"a container with `restart: {spec.restart}` is restarted whenever it ends, so it never completes"
            yield Finding("fields-conflict", (*path, "restart"), message, "write `restart: on-failure`, or `no`")
        if spec.uts == "host" and spec.hostname:
            message = "a container in the host's UTS namespace has the host's name"
            yield Finding("fields-conflict", (*path, "hostname"), message, "take `hostname` or `uts` out")
    for section in ("networks", "volumes"):
        for key, resource in getattr(subject.document, section).items():
            if resource.external and subject.whole(section, key):
                yield from _external(resource, (section, key))


def _network_mode(spec: Container, path: Path) -> Iterator[Finding]:
    mode = spec.network_mode
    if mode is None:
        if spec.networks == {}:
            hint = "write `network_mode: none` for a container without a network"
            yield Finding("wrong-value", (*path, "networks"), "the list of networks is empty", hint)
        return
    if spec.networks:
        hint = "take one of the two out; `network_mode: bridge` is the engine's own network, `networks` are declared"
        yield Finding("fields-conflict", (*path, "networks"), "`network_mode` and `networks` exclude each other", hint)
    borrowed = mode.startswith(("service:", "container:"))
    if not borrowed and mode not in ("host", "none"):
        return
    for word in _BORROWED_STACK if borrowed else _OWN_STACK:
        if getattr(spec, word):
            code = f"{word}-without-network" if word in _OWN_STACK else "fields-conflict"
            hint = f"write `{word}` in the container whose network it shares" if borrowed else f"take `{word}` out"
            message = f"`{word}` can't be had with `network_mode: {mode}`"
            yield Finding(code, (*path, word), f"{message}, which gives it no network of its own", hint, at_key=True)


def _targets(spec: Container, path: Path) -> Iterator[Finding]:
    """Two things at one path in the container."""
    targets: list[tuple[str, Path]] = [
        (mount.target, (*path, "volumes", index, "target")) for index, mount in enumerate(spec.volumes)
    ]
    targets += [(text.partition(":")[0], (*path, "tmpfs", index)) for index, text in enumerate(spec.tmpfs or ())]
    for word in ("secrets", "configs"):
        for index, grant in enumerate(getattr(spec, word) or ()):
            targets.append((file_target(word, grant), (*path, word, index)))
    seen: set[str] = set()
    for target, written in targets:
        clean = posixpath.normpath(target)
        if clean in seen:
            message = f"something else is mounted at `{clean}` already"
            yield Finding("target-conflict", written, message, "give each mount and file a path of its own")
        seen.add(clean)


def _unreachable_files(spec: Container, path: Path) -> Iterator[Finding]:
    """Files that can be put nowhere.

    The root folder can't be a volume that carries them, nor can a tmpfs, which is empty at each start; and a read-only
    mount takes none.
    """
    on_root = "/" in carriers(spec)
    in_memory = {posixpath.normpath(text.partition(":")[0]) for text in spec.tmpfs or ()}
    in_memory |= {posixpath.normpath(mount.target) for mount in spec.volumes if mount.type == "tmpfs"}
    read_only = {posixpath.normpath(mount.target) for mount in spec.volumes if mount.read_only}
    mounted = {posixpath.normpath(mount.target) for mount in spec.volumes}
    for word in ("secrets", "configs"):
        for index, grant in enumerate(getattr(spec, word) or ()):
            target = file_target(word, grant)
            written = (*path, word, index)
            if on_root and posixpath.dirname(target) == "/":
                message = f"`{target}` can't be put into the root folder of a container that is `read_only`"
                yield Finding("file-on-read-only", written, message, "give it a `target` in a folder of its own")
            elif (folder := posixpath.dirname(target)) in in_memory:
                message = f"`{target}` can't be put into `{folder}`, which is a tmpfs"
                yield Finding("file-on-tmpfs", written, message, "give it a `target` in a folder of its own below that")
            elif (holder := _holder(target, mounted)) in read_only:
                message = f"`{target}` can't be put into `{holder}`, which is mounted read-only"
                yield Finding("file-on-read-only", written, message, "give it a `target` outside of that mount")


def _holder(target: str, mounted: set[str]) -> str | None:
    """The innermost mount that a path lies in."""
    folder = posixpath.dirname(target)
    while folder not in mounted:
        if folder in ("/", ""):
            return None
        folder = posixpath.dirname(folder)
    return folder


def _external(resource: Spec, path: Path) -> Iterator[Finding]:
    kind = str(path[0]).removesuffix("s")
    if getattr(resource, "state", "present") == "absent":
        hint = f"take `external` out if the {kind} is this project's, or `state` if it is not"
        yield Finding("fields-conflict", (*path, "state"), f"a {kind} of others (`external`) is never removed", hint)
    for word in sorted(resource.model_fields_set):
        if word not in _KEPT_BY_OTHERS and getattr(resource, word) is not None:
            message = f"a {kind} of others (`external`) is taken as it is: `{word}` would have no effect"
            hint = f"take `{word}` out, or `external` if the {kind} is this project's"
            yield Finding("fields-conflict", (*path, word), message, hint, at_key=True)
