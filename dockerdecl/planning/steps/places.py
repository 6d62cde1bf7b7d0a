"""Places that only one running container can have: a port of the host, an address on a network, a MAC address.

Takes a draft with every container's own steps; adds needs, so that a place is free before it is taken. Says of one
container whether its old and its new one could run at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from dockerdecl.planning.steps.draft import Key
from dockerdecl.planning.steps.work import Work
from dockerdecl.resources.actual import LiveContainer
from dockerdecl.resources.address import Address
from dockerdecl.resources.container.lenses.ports import bindings, numbers
from dockerdecl.resources.desired import DesiredContainer
from dockerdecl.resources.ownership import owned_address
from dockerdecl.resources.rows import look_up

Place = tuple[str, str]
"""A protocol with a port, or a network with an address."""


def _wanted_places(container: DesiredContainer) -> Iterator[tuple[Place, str]]:
    "each place with the part that takes it while the container runs; one that has not started takes none"
    for binding in bindings(container.spec.ports):
        if binding.published:
            protocol = binding.target.partition("/")[2]
            yield from (((protocol, str(number)), "start") for number in numbers(binding.published))
    for network in container.networks:
        attachment = (container.spec.networks or {})[network]
        for address in (attachment.ipv4_address, attachment.ipv6_address):
            if address:
                yield (network, address), f"connect:{network}"


def _held_places(live: LiveContainer) -> Iterator[tuple[Place, str]]:
    "each place with the part that frees it while the container runs on"
    for target, entries in (look_up(live.raw, "HostConfig.PortBindings") or {}).items():
        for entry in entries or ():
            published = entry.get("HostPort") or ""
            if published.replace("-", "").isdigit():
                protocol = target.partition("/")[2] or "tcp"
                yield from (((protocol, str(number)), "stop") for number in numbers(published))
    for network, endpoint in (look_up(live.raw, "NetworkSettings.Networks") or {}).items():
        configured = endpoint.get("IPAMConfig") or {}
        for address in (configured.get("IPv4Address"), configured.get("IPv6Address")):
            if address:
                yield (network, str(ip_address(address))), f"disconnect:{network}"


def free_places(work: Work) -> None:
    """Who takes a place of another one does so after that has left it."""
    draft = work.draft
    held: dict[Place, set[tuple[Address, str]]] = {}
    for live in work.situation.actual.containers:
        owner = owned_address(live.labels, work.situation.project)
        if owner is not None and live.running:
            left_over = owner in work.outcomes and work.outcomes[owner].live is not live
            for place, part in _held_places(live):
                held.setdefault(place, set()).add((owner, f"discard:{live.name}" if left_over else part))
    for container in work.situation.desired.containers.values():
        for place, taking in _wanted_places(container):
            for owner, freeing in sorted(held.get(place, set())):
                if owner != container.address and not _are_replicas(owner, container.address):
                    freed: list[Key] = [*draft.of(owner, "stop", "stop-old"), (str(owner), freeing)]
                    draft.need((str(container.address), "start"), freed)
                    if (str(container.address), "create") not in draft.entries:
                        draft.need((str(container.address), taking), freed)


def _are_replicas(one: Address, other: Address) -> bool:
    "they can only have ranges of ports in common, of which the engine gives each a free one"
    return one.key == other.key and None not in (one.index, other.index)


def place_in_common(container: DesiredContainer, live: LiveContainer, replicas: int, at_once: int) -> str | None:
    """What the old and the new one would need at the same time, in words; None where both can run.

    Of a range of ports, so many `replicas` hold one each, and `at_once` more are needed.
    """
    held = {place for place, _ in _held_places(live)}
    for binding in bindings(container.spec.ports):
        ports = numbers(binding.published) if binding.published else range(0)
        protocol = binding.target.partition("/")[2]
        shared = any((protocol, str(port)) in held for port in ports)
        if shared and len(ports) < (replicas + at_once if len(ports) > 1 else 2):
            return f"the port {binding.published}/{protocol} of the host"
    for place, taking in _wanted_places(container):
        if taking != "start" and place in held:
            return f"the address {place[1]} on {place[0]}"
    attachments = (container.spec.networks or {}).values()
    wanted = {container.spec.mac_address, *(attachment.mac_address for attachment in attachments)} - {None}
    endpoints = (look_up(live.raw, "NetworkSettings.Networks") or {}).values()
    macs = {str(endpoint.get("MacAddress") or "").lower() for endpoint in endpoints}
    return next((f"the MAC address {mac}" for mac in sorted(filter(None, wanted)) if mac in macs), None)
