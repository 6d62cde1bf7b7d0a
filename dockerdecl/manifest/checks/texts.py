"""Texts with a grammar that engines check late or not at all: names, addresses, paths in a container, devices.

Takes a document, gives findings.
"""

from __future__ import annotations

import ipaddress
import posixpath
from collections.abc import Iterator, Mapping

from dockerdecl.expressions import expression
from dockerdecl.manifest.checks.finding import Finding, Path, Subject
from dockerdecl.manifest.explain import did_you_mean
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.ownership import PREFIX

_CPUS = expression(r"\d+(-\d+)?(,\d+(-\d+)?)*")
_PERMISSIONS = expression(r"[rwm]{1,3}")
_HOST_GATEWAY = "host-gateway"
_ULIMITS = (
    "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
    "rttime", "sigpending", "stack",
)  # fmt: skip


def check_texts(subject: Subject) -> Iterator[Finding]:
    """Every text that can't mean what its field is for."""
    for key, spec in subject.document.containers.items():
        path: Path = ("containers", key)
        yield from _variables(spec, path)
        yield from _labels(spec.labels, (*path, "labels"))
        yield from _addresses(spec, path)
        yield from _targets(spec, path)
        yield from _devices(spec, path)
        if spec.cpuset and not _CPUS.fullmatch(spec.cpuset):
            message = f"`{spec.cpuset}` names no CPUs"
            yield Finding("wrong-value", (*path, "cpuset"), message, "write numbers and ranges such as `0,2-3`")
        for name in spec.ulimits or {}:
            if name not in _ULIMITS:
                hint = did_you_mean(name, _ULIMITS, f"there are {', '.join(_ULIMITS)}")
                yield Finding("wrong-value", (*path, "ulimits", name), f"there is no limit `{name}`", hint, at_key=True)
    for section in ("networks", "volumes"):
        for key, resource in getattr(subject.document, section).items():
            yield from _labels(resource.labels, (section, key, "labels"))
    for key, image in subject.document.images.items():
        yield from _labels(image.build.labels if image.build else None, ("images", key, "build", "labels"))
    yield from _empty_paths(subject)


def _variables(spec: Container, path: Path) -> Iterator[Finding]:
    for name in spec.environment or {}:
        if not name or "=" in name or "\0" in name:
            message = f"`{name}` is no name of an environment variable"
            hint = "write a name, without `=`"
            yield Finding("wrong-name", (*path, "environment", name), message, hint, at_key=True)


def _labels(labels: Mapping[str, str] | None, path: Path) -> Iterator[Finding]:
    for name in labels or {}:
        if not name:
            yield Finding("wrong-name", (*path, name), "a label has no name", "write `NAME: value`", at_key=True)
        elif name.startswith(PREFIX):
            message = f"`{name}` begins as dockerdecl's own labels do, by which it knows what is whose"
            hint = f"choose a name that does not begin with `{PREFIX}`"
            yield Finding("name-reserved", (*path, name), message, hint, at_key=True)


def _addresses(spec: Container, path: Path) -> Iterator[Finding]:
    for index, text in enumerate(spec.dns or ()):
        if not _is_address(text):
            hint = "write an address such as 10.0.0.2"
            yield Finding("wrong-value", (*path, "dns", index), f"`{text}` is no IP address", hint)
    for index, text in enumerate(spec.extra_hosts or ()):
        name, _, address = text.partition(":")
        if address != _HOST_GATEWAY and not _is_address(address):
            message = f"`{address}` is no address for the host `{name}`"
            hint = f"write an IP address, or `{_HOST_GATEWAY}` for the host's own"
            yield Finding("wrong-value", (*path, "extra_hosts", index), message, hint)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _targets(spec: Container, path: Path) -> Iterator[Finding]:
    """Mounts whose place in the container is none, or all of it."""
    targets: list[tuple[str, Path]] = [
        (mount.target, (*path, "volumes", index, "target")) for index, mount in enumerate(spec.volumes)
    ]
    targets += [(text.partition(":")[0], (*path, "tmpfs", index)) for index, text in enumerate(spec.tmpfs or ())]
    for target, written in targets:
        if not target.startswith("/"):
            message = f"`{target}` is not an absolute path"
            yield Finding("wrong-value", written, message, "a path in a container begins with /")
        elif not posixpath.normpath(target).strip("/"):
            message = "nothing can be mounted over the root folder of a container"
            yield Finding("wrong-value", written, message, "write a folder in it, such as /data")


def _devices(spec: Container, path: Path) -> Iterator[Finding]:
    for index, text in enumerate(spec.devices or ()):
        host, *rest = text.split(":")
        bad = not host.startswith("/") or len(rest) > 2 or (len(rest) == 2 and not _PERMISSIONS.fullmatch(rest[1]))
        if bad or any(not (part.startswith("/") or _PERMISSIONS.fullmatch(part)) for part in rest):
            hint = "write `/dev/NAME`, `/dev/NAME:/dev/OTHER` or `/dev/NAME:/dev/OTHER:rwm`"
            yield Finding("wrong-value", (*path, "devices", index), f"`{text}` is no device", hint)


def _empty_paths(subject: Subject) -> Iterator[Finding]:
    """Sources that were left empty, most often by a variable that is not set."""
    written: list[tuple[str | None, Path]] = []
    for key, image in subject.document.images.items():
        written += [(image.load, ("images", key, "load")), (image.import_, ("images", key, "import"))]
    for section in ("secrets", "configs"):
        for key, source in getattr(subject.document, section).items():
            written += [(getattr(source, word), (section, key, word)) for word in ("file", "environment")]
    for text, path in written:
        if text == "":
            hint = "is a variable not set? Write where it comes from"
            yield Finding("wrong-value", path, f"`{path[-1]}` is empty", hint)
