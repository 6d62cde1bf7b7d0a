"""How a plan is made that takes a project down: its containers and networks, and what else the user named for it."""

from __future__ import annotations

from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.planning.brought import no_longer_declared
from dockerdecl.planning.containers import ContainerOutcome, leaving
from dockerdecl.planning.images import ImagePlan
from dockerdecl.planning.losses import with_losses
from dockerdecl.planning.standing import newer_labels
from dockerdecl.planning.steps.around import add_network_steps, remove_image, remove_volume
from dockerdecl.planning.steps.between import order_containers
from dockerdecl.planning.steps.containers import add_container_steps
from dockerdecl.planning.steps.draft import Draft, removals
from dockerdecl.planning.steps.hooks import forget_hooks_of_removed
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.surroundings import foreign_users
from dockerdecl.planning.values import Action, Change, Options, Plan, Reason, Situation, covered
from dockerdecl.planning.verbs import RemoveImage, RemoveVolume
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.desired import Desired, DesiredImage, Pull
from dockerdecl.resources.ownership import (
    ADDRESS,
    ADOPTED_FOR,
    ADOPTED_ID,
    HOOKED_FOR,
    RECORD_FOR,
    owned_address,
    owner,
)


def make_destroy_plan(
    desired: Desired, actual: Actual, options: Options | None = None, *, volumes: bool = False, images: bool = False
) -> Plan:
    """The plan that takes the project down: its containers and networks, its volumes and declared images if asked.

    Raises DockerdeclError where somebody else uses what would have to go.
    """
    nothing = Desired(desired.project)
    situation = Situation(nothing, actual, options or Options())
    draft = Draft()
    problems: list[Problem] = [*newer_labels(actual, desired.project)]
    outcomes: dict[Address, ContainerOutcome] = {}
    for address, (live, *others) in sorted(situation.owned.items()):
        change = Change(address, Action.REMOVE, Reason.DESTROY, leaving("the project is taken down", live))
        outcomes[address] = ContainerOutcome(change, live, tuple(others))
    around: list[Change] = []
    external = {network.name for network in desired.networks.values() if network.spec.external}
    for network in actual.networks:
        owned = owned_address(network.labels, desired.project)
        if owned is not None and network.name not in external:
            problems += foreign_users(owned, network, actual, desired.project)
            around.append(Change(owned, Action.REMOVE, Reason.DESTROY, "the project is taken down"))
    targets = situation.options.targets
    if targets:
        outcomes = {a: outcome for a, outcome in outcomes.items() if covered(a, targets)}
        around = [change for change in around if covered(change.address, targets)]
    work = Work(draft, situation, ImagePlan({}), outcomes, declared=desired)
    add_container_steps(work)
    add_network_steps(draft, situation, around)
    removed = _destroyed_volumes(draft, desired, situation, problems) if volumes else []
    if images:
        removed += _destroyed_images(draft, desired, situation, problems)
        if not targets:
            removed += _brought_images(draft, desired, situation)
    order_containers(work)
    forget_hooks_of_removed(draft, actual)
    if not targets:
        _forget_all(draft, situation)
        if volumes:
            _forget_revisions(draft, situation)
    if problems:
        raise DockerdeclError(*problems)
    changes = [*removed, *around, *(outcome.change for outcome in outcomes.values())]
    ordered = tuple(sorted(with_losses(changes, situation), key=lambda change: change.address.sort_key))
    return Plan(desired.project, actual.engine, ordered, draft.steps())


def _forget_all(draft: Draft, situation: Situation) -> None:
    "records of what has been removed by hand since; a volume that stays is the project's when that comes back"
    forgotten = {entry.payload.name for entry in draft.entries.values() if isinstance(entry.payload, RemoveVolume)}
    for name, live in sorted(situation.actual.volumes.items()):
        recorded = situation.project in (live.labels.get(ADOPTED_FOR), live.labels.get(HOOKED_FOR))
        stays = live.labels.get(ADOPTED_ID) in situation.actual.volumes
        if recorded and not stays and name not in forgotten:
            address = live.labels.get(ADDRESS, "")
            after = [key for key in draft.entries if key[0] == address]
            draft.add((address, f"forget:{name}"), RemoveVolume(name, anonymous=True), f"forget {name}", after)


def _forget_revisions(draft: Draft, situation: Situation) -> None:
    "with the data goes what was known of it, after all else is gone"
    after = list(draft.entries)
    for name, live in sorted(situation.actual.volumes.items()):
        if live.labels.get(RECORD_FOR) == situation.project:
            text = f"forget revision {name.rpartition('.r')[2]}"
            after = [draft.add(("", f"forget:{name}"), RemoveVolume(name, anonymous=True), text, after)]


def _destroyed_volumes(draft: Draft, desired: Desired, situation: Situation, problems: list[Problem]) -> list[Change]:
    changes = []
    # what is external is not ours, though its labels say so: another manifest of the project may have made it
    external = {volume.name for volume in desired.volumes.values() if volume.spec.external}
    for name, live in sorted(situation.actual.volumes.items()):
        owned = owned_address(live.labels, situation.project)
        if owned is None or owned.kind is not Kind.VOLUME or name in external:
            continue
        if situation.options.targets and not covered(owned, situation.options.targets):
            continue
        users = [c.name for c in situation.actual.containers if name in c.volumes]
        others = [
            c.name for c in situation.actual.containers if c.name in users and owner(c.labels) != situation.project
        ]
        if others:
            message = f"the volume {name} is used by {', '.join(sorted(others))}, not this project's"
            hint = "remove those containers first, or leave out `--volumes`"
            problems.append(Problem("volume-in-use", message, address=str(owned), hint=hint))
        remove_volume(draft, str(owned), name, situation)
        changes.append(Change(owned, Action.REMOVE, Reason.DESTROY, f"the volume {name} goes, with its data"))
    return changes


def _destroyed_images(draft: Draft, desired: Desired, situation: Situation, problems: list[Problem]) -> list[Change]:
    changes = []
    for address, image in sorted(desired.images.items()):
        references = (image.reference, *image.tags)
        if image.implied or not any(situation.actual.image(reference) for reference in references):
            continue
        if situation.options.targets and not covered(address, situation.options.targets):
            continue
        problems += image_users(image, situation)
        remove_image(draft, image, situation)
        changes.append(Change(address, Action.REMOVE, Reason.DESTROY, f"the image {image.reference} goes"))
    return changes


def _brought_images(draft: Draft, desired: Desired, situation: Situation) -> list[Change]:
    changes = []
    for brought in no_longer_declared(desired, situation.actual):
        image = brought.image
        key, *tags = brought.references or (image.id,)
        address = Address(Kind.IMAGE, key)
        if brought.references:
            going = DesiredImage(address, key, Pull("never"), tuple(tags), implied=True)
            remove_image(draft, going, situation)
        else:
            users = [c for c in situation.actual.containers if c.uses(image)]
            needs = [k for c in users for k in removals(owned_address(c.labels, situation.project), c.name)]
            draft.add((str(address), "remove"), RemoveImage(image.id), f"remove the image {image.id[:19]}", needs)
        changes.append(
            Change(address, Action.REMOVE, Reason.DESTROY, "the project brought it, and declares it no more")
        )
    return changes


def image_users(image: DesiredImage, situation: Situation) -> list[Problem]:
    """The containers of others for which an image must stay, where its last reference would go."""
    going = (image.reference, *image.tags)
    found: dict[str, Problem] = {}
    for reference in going:
        live = situation.actual.image(reference)
        if live is None or live.id in found or {*live.references} - {*going}:
            continue
        users = [c for c in situation.actual.containers if c.uses(live)]
        others = sorted(c.name for c in users if owner(c.labels) != situation.project)
        if others:
            message = f"the image {reference} is used by {', '.join(others)}, not this project's"
            hint = "remove those containers first, or keep the image"
            found[live.id] = Problem("image-in-use", message, address=str(image.address), hint=hint)
    return list(found.values())
