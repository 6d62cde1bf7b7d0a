"""Taking what others made under ownership, as it is: a record on the engine says so, and nothing of it is touched.

What then differs from the manifest is an ordinary plan, or with `--adopt` the rest of the same one. A thing is what an
address means where it has its name, and a container also where Compose made it for the service of that key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.planning.images import build_label
from dockerdecl.planning.standing import newer_labels, owned_containers
from dockerdecl.planning.steps.draft import Draft
from dockerdecl.planning.surroundings import live_network
from dockerdecl.planning.values import Action, Change, Plan, Reason, Step
from dockerdecl.planning.verbs import Adopt
from dockerdecl.resources.actual import Actual, LiveContainer, LiveImage
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.adopted import (
    COMPOSE_ONEOFF,
    COMPOSE_PROJECT,
    COMPOSE_SERVICE,
    given_files,
    has_compose_number,
)
from dockerdecl.resources.container.lenses.files import files_label
from dockerdecl.resources.desired import Built, Desired, DesiredContainer
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import BUILD, adoption_record, owner, recorded_labels
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Adoption:
    """Something made by others that an address means, and the record that makes it the project's."""

    address: Address
    name: str
    identity: str
    record: str
    labels: Mapping[str, str]

    @property
    def reason(self) -> str:
        """What is told of it."""
        if self.address.kind is Kind.IMAGE:
            return f"{self.name} was built by others, and counts as built from what is declared"
        return f"{self.name} was made by others, and is this project's from now on"

    @property
    def payload(self) -> Adopt:
        """What writes the record."""
        return Adopt({"Name": self.record, "Labels": dict(self.labels)})


def may_be_adopted(desired: Desired) -> Callable[[str, Mapping[str, str]], bool]:
    """Whether a container of others, by its name and labels, may be one that an address means."""
    names = {container.name for container in desired.containers.values()}

    def may_be(name: str, labels: Mapping[str, str]) -> bool:
        return owner(labels) is None and (name in names or labels.get(COMPOSE_PROJECT) == desired.project)

    return may_be


def make_adopt_plan(desired: Desired, actual: Actual, addresses: Iterable[Address]) -> Plan:
    """The plan that takes these addresses under ownership, or without any all that can be.

    Raises DockerdeclError with every one that can't be: not declared, not on the engine, another project's.
    """
    changes: list[Change] = []
    steps: list[Step] = []
    problems: list[Problem] = [*newer_labels(actual, desired.project)]
    for address in sorted(_every_one(addresses, desired)) or [found.address for found in adoptions(desired, actual)]:
        found = _found(address, desired, actual)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        name, identity, held_by = found
        if held_by == desired.project:
            changes.append(Change(address, Action.NONE, Reason.NONE, "is this project's already"))
        elif held_by is not None:
            message = f"{name} belongs to the project {held_by}"
            problems.append(Problem("not-ours", message, address=str(address), hint="take it down there first"))
        else:
            adoption = _adoption(address, name, identity, desired, actual)
            changes.append(Change(address, Action.ADOPT, Reason.ASKED_FOR, adoption.reason))
            steps.append(Step(len(steps) + 1, str(address), adoption.payload, f"adopt {name}"))
    if problems:
        raise DockerdeclError(*problems)
    return Plan(desired.project, actual.engine, tuple(changes), tuple(steps))


def _every_one(addresses: Iterable[Address], desired: Desired) -> Iterator[Address]:
    "a container's address without a number means all of its replicas"
    for address in addresses:
        replicas = [a for a in desired.containers if address.covers(a)]
        yield from replicas or [address]


def adoptions(desired: Desired, actual: Actual) -> tuple[Adoption, ...]:
    """All that is declared and there, but nobody's yet."""
    found = []
    owned = owned_containers(actual, desired)
    for address in desired.addresses:
        if address in owned or not _is_wanted(address, desired):
            continue
        thing = _found(address, desired, actual)
        if not isinstance(thing, Problem) and thing[2] is None:
            found.append(_adoption(address, thing[0], thing[1], desired, actual))
    return tuple(found)


def _is_wanted(address: Address, desired: Desired) -> bool:
    match address.kind:
        case Kind.IMAGE:
            image = desired.images[address]
            return isinstance(image.source, Built) and not image.absent
        case Kind.CONTAINER:
            return desired.containers[address].state != "absent"
        case Kind.NETWORK:
            network = desired.networks[address].spec
            return not network.external and network.state != "absent"
        case _:
            volume = desired.volumes[address].spec
            return not volume.external and volume.state != "absent"


def with_adopted(actual: Actual, found: Iterable[Adoption], project: str) -> Actual:
    """The actual state as it will be seen once these are the project's."""
    adopted = list(found)
    recorded = recorded_labels({adoption.record: adoption.labels for adoption in adopted}, project)
    ids = {adoption.identity: adoption for adoption in adopted}
    return replace(
        actual,
        images={i: _built(image, recorded[i]) if i in ids else image for i, image in actual.images.items()},
        containers=tuple(
            replace(c, labels={**c.labels, **recorded[c.id]}) if c.id in ids else c for c in actual.containers
        ),
        networks=tuple(
            replace(n, labels={**n.labels, **recorded[n.id]}) if n.id in ids else n for n in actual.networks
        ),
        volumes={
            name: replace(v, labels={**v.labels, **recorded[name]}) if name in ids else v
            for name, v in actual.volumes.items()
        },
    )


def _built(image: LiveImage, recorded: Mapping[str, str]) -> LiveImage:
    labels = {**(image.config.get("Labels") or {}), BUILD: recorded[BUILD]}
    return replace(image, config={**image.config, "Labels": labels})


def with_adoptions(changes: Iterable[Change], found: Iterable[Adoption]) -> list[Change]:
    """The changes, those of what is adopted beside all else telling of it."""
    adopted = {adoption.address: adoption for adoption in found}
    return [_told(change, adopted[change.address]) if change.address in adopted else change for change in changes]


def _told(change: Change, adoption: Adoption) -> Change:
    if change.action is Action.NONE:
        return replace(change, action=Action.ADOPT, code=Reason.ASKED_FOR, reason=adoption.reason)
    return replace(change, reason=f"{adoption.reason}; {change.reason}")


def add_adopt_steps(draft: Draft, found: Iterable[Adoption]) -> None:
    """What makes things the project's comes before all that is done to any of them."""
    roots = [key for key, entry in draft.entries.items() if not entry.needs & draft.entries.keys()]
    for adoption in found:
        key = draft.add((str(adoption.address), "adopt"), adoption.payload, f"adopt {adoption.name}")
        for root in roots:
            draft.need(root, [key])


def _adoption(address: Address, name: str, identity: str, desired: Desired, actual: Actual) -> Adoption:
    container = desired.containers.get(address)
    live = next((c for c in actual.containers if c.id == identity), None) if container else None
    files = ""
    if container and live and COMPOSE_SERVICE in live.labels:
        given = given_files(container.files, live.raw)
        files = files_label(given, desired.key) if given else ""
    image = desired.images.get(address)
    build = _as_built(image.source, actual) if image and isinstance(image.source, Built) else ""
    record, labels = adoption_record(desired.project, address, identity, files=files, build=build)
    return Adoption(address, name, identity, record, labels)


def _as_built(source: Built, actual: Actual) -> str:
    "what its label would say, had it been built from this just now"
    there = {base: actual.image(parse(base).familiar) for base in source.bases}
    return build_label(source, {base: image.id for base, image in there.items() if image})


def _found(address: Address, desired: Desired, actual: Actual) -> tuple[str, str, str | None] | Problem:
    "the name, the identity and the owner of what an address would be"
    if address not in desired.addresses:
        return Problem("unknown-address", f"{address} is not declared", address=str(address), hint="declare it first")
    match address.kind:
        case Kind.CONTAINER:
            name = desired.containers[address].name
            live = live_container(desired.containers[address], desired, actual)
            found = (live.name, live.id, owner(live.labels)) if live else None
        case Kind.NETWORK:
            network = desired.networks[address]
            name, held = network.name, live_network(network, actual, desired.project)
            found = (name, held.id, owner(held.labels)) if held else None
        case Kind.VOLUME:
            name = desired.volumes[address].name
            volume = actual.volumes.get(name)
            found = (name, name, owner(volume.labels)) if volume else None
        case Kind.IMAGE:
            image = desired.images[address]
            if not isinstance(image.source, Built):
                message = "images that are not built belong to nobody, so there is nothing to adopt"
                return Problem("nothing-to-adopt", message, address=str(address))
            name, built = image.reference, actual.image(image.reference)
            ours = built is not None and BUILD in (built.config.get("Labels") or {})
            found = (name, built.id, desired.project if ours else None) if built else None
    if found is None:
        hint = "give it the name that it has on the engine (`container_name`, `name`), or let `apply` make it"
        return Problem("nothing-to-adopt", f"there is no {address.kind} named {name}", address=str(address), hint=hint)
    return found


def live_container(container: DesiredContainer, desired: Desired, actual: Actual) -> LiveContainer | None:
    """The container that an address means: the project's own one, that of its name, or Compose's for its key."""
    own = owned_containers(actual, desired).get(container.address)
    by_name = next((c for c in actual.containers if c.name == container.name), None)
    return own[0] if own else by_name or _composed(container.address, desired, actual)


def _composed(address: Address, desired: Desired, actual: Actual) -> LiveContainer | None:
    for live in actual.containers:
        labels = live.labels
        its_own = labels.get(COMPOSE_PROJECT) == desired.project and labels.get(COMPOSE_SERVICE) == address.key
        once = labels.get(COMPOSE_ONEOFF, "False").lower() == "true"
        if its_own and not once and owner(labels) is None and has_compose_number(labels, address.index):
            return live
    return None
