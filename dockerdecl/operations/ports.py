"""Where the ports of a container are published.

Takes a container and its inspection, gives a document. Knows no engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from typing_extensions import TypedDict

from dockerdecl.errors import DockerdeclError, ExitCode, fail
from dockerdecl.expressions import expression
from dockerdecl.operations.found import FoundContainer
from dockerdecl.resources.rows import Raw, look_up
from dockerdecl.resources.schemas import documented

FORMAT: Literal["dockerdecl/ports/v1"] = "dockerdecl/ports/v1"

_PORT = expression(r"([1-9][0-9]{0,4})(?:/(tcp|udp|sctp))?")
_SHARED = "container:"


@documented
class PublishedPortDocument(TypedDict):
    """A port of the container, and a place on the host where it is published."""

    port: int
    """The port in the container."""
    protocol: str
    """tcp, udp or sctp."""
    host_ip: str
    """The address on the host; `0.0.0.0` and `::` are all of them."""
    host_port: int
    """The port on the host."""


@documented
class PortsDocument(TypedDict):
    """Where the ports of a container are published."""

    format: Literal["dockerdecl/ports/v1"]
    """The format of this document."""
    address: str | None
    """The container's address in its project; null where it belongs to none."""
    name: str
    """The container's name on the engine."""
    ports: list[PublishedPortDocument]
    """The published ports; one that is published at several places stands here several times."""


def ports_document(container: FoundContainer, raw: Raw, wanted: str | None) -> PortsDocument:
    """Where the ports are published, or the `wanted` one (`80`, `53/udp`) alone.

    Raises DockerdeclError where the wanted one is none, or is not published.
    """
    ports = list(_published(raw))
    if wanted is not None:
        port, protocol = _read(wanted)
        chosen = [entry for entry in ports if (entry["port"], entry["protocol"]) == (port, protocol)]
        if not chosen:
            raise _unpublished(container, raw, f"{port}/{protocol}", ports)
        ports = chosen
    address = str(container.address) if container.address else None
    return {"format": FORMAT, "address": address, "name": container.name, "ports": ports}


def _published(raw: Raw) -> Iterator[PublishedPortDocument]:
    def order(text: str) -> tuple[int, str]:
        port, _, protocol = text.partition("/")
        return int(port), protocol

    bindings = look_up(raw, "NetworkSettings.Ports") or {}
    for inside in sorted(bindings, key=order):
        port, protocol = order(inside)
        for binding in bindings[inside] or ():
            host_ip, host_port = str(binding.get("HostIp") or "0.0.0.0"), int(binding["HostPort"])
            yield {"port": port, "protocol": protocol or "tcp", "host_ip": host_ip, "host_port": host_port}


def _read(wanted: str) -> tuple[int, str]:
    match = _PORT.fullmatch(wanted)
    if match is None or int(match[1]) > 65_535:
        hint = "write PORT or PORT/PROTOCOL, such as 80 or 53/udp"
        raise fail("usage", f"{wanted!r} is no port", hint=hint, exit_code=ExitCode.USAGE)
    return int(match[1]), match[2] or "tcp"


def _unpublished(
    container: FoundContainer, raw: Raw, wanted: str, ports: list[PublishedPortDocument]
) -> DockerdeclError:
    mode = str(look_up(raw, "HostConfig.NetworkMode") or "")
    if not container.running:
        hint = f"it is {container.state}: ports are published while a container runs"
    elif mode == "host":
        hint = "it is on the host's own network, where it needs no publishing"
    elif mode.startswith(_SHARED):
        hint = "it shares the network of another container: ask for the ports of that one"
    elif ports:
        hint = f"published are {', '.join(dict.fromkeys(map(_words, ports)))}"
    else:
        hint = "none of its ports is published; `ports` in the manifest does that"
    return fail("port-not-published", f"{container.label} does not publish {wanted}", hint=hint)


def _words(port: PublishedPortDocument) -> str:
    return f"{port['port']}/{port['protocol']}"
