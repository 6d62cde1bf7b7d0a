"""A network: the words of a Compose network, every option of the Engine API."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from dockerdecl.resources.notes import AfterValidator
from dockerdecl.resources.ownership import users_labels
from dockerdecl.resources.rows import At, Context, FromDaemon, Raw, Since, look_up, put
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.words import Boolean, Text, TextMap
from dockerdecl.values import dataclass


def _subnet(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise ValueError(f"{text!r} is no subnet ({error}); write one such as 10.1.0.0/24") from error


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise ValueError(f"{text!r} is no IP address; write one such as 10.1.0.1") from error


class Pool(Spec):
    """An address pool of a network."""

    subnet: Annotated[Text, AfterValidator(_subnet)] | None = None
    """The addresses of the network, such as `10.1.0.0/24`."""
    ip_range: Annotated[Text, AfterValidator(_subnet)] | None = None
    """The part of the subnet that containers get addresses from, such as `10.1.0.128/25`."""
    gateway: Annotated[Text, AfterValidator(_address)] | None = None
    """The gateway, such as `10.1.0.1`; the engine's choice where left out."""
    aux_addresses: TextMap | None = None
    """Addresses that containers must not get, by name, such as `{router: 10.1.0.2}`."""


class Ipam(Spec):
    """Address management of a network."""

    driver: Text | None = None
    """The IPAM driver, such as `default`; `default` where left out."""
    config: tuple[Pool, ...] = ()
    """The address pools; the engine's choice where left out."""
    options: TextMap | None = None
    """Options of the IPAM driver, such as `{key: value}`."""


def _normal(text: str | None, *, network: bool = False) -> str | None:
    "20.10 keeps host bits and every spelling; compared is what is meant"
    if not text:
        return None
    return str(ipaddress.ip_network(text, strict=False)) if network else str(ipaddress.ip_address(text.split("/")[0]))


def _pool(
    subnet: str | None, ip_range: str | None, gateway: str | None, aux: Mapping[str, str] | None
) -> dict[str, Any]:
    parts = {
        "subnet": _normal(subnet, network=True),
        "ip_range": _normal(ip_range, network=True),
        "gateway": _normal(gateway),
        "aux_addresses": {name: _normal(address) for name, address in (aux or {}).items()},
    }
    return {word: value for word, value in parts.items() if value}


@dataclass(frozen=True, slots=True)
class IpamLens:
    """`{"config": {"10.1.0.0/24": {"gateway": "10.1.0.1"}}}`: what the engine assigned looks as what was asked for."""

    def write(self, value: Ipam, body: Raw, spec: Spec, context: Context) -> None:
        keys = {"subnet": "Subnet", "ip_range": "IPRange", "gateway": "Gateway", "aux_addresses": "AuxiliaryAddresses"}
        pools = [{key: given for word, key in keys.items() if (given := getattr(pool, word))} for pool in value.config]
        put(body, "IPAM", {"Driver": value.driver or "default", "Config": pools, "Options": value.options or {}})

    def read(self, live: Raw, context: Context) -> dict[str, Any]:
        ipam = look_up(live, "IPAM") or {}
        pools = {
            str(_normal(p.get("Subnet"), network=True)): _pool(
                p.get("Subnet"), p.get("IPRange"), p.get("Gateway"), p.get("AuxiliaryAddresses")
            )
            for p in ipam.get("Config") or ()
        }
        return {"driver": ipam.get("Driver"), "config": pools, "options": dict(ipam.get("Options") or {})}

    def effective(self, value: Ipam | None, spec: Spec, context: Context) -> dict[str, Any] | None:
        if value is None:
            return None
        pools = {str(p.subnet): _pool(p.subnet, p.ip_range, p.gateway, p.aux_addresses) for p in value.config}
        found = {"driver": value.driver, "config": pools, "options": dict(value.options or {})}
        return {word: part for word, part in found.items() if part}


@dataclass(frozen=True, slots=True)
class LabelsLens:
    """The user's labels; dockerdecl's own are not the user's."""

    def write(self, value: Mapping[str, str], body: Raw, spec: Spec, context: Context) -> None:
        put(body, "Labels", dict(value))

    def read(self, live: Raw, context: Context) -> dict[str, str]:
        return users_labels(look_up(live, "Labels"))

    def effective(self, value: Mapping[str, str] | None, spec: Spec, context: Context) -> dict[str, str]:
        return dict(value or {})


@dataclass(frozen=True, slots=True)
class OptionsLens:
    """Driver options: a map of texts, null and empty alike. Volumes are created with one key and read with another."""

    path: str
    request: str = ""

    def write(self, value: Mapping[str, str], body: Raw, spec: Spec, context: Context) -> None:
        put(body, self.request or self.path, dict(value))

    def read(self, live: Raw, context: Context) -> dict[str, str]:
        return dict(look_up(live, self.path) or {})

    def effective(self, value: Mapping[str, str] | None, spec: Spec, context: Context) -> dict[str, str]:
        return dict(value or {})


@dataclass(frozen=True, slots=True)
class EnabledLens:
    """A boolean that is on unless it is said to be off; engines that don't know it have it on."""

    path: str

    def write(self, value: bool, body: Raw, spec: Spec, context: Context) -> None:
        put(body, self.path, value)

    def read(self, live: Raw, context: Context) -> bool:
        return look_up(live, self.path) is not False

    def effective(self, value: bool | None, spec: Spec, context: Context) -> bool:
        return value is not False


class Network(Spec):
    """A network of the project."""

    name: Text | None = None
    """A fixed name on the engine, such as `front`; `PROJECT_KEY` where left out."""
    external: Boolean = False
    """Somebody else's: it must be there, and is never changed."""
    state: Literal["present", "absent"] = "present"
    """`absent` takes it down."""
    driver: Annotated[Text | None, At("Driver", default="bridge")] = None
    """The network driver, such as `macvlan`; `bridge` where left out."""
    driver_opts: Annotated[TextMap | None, OptionsLens("Options"), FromDaemon()] = None
    """Options of the network driver, such as `{com.docker.network.bridge.name: br-shop}`."""
    ipam: Annotated[Ipam | None, IpamLens(), FromDaemon()] = None
    """Address pools, such as `{config: [{subnet: 10.1.0.0/24}]}`; the engine's choice where left out."""
    internal: Annotated[Boolean | None, At("Internal")] = None
    """No way out of the network."""
    attachable: Annotated[Boolean | None, At("Attachable")] = None
    """Containers may attach to it by hand (swarm networks)."""
    enable_ipv6: Annotated[Boolean | None, At("EnableIPv6", default=False), FromDaemon()] = None
    """Give containers IPv6 addresses."""
    enable_ipv4: Annotated[Boolean | None, EnabledLens("EnableIPv4"), FromDaemon(), Since("1.48")] = None
    """Give containers IPv4 addresses; on where left out."""
    labels: Annotated[TextMap | None, LabelsLens()] = None
    """Labels, as a map or a list of NAME=value, such as `{team: shop}`."""
