"""Ports: published and exposed ones.

The user's forms (short, long, ranges) become a map from `PORT/PROTOCOL` to its host bindings, which is what the engine
keeps; order and notation mean nothing. Bindings are read from `HostConfig`, since a stopped container shows none
elsewhere.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dockerdecl.expressions import expression
from dockerdecl.resources.rows import Context, Raw, look_up
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.resources.container.parts import Port
    from dockerdecl.resources.container.spec import Container

_RANGE = expression(r"(\d{1,5})(?:-(\d{1,5}))?")
_SHORT = expression(
    r"""(?: (?P<host_ip> \[[0-9A-Fa-f:.%]+\] | [0-9.]+ | (?:[0-9A-Fa-f]*:){2,}[0-9A-Fa-f.]* ) : (?=[^:]*:) )?
        (?: (?P<published> [0-9-]* ) : )?
        (?P<target> [0-9-]+ )
        (?: / (?P<protocol> [A-Za-z]+ ) )?""",
    re.VERBOSE,
)
PROTOCOLS = ("tcp", "udp", "sctp")


def split_port(value: Any) -> Any:
    """The long form of a short port such as `127.0.0.1:8080:80/tcp`; anything that isn't text as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return value
    match = _SHORT.fullmatch(value.strip())
    if match is None:
        raise ValueError(
            f"{value!r} is no port; write CONTAINER, HOST:CONTAINER or IP:HOST:CONTAINER with numbers, "
            'such as "8080:80" or "127.0.0.1:8080:80/udp"'
        )
    return {key: part for key, part in match.groupdict().items() if part}


def read_range(value: Any) -> str:
    """A port `80` or a range `8000-8010`, checked; raises ValueError for what is out of 1-65535 or backwards."""
    text = str(value).strip()
    match = _RANGE.fullmatch(text)
    if isinstance(value, bool) or match is None:
        raise ValueError(f"{text!r} is no port; write a number such as 80, or a range such as 8000-8010")
    first, last = int(match[1]), int(match[2] or match[1])
    if not 1 <= first <= last <= 65535:
        raise ValueError(f"port {text} is out of range; ports go from 1 to 65535, the lower one first")
    return f"{first}-{last}" if last > first else str(first)


def read_published(value: Any) -> str:
    """A host port, a range, or nothing (also `0`): the engine chooses."""
    return "" if value in (None, "", "0", 0) else read_range(value)


def read_host_ip(value: Any) -> str:
    """A host address in its canonical spelling."""
    text = str(value).strip().strip("[]")
    try:
        return str(ipaddress.ip_address(text)) if text else ""
    except ValueError as error:
        raise ValueError(f"{text!r} is no IP address; write one such as 127.0.0.1 or ::1") from error


def numbers(text: str) -> range:
    """The ports of a checked range."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


@dataclass(frozen=True, slots=True)
class Binding:
    """One published port: `published` is empty where the engine chooses, a range where it chooses among those."""

    target: str
    host_ip: str
    published: str

    def __str__(self) -> str:
        host = f"[{self.host_ip}]" if ":" in self.host_ip else self.host_ip
        return f"{host}:{self.published}" if host else self.published or "(any)"


def bindings(ports: Iterable[Port] | None) -> Iterator[Binding]:
    """Every single published port. Ranges pair up one by one; several host ports for one target stay a range."""
    for port in ports or ():
        targets = numbers(port.target)
        hosts = numbers(port.published) if port.published else None
        for position, target in enumerate(targets):
            published = port.published if hosts is None or len(targets) == 1 else str(hosts[position])
            yield Binding(f"{target}/{port.protocol}", port.host_ip, published)


@dataclass(frozen=True, slots=True)
class PortsLens:
    """`{"80/tcp": ("127.0.0.1:8080",)}`."""

    def write(self, value: tuple[Port, ...], body: Raw, spec: Container, context: Context) -> None:
        published = body.setdefault("HostConfig", {}).setdefault("PortBindings", {})
        exposed = body.setdefault("Config", {}).setdefault("ExposedPorts", {})
        for binding in bindings(value):
            entry = {"HostIp": binding.host_ip, "HostPort": binding.published}
            if entry not in published.setdefault(binding.target, []):
                published[binding.target].append(entry)
            exposed[binding.target] = {}

    def read(self, live: Raw, context: Context) -> dict[str, tuple[str, ...]]:
        mode = look_up(live, "HostConfig.NetworkMode") or ""
        if mode in ("host", "none") or mode.startswith("container:"):
            return {}  # an engine keeps what it was given, and publishes nothing
        found: dict[str, tuple[str, ...]] = {}
        for target, entries in (look_up(live, "HostConfig.PortBindings") or {}).items():
            for name in _targets(target):
                texts = (
                    str(Binding(name, read_host_ip(e.get("HostIp") or ""), read_published(e.get("HostPort"))))
                    for e in entries or ()
                )
                found[name] = tuple(sorted({*texts, *found.get(name, ())}))
        return {target: texts for target, texts in found.items() if texts}

    def effective(
        self, value: tuple[Port, ...] | None, spec: Container, context: Context
    ) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for binding in bindings(value):
            found.setdefault(binding.target, set()).add(str(binding))
        return {target: tuple(sorted(texts)) for target, texts in found.items()}


def _targets(text: str) -> tuple[str, ...]:
    "`80`, `80/tcp` and `80-81/tcp` all occur; the engine keeps what it was given"
    ports, _, protocol = text.partition("/")
    return tuple(f"{number}/{(protocol or 'tcp').lower()}" for number in numbers(ports))


def read_exposed(value: Any) -> str:
    """`80`, `80/udp` or `8000-8010/tcp`, checked and with its protocol."""
    ports, _, protocol = str(value).strip().partition("/")
    protocol = (protocol or "tcp").lower()
    if protocol not in PROTOCOLS:
        raise ValueError(f"{protocol!r} is no protocol; write tcp, udp or sctp")
    return f"{read_range(ports)}/{protocol}"


@dataclass(frozen=True, slots=True)
class ExposeLens:
    """The ports a container says it listens on, beside those that its image exposes and that it publishes."""

    def write(self, value: tuple[str, ...], body: Raw, spec: Container, context: Context) -> None:
        exposed = body.setdefault("Config", {}).setdefault("ExposedPorts", {})
        for text in value:
            exposed.update({target: {} for target in _targets(text)})

    def read(self, live: Raw, context: Context) -> tuple[str, ...]:
        published = look_up(live, "HostConfig.PortBindings") or {}
        return _beside(look_up(live, "Config.ExposedPorts") or {}, published, context)

    def effective(self, value: tuple[str, ...] | None, spec: Container, context: Context) -> tuple[str, ...]:
        return _beside(value or (), (binding.target for binding in bindings(spec.ports)), context)


def _beside(exposed: Iterable[str], published: Iterable[str], context: Context) -> tuple[str, ...]:
    image: Mapping[str, Any] = (context.image or {}).get("ExposedPorts") or {}
    single = _single(exposed) - _single(published) - _single(image)
    return tuple(sorted(single, key=lambda target: (int(target.partition("/")[0]), target)))


def _single(texts: Iterable[str]) -> set[str]:
    return {target for text in texts for target in _targets(text)}
