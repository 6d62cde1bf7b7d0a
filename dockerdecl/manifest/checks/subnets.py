"""Addresses: those of containers must lie in a subnet that the manifest declares, and subnets must not overlap.

Takes a document, gives findings. Networks of others (`external`) are not judged, since their subnets are not known.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from dockerdecl.manifest.checks.finding import Finding, Path, Subject
from dockerdecl.resources.network.spec import Network, Pool
from dockerdecl.resources.resolve import DEFAULT_NETWORK

Subnet = ipaddress.IPv4Network | ipaddress.IPv6Network


def check_subnets(subject: Subject) -> Iterator[Finding]:
    """Subnets that overlap, gateways outside of theirs, addresses that no subnet holds or two containers want."""
    own = {
        key: network
        for key, network in subject.document.networks.items()
        if subject.whole("networks", key) and not network.external and network.state != "absent"
    }
    yield from _overlaps(own)
    for key, network in own.items():
        for index, pool in enumerate(network.ipam.config if network.ipam else ()):
            yield from _pool(pool, ("networks", key, "ipam", "config", index))
    if DEFAULT_NETWORK not in subject.declared["networks"]:
        own[DEFAULT_NETWORK] = Network()
    yield from _addresses(subject, own)


def _subnets(network: Network) -> list[Subnet]:
    pools = network.ipam.config if network.ipam else ()
    return [ipaddress.ip_network(pool.subnet) for pool in pools if pool.subnet]


def _overlaps(networks: dict[str, Network]) -> Iterator[Finding]:
    seen: list[tuple[str, Subnet]] = []
    for key, network in networks.items():
        if network.driver not in (None, "bridge") or (network.ipam and network.ipam.driver not in (None, "default")):
            continue
        for index, subnet in enumerate(_subnets(network)):
            other = next((name for name, taken in seen if _common(subnet, taken)), None)
            seen.append((key, subnet))
            if other is not None:
                path = ("networks", key, "ipam", "config", index, "subnet")
                message = f"the subnet {subnet} overlaps with one of the network `{other}`"
                yield Finding("subnet-conflict", path, message, "choose a subnet that nothing else uses")


def _common(one: Subnet, other: Subnet) -> bool:
    return one.version == other.version and one.overlaps(other)


def _pool(pool: Pool, path: Path) -> Iterator[Finding]:
    for word in ("gateway", "ip_range"):
        written = getattr(pool, word)
        if written is None:
            continue
        if pool.subnet is None:
            yield Finding("missing-field", (*path, word), f"`{word}` needs a `subnet` beside it", "write the `subnet`")
        elif not _holds(ipaddress.ip_network(pool.subnet), ipaddress.ip_network(written)):
            message = f"{written} lies outside of the subnet {pool.subnet}"
            yield Finding("address-outside-subnet", (*path, word), message, f"choose one within {pool.subnet}")


def _holds(subnet: Subnet, part: Subnet) -> bool:
    return subnet.version == part.version and part.subnet_of(subnet)  # type: ignore[arg-type]  # as above


def _addresses(subject: Subject, own: dict[str, Network]) -> Iterator[Finding]:
    taken: dict[tuple[str, str], str] = {}
    for key, spec in subject.whole_containers():
        for name, attachment in (spec.networks or {}).items():
            for word in ("ipv4_address", "ipv6_address"):
                address = getattr(attachment, word)
                if not address:
                    continue
                path = ("containers", key, "networks", name, word)
                other = taken.setdefault((name, address), key)
                if other != key:
                    message = f"`{other}` has the address {address} on `{name}` already"
                    yield Finding("address-conflict", path, message, "choose another address for one of them")
                if name in own:
                    yield from _in_subnet(address, name, own[name], path)


def _in_subnet(address: str, name: str, network: Network, path: Path) -> Iterator[Finding]:
    subnets = _subnets(network)
    if any(_holds(subnet, ipaddress.ip_network(address)) for subnet in subnets):
        gateways = [pool.gateway for pool in network.ipam.config] if network.ipam else []
        if address in gateways:
            message = f"{address} is the gateway of the network `{name}`"
            yield Finding("address-conflict", path, message, "choose another address")
        return
    if subnets:
        shown = ", ".join(str(subnet) for subnet in subnets)
        hint = f"choose one within {shown}"
    else:
        hint = f"declare `ipam: {{config: [{{subnet: ...}}]}}` in the network `{name}`, with a subnet that holds it"
    yield Finding("address-outside-subnet", path, f"no subnet that is declared for `{name}` holds {address}", hint)
