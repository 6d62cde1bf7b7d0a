"""The things on an engine that words mean: containers, images, networks and volumes, by address or by name.

Takes an engine and words, gives things with their inspections. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.operations.found import FoundContainer, choose, find_containers
from dockerdecl.operations.inspection import Thing
from dockerdecl.resources.address import Address, Kind, parse_address
from dockerdecl.resources.ownership import ADOPTED_FOR, owned_address, owner, recorded_labels
from dockerdecl.resources.rows import Context, Raw
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine


@dataclass(frozen=True, slots=True)
class Surroundings:
    """An engine as it is looked at: its lists, whose project it is for, and what an image's address means there."""

    engine: Engine
    project: str | None
    references: Callable[[Address], str]
    containers: Sequence[FoundContainer]
    networks: Sequence[Raw]
    volumes: Sequence[Raw]


def surroundings(engine: Engine, project: str | None, references: Callable[[Address], str]) -> Surroundings:
    """The engine's lists; `references` gives the reference of an image's address."""
    from dockerdecl.engine.calls.networks import list_networks
    from dockerdecl.engine.calls.volumes import list_volumes

    found = find_containers(engine)
    return Surroundings(engine, project, references, found, list_networks(engine), list_volumes(engine))


def things(around: Surroundings, words: Sequence[str]) -> list[Thing]:
    """What the words mean, in their order. Raises DockerdeclError with every word that means nothing."""
    found: list[Thing] = []
    problems: list[Problem] = []
    for word in words:
        try:
            found += _meant(around, word)
        except DockerdeclError as error:
            problems += error.problems
    if problems:
        raise DockerdeclError(*problems)
    return found


def _meant(around: Surroundings, word: str) -> list[Thing]:
    address = parse_address(word)
    if address is None:
        return _by_name(around, word)
    match address.kind:
        case Kind.CONTAINER:
            return [_container(around, one) for one in choose(around.containers, (word,), around.project)]
        case Kind.IMAGE:
            found = _image(around, around.references(address), str(address))
        case Kind.NETWORK | Kind.VOLUME:
            found = next((t for t in _around(around) if t.address == word and t.project == around.project), None)
    if found is None:
        known = sorted({t.address for t in _around(around) if t.address and t.project == around.project})
        raise DockerdeclError(_unknown(word, known))
    return [found]


def _by_name(around: Surroundings, word: str) -> list[Thing]:
    try:
        return [_container(around, one) for one in choose(around.containers, (word,), around.project)]
    except DockerdeclError as error:
        found = next((t for t in _around(around) if word in (t.name, t.id)), None) or _image(around, word, None)
        if found is not None:
            return [found]
        raise DockerdeclError(_unknown(word, [t.name for t in _around(around)], error.problems[0].hint)) from error


def _unknown(word: str, names: Sequence[str], otherwise: str | None = None) -> Problem:
    from difflib import get_close_matches

    near = get_close_matches(word, names, n=2, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else otherwise or "`dockerdecl status` lists what is declared"
    return Problem(
        "unknown-thing", f"there is no container, image, network or volume {word!r} on the engine", hint=hint
    )


def _around(around: Surroundings) -> list[Thing]:
    volumes = {volume["Name"]: volume.get("Labels") or {} for volume in around.volumes}
    recorded: dict[str, Mapping[str, str]] = {}
    for project in {labels[ADOPTED_FOR] for labels in volumes.values() if ADOPTED_FOR in labels}:
        recorded |= recorded_labels(volumes, project)
    found = [(Kind.NETWORK, str(raw["Id"]), raw) for raw in around.networks]
    found += [(Kind.VOLUME, str(raw["Name"]), raw) for raw in around.volumes]
    listed = []
    for kind, identity, raw in found:
        labels = {**(raw.get("Labels") or {}), **recorded.get(identity, {})}
        project = owner(labels)
        address = owned_address(labels, project) if project else None
        listed.append(Thing(kind, str(raw["Name"]), identity, raw, str(address) if address else None, project))
    return listed


def _container(around: Surroundings, one: FoundContainer) -> Thing:
    from dockerdecl.engine.calls.containers import inspect_container
    from dockerdecl.engine.calls.images import inspect_image

    raw = inspect_container(around.engine, one.id)
    image = inspect_image(around.engine, str(raw.get("Image") or "")) or {}
    context = Context(
        image=image.get("Config") or {},
        container_names={other.id: other.name for other in around.containers},
        api_version=around.engine.api_version,
        product=around.engine.product,
    )
    return Thing(Kind.CONTAINER, one.name, one.id, raw, str(one.address) if one.address else None, one.project, context)


def _image(around: Surroundings, reference: str, address: str | None) -> Thing | None:
    from dockerdecl.engine.calls.images import inspect_image

    try:
        raw = inspect_image(around.engine, reference)
    except DockerdeclError:  # no reference at all
        return None
    if raw is None:
        return None
    name = next(iter(raw.get("RepoTags") or ()), reference)
    return Thing(Kind.IMAGE, str(name), str(raw["Id"]), raw, address, around.project if address else None)
