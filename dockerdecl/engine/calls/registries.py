"""Calls on registries by way of the engine: who may log in, what the public index holds, and which are insecure.

Gives raw Engine API JSON, but for the registries that the engine trusts without a certificate. Decides nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import field

from dockerdecl.engine.answers import Json
from dockerdecl.engine.calls.images import of_registry
from dockerdecl.engine.client import Engine
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class InsecureRegistries:
    """Where an engine speaks to registries without looking at certificates, or in plain HTTP.

    `listed` are registries by name, whether they are insecure or not; `networks` count for all others.
    """

    listed: Mapping[str, bool] = field(default_factory=dict)
    networks: tuple[str, ...] = ()

    def holds(self, registry: str) -> bool:
        """Whether a registry, by the name that references have, is one of them."""
        if registry in self.listed:
            return self.listed[registry]
        addresses = _addresses(registry)
        return any(
            address.version == network.version and address in network
            for network in map(ipaddress.ip_network, self.networks)
            for address in addresses
        )


def insecure_registries(engine: Engine) -> InsecureRegistries:
    """The registries that the engine does not ask for a trusted certificate."""
    found = engine.request("GET", "/info").json_object().get("RegistryConfig") or {}
    indexes = found.get("IndexConfigs") or {}
    listed = {name: not each.get("Secure", True) for name, each in indexes.items()}
    return InsecureRegistries(listed, tuple(found.get("InsecureRegistryCIDRs") or ()))


def check_login(engine: Engine, registry: str, login: Mapping[str, str]) -> str:
    """Let the engine try a login; gives the identity token that some registries hand out, else nothing.

    Raises `registry-auth`, `registry-unreachable` and the like.
    """
    with of_registry(registry):
        answer = engine.request("POST", "/auth", body=dict(login)).json_object()
    return str(answer.get("IdentityToken") or "")


def search_index(engine: Engine, term: str, limit: int) -> list[Json]:
    """What the public index finds for a term. Raises `registry-unreachable` and the like."""
    return engine.request("GET", "/images/search", params={"term": term, "limit": limit}).json_list()


def _addresses(registry: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    host, _, port = registry.rpartition(":")
    host = host if host and port.isdigit() else registry
    try:
        return [ipaddress.ip_address(host.strip("[]"))]
    except ValueError:
        pass
    try:
        return [ipaddress.ip_address(each[4][0]) for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []
