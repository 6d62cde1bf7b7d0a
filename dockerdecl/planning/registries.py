"""Registries that are containers of the manifest which pushes to them.

Takes what becomes of images and containers; gives the images with what they are pushed for beside their own reasons:
a registry that only runs once the plan is carried out can't be asked before, and one that is made anew may be empty.
Knows no step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address

from dockerdecl.planning.containers import ContainerOutcome
from dockerdecl.planning.images import ImageOutcome, ImagePlan
from dockerdecl.planning.pushing import registry_note
from dockerdecl.planning.values import Action, Change, Note, Reason, Situation
from dockerdecl.resources.address import Address
from dockerdecl.resources.container.lenses.ports import bindings
from dockerdecl.resources.desired import Desired, DesiredContainer, DesiredImage
from dockerdecl.resources.image.reference import parse

_LOCAL = "localhost"
_WHERE_NO_PORT_IS_WRITTEN = ("443", "80")


def serving(reference: str, desired: Desired) -> tuple[Address, ...]:
    """The declared containers that publish the port at which a reference's registry is reached.

    The engine pushes from its host, so that is a loopback address, or the very one that the port is published at.
    """
    host, ports = _host_and_ports(parse(reference).registry)
    return tuple(a for a, c in sorted(desired.containers.items()) if _publishes(c, host, ports))


def needed_registries(image: DesiredImage, desired: Desired) -> set[Address]:
    """The declared containers that an image is pushed to."""
    return {address for reference in image.pushed for address in serving(reference, desired)}


def with_registries(images: ImagePlan, outcomes: Mapping[Address, ContainerOutcome], situation: Situation) -> ImagePlan:
    """The images with the pushes to registries that the plan makes or starts; nothing else is said of those."""
    found: dict[Address, ImageOutcome] = {}
    spared: set[Note] = set()
    for address, outcome in images.outcomes.items():
        image = situation.desired.images[address]
        waiting = {} if image.absent else dict(_waiting(image, outcomes, situation))
        found[address] = _pushed(image, outcome, waiting, situation) if waiting else outcome
        live = situation.actual.image(image.reference)
        notes = (registry_note(image, reference, live, situation.actual) for reference in waiting)
        spared.update(note for note in notes if note is not None)
    return replace(images, outcomes=found, notes=tuple(note for note in images.notes if note not in spared))


def _waiting(
    image: DesiredImage, outcomes: Mapping[Address, ContainerOutcome], situation: Situation
) -> Iterator[tuple[str, str]]:
    "the references that are sent once their registry runs, each with what is said of that"
    for reference in image.pushed:
        answered = isinstance(situation.actual.registry_digests.get(reference), str)
        for address in serving(reference, situation.desired):
            how = _begins(outcomes[address]) if address in outcomes else None
            if how is not None and not (answered and how == "restarted"):
                yield reference, f"the registry is {how} by {address}"
                break


def _begins(outcome: ContainerOutcome) -> str | None:
    "how a container comes to serve only in the course of the plan"
    match outcome.change.action:
        case Action.CREATE:
            return "made"
        case Action.REPLACE:
            return "made anew"
        case Action.START:
            return "started"
        case Action.UPDATE if outcome.live is not None and not outcome.live.running:
            return "started"
    return "restarted" if outcome.restart else None


def _pushed(
    image: DesiredImage, outcome: ImageOutcome, waiting: Mapping[str, str], situation: Situation
) -> ImageOutcome:
    push = tuple(reference for reference in image.pushed if reference in {*outcome.push, *waiting})
    change, existing = outcome.change, outcome.existing
    only_unasked = change.code is Reason.NOT_PUSHED and {*outcome.push} <= waiting.keys()
    if change.action is Action.NONE or only_unasked:
        reason = "; ".join(dict.fromkeys(waiting.values()))
        change = Change(image.address, Action.UPDATE, Reason.REGISTRY_MADE, reason)
        existing = situation.actual.id_of(image.reference)
    return replace(outcome, change=change, existing=existing, push=push)


def _host_and_ports(registry: str) -> tuple[str, tuple[str, ...]]:
    host, colon, port = registry.rpartition(":")
    if not colon or registry.endswith("]"):
        host, port = registry, ""
    return host.strip("[]"), (port,) if port else _WHERE_NO_PORT_IS_WRITTEN


def _publishes(container: DesiredContainer, host: str, ports: tuple[str, ...]) -> bool:
    if container.state != "running":
        return False
    return any(
        binding.published in ports and binding.target.endswith("/tcp") and _is_at(host, binding.host_ip)
        for binding in bindings(container.spec.ports)
    )


def _is_at(host: str, host_ip: str) -> bool:
    "whether a registry at a host is reached where a port is published: everywhere, or at one address"
    published = ip_address(host_ip or "::")
    if host == _LOCAL:
        return published.is_unspecified or published.is_loopback
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if published.is_unspecified:
        return address.is_loopback and (published.version == 6 or address.version == 4)
    return address == published
