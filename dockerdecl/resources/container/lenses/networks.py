"""Networks, links and shared namespaces.

Names are the engine's, resolved before; what the engine derives (short id, host name among the aliases, addresses it
chose) is no difference.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dockerdecl.resources.rows import Context, Raw, look_up, put
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.resources.container.parts import Attachment
    from dockerdecl.resources.container.spec import Container

DEFAULT_BRIDGE = "bridge"
INTERFACE_NAME = "com.docker.network.endpoint.ifname"
_NAMESPACES = ("host", "none")


def is_user_defined(network_mode: str | None) -> bool:
    """Whether a container with this network mode joins the networks it lists."""
    return network_mode is None


def joins_the_bridge(network_mode: str | None) -> bool:
    """Whether a container with this network mode is on Docker's classic bridge."""
    return network_mode in ("default", DEFAULT_BRIDGE)


def endpoint(attachment: Attachment, links: Mapping[str, str] | None) -> Raw:
    """The endpoint settings of one attachment, as a request takes them."""
    raw: Raw = {"Aliases": list(attachment.aliases)}
    addresses = {"IPv4Address": attachment.ipv4_address, "IPv6Address": attachment.ipv6_address}
    ipam: Raw = {key: text for key, text in addresses.items() if text}
    if attachment.link_local_ips:
        ipam["LinkLocalIPs"] = list(attachment.link_local_ips)
    if ipam:
        raw["IPAMConfig"] = ipam
    if options := _driver_options(attachment):
        raw["DriverOpts"] = options
    if attachment.mac_address:
        raw["MacAddress"] = attachment.mac_address
    if links:
        raw["Links"] = [f"{target}:{alias}" for alias, target in links.items()]
    if attachment.gw_priority:
        raw["GwPriority"] = attachment.gw_priority
    return raw


def _driver_options(attachment: Attachment) -> dict[str, str]:
    named = {INTERFACE_NAME: attachment.interface_name} if attachment.interface_name else {}
    return {**attachment.driver_opts, **named}


def normal_attachment(attachment: Attachment, hostname: str | None) -> dict[str, Any]:
    """A declared attachment with only what departs from a plain one."""
    found: dict[str, Any] = {"aliases": tuple(sorted({*attachment.aliases} - {hostname}))}
    for word in ("ipv4_address", "ipv6_address"):
        if text := getattr(attachment, word):
            found[word] = str(ipaddress.ip_address(text))
    if attachment.link_local_ips:
        found["link_local_ips"] = tuple(sorted(attachment.link_local_ips))
    found |= _options(_driver_options(attachment))
    if attachment.gw_priority:
        found["gw_priority"] = attachment.gw_priority
    if attachment.mac_address:
        found["mac_address"] = attachment.mac_address
    return found


def _options(options: Mapping[str, str]) -> dict[str, Any]:
    "the options of an endpoint, of which one has a word of its own"
    others = {key: text for key, text in options.items() if key != INTERFACE_NAME}
    named = {"interface_name": options[INTERFACE_NAME]} if INTERFACE_NAME in options else {}
    return {**({"driver_opts": others} if others else {}), **named}


@dataclass(frozen=True, slots=True)
class NetworksLens:
    """`{"shop_back": {"aliases": ("db",), "ipv4_address": "10.0.0.9"}}`; the first listed is the network mode.

    One with `network_mode: bridge` is attached to that one network, which can be lost, and found again, like others.
    """

    def write(self, value: Mapping[str, Attachment], body: Raw, spec: Container, context: Context) -> None:
        if not is_user_defined(spec.network_mode) or not value:
            return
        put(body, "HostConfig.NetworkMode", next(iter(value)))
        put(
            body,
            "NetworkingConfig.EndpointsConfig",
            {name: endpoint(attachment, spec.links) for name, attachment in value.items()},
        )

    def read(self, live: Raw, context: Context) -> dict[str, dict[str, Any]]:
        derived = {live.get("Id", "")[:12], look_up(live, "Config.Hostname")}
        found = {}
        for name, raw in (look_up(live, "NetworkSettings.Networks") or {}).items():
            if name not in _NAMESPACES:
                found[name] = _read_endpoint(raw, derived)
        return found

    def effective(
        self, value: Mapping[str, Attachment] | None, spec: Container, context: Context
    ) -> dict[str, dict[str, Any]]:
        if not is_user_defined(spec.network_mode):
            return {DEFAULT_BRIDGE: {"aliases": ()}} if joins_the_bridge(spec.network_mode) else {}
        return {name: normal_attachment(attachment, spec.hostname) for name, attachment in (value or {}).items()}


def _read_endpoint(raw: Mapping[str, Any], derived: set[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"aliases": tuple(sorted({*(raw.get("Aliases") or ())} - derived))}
    ipam = raw.get("IPAMConfig") or {}
    for word, key in (("ipv4_address", "IPv4Address"), ("ipv6_address", "IPv6Address")):
        if text := ipam.get(key):
            found[word] = str(ipaddress.ip_address(text))
    if ipam.get("LinkLocalIPs"):
        found["link_local_ips"] = tuple(sorted(ipam["LinkLocalIPs"]))
    found |= _options(raw.get("DriverOpts") or {})
    if raw.get("GwPriority"):
        found["gw_priority"] = raw["GwPriority"]
    if raw.get("MacAddress"):
        found["mac_address"] = raw["MacAddress"].lower()
    return found


@dataclass(frozen=True, slots=True)
class NetworkModeLens:
    """`bridge`, `host`, `none`, `container:NAME`, or None where the container joins networks of its own choice.

    Where the classic bridge is the first of several that are declared, it is the mode as well.

    Which of its networks a container names as its mode is no difference by itself.
    """

    def write(self, value: str, body: Raw, spec: Container, context: Context) -> None:
        put(body, "HostConfig.NetworkMode", value)

    def read(self, live: Raw, context: Context) -> str | None:
        mode = look_up(live, "HostConfig.NetworkMode") or ""
        if mode in ("", "default", DEFAULT_BRIDGE):
            return DEFAULT_BRIDGE
        return shared(mode, context) if mode in _NAMESPACES or mode.startswith("container:") else None

    def effective(self, value: str | None, spec: Container, context: Context) -> str | None:
        first = next(iter(spec.networks or {}), None) if value is None else value
        return DEFAULT_BRIDGE if first in ("default", DEFAULT_BRIDGE) else value


def shared(mode: str, context: Context) -> str:
    """`container:ID` with the name that the id has now; a container that is gone keeps its id."""
    kind, colon, target = mode.partition(":")
    return f"{kind}:{context.container_names.get(target, target)}" if colon else mode


@dataclass(frozen=True, slots=True)
class NamespaceLens:
    """A shared namespace: `host`, `container:NAME` and the like. What the daemon fills in is no claim."""

    path: str

    def write(self, value: str, body: Raw, spec: Container, context: Context) -> None:
        put(body, self.path, value)

    def read(self, live: Raw, context: Context) -> str | None:
        mode = look_up(live, self.path)
        return shared(mode, context) if mode else None

    def effective(self, value: str | None, spec: Container, context: Context) -> str | None:
        return value or None


@dataclass(frozen=True, slots=True)
class LinksLens:
    """`{"database": "shop-db"}`: legacy links on the default bridge, endpoint links on other networks."""

    def write(self, value: Mapping[str, str], body: Raw, spec: Container, context: Context) -> None:
        if not is_user_defined(spec.network_mode):
            put(body, "HostConfig.Links", [f"{target}:{alias}" for alias, target in value.items()])

    def read(self, live: Raw, context: Context) -> dict[str, str]:
        found = {}
        for text in look_up(live, "HostConfig.Links") or ():
            target, _, path = text.partition(":")
            name = target.lstrip("/")
            found[path.rpartition("/")[2]] = context.renamed.get(name, name)
        for raw in (look_up(live, "NetworkSettings.Networks") or {}).values():
            for text in raw.get("Links") or ():
                target, _, alias = text.partition(":")
                found[alias or target] = context.container_names.get(target, target)
        return found

    def effective(self, value: Mapping[str, str] | None, spec: Container, context: Context) -> dict[str, str]:
        return dict(value or {})


@dataclass(frozen=True, slots=True)
class HostnameLens:
    """A declared host name; the short id that the engine gives where none is declared is as none.

    A container in another's network, or in the host's, has that one's name, which nobody asked for.
    """

    def write(self, value: str, body: Raw, spec: Container, context: Context) -> None:
        put(body, "Config.Hostname", value)

    def read(self, live: Raw, context: Context) -> str | None:
        name = look_up(live, "Config.Hostname")
        return None if not name or _borrows(live) or name == live.get("Id", "")[:12] else str(name)

    def effective(self, value: str | None, spec: Container, context: Context) -> str | None:
        return None if _is_borrowed(spec.network_mode) else value or None


@dataclass(frozen=True, slots=True)
class DomainnameLens:
    """A declared domain name; like the host name, it is another's where the network is."""

    def write(self, value: str, body: Raw, spec: Container, context: Context) -> None:
        put(body, "Config.Domainname", value)

    def read(self, live: Raw, context: Context) -> str | None:
        return None if _borrows(live) else look_up(live, "Config.Domainname") or None

    def effective(self, value: str | None, spec: Container, context: Context) -> str | None:
        return None if _is_borrowed(spec.network_mode) else value or None


def _borrows(live: Raw) -> bool:
    return _is_borrowed(look_up(live, "HostConfig.NetworkMode"))


def _is_borrowed(mode: str | None) -> bool:
    return mode is not None and (mode == "host" or mode.startswith("container:"))
