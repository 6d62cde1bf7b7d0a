"""What only one container can have at a time: a port of the host, and what replicas can't share.

Takes a document, gives findings. A port counts where its container runs; a range from which the engine chooses is no
fixed port.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from dockerdecl.manifest.checks.finding import RUNNING_STATES, Finding, Path, Subject
from dockerdecl.resources.container.lenses.ports import bindings
from dockerdecl.resources.container.spec import Container
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class _Held:
    """A host port that a container holds."""

    key: str
    index: int
    host_ip: str
    target: str

    @property
    def path(self) -> Path:
        """Where it is written."""
        return ("containers", self.key, "ports", self.index)


def check_published(subject: Subject) -> Iterator[Finding]:
    """Host ports that two containers (or one, twice) publish, and what several replicas would fight for."""
    held: dict[tuple[str, str], list[_Held]] = {}
    for key, spec in subject.whole_containers():
        if spec.replicas is not None:
            yield from _replicas(key, spec, spec.replicas)
        if spec.state in RUNNING_STATES:
            for port, holder in _ports(key, spec):
                yield from _taken(port, holder, held.setdefault(port, []))


def _ports(key: str, spec: Container) -> Iterator[tuple[tuple[str, str], _Held]]:
    """Each fixed host port with its protocol, and who holds it."""
    for index, port in enumerate(spec.ports or ()):
        for binding in bindings((port,)):
            if binding.published and "-" not in binding.published:
                yield (binding.published, port.protocol), _Held(key, index, binding.host_ip, binding.target)


def _taken(port: tuple[str, str], holder: _Held, others: list[_Held]) -> Iterator[Finding]:
    if any((other.key, other.host_ip, other.target) == (holder.key, holder.host_ip, holder.target) for other in others):
        return
    other = next((other for other in others if _overlap(other.host_ip, holder.host_ip)), None)
    others.append(holder)
    if other is not None:
        shown = f"{port[0]}/{port[1]}"
        by = "twice here" if other.key == holder.key else f"by `{other.key}` already"
        hint = "choose another host port, or listen on different addresses of the host"
        yield Finding("port-conflict", holder.path, f"the host port {shown} is published {by}", hint)


def _overlap(one: str, other: str) -> bool:
    """Whether two host addresses can't listen on one port; no address is every one, `0.0.0.0` every IPv4 one."""
    if not one or not other or one == other:
        return True
    first, second = ipaddress.ip_address(one), ipaddress.ip_address(other)
    return first.version == second.version and (first.is_unspecified or second.is_unspecified)


def _replicas(key: str, spec: Container, count: int) -> Iterator[Finding]:
    path: Path = ("containers", key)
    if count < 0:
        yield Finding("wrong-value", (*path, "replicas"), f"{count} is no number of replicas", "write 0 or more")
    if count < 2:
        return
    if spec.container_name is not None:
        hint = "take `container_name` out; the replicas are called `PROJECT-KEY-N`"
        yield _not_shared((*path, "container_name"), count, "one name", hint)
    seen: set[int] = set()
    for (number, protocol), holder in _ports(key, spec):
        if holder.index not in seen:
            seen.add(holder.index)
            hint = (
                f"write a range of {count} ports or more, such as `{number}-{int(number) + count - 1}`, or no host port"
            )
            yield _not_shared(holder.path, count, f"the host port {number}/{protocol}", hint)
    for name, attachment in (spec.networks or {}).items():
        for word in ("ipv4_address", "ipv6_address"):
            if address := getattr(attachment, word):
                hint = "take the address out; every replica gets one of its own"
                yield _not_shared((*path, "networks", name, word), count, f"the address {address}", hint)


def _not_shared(path: Path, count: int, what: str, hint: str) -> Finding:
    return Finding("replicas-conflict", path, f"{count} replicas can't share {what}", hint)
