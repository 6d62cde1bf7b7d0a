"""How a plan is made: desired and actual state compared, what changes drag along added, narrowed, and ordered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.planning.adopting import Adoption, add_adopt_steps, adoptions, with_adopted, with_adoptions
from dockerdecl.planning.containers import ContainerOutcome, plan_containers
from dockerdecl.planning.destroying import image_users
from dockerdecl.planning.effects import with_effects
from dockerdecl.planning.images import ImageOutcome, ImagePlan, bases_of, plan_images
from dockerdecl.planning.losses import with_losses
from dockerdecl.planning.notes import container_notes
from dockerdecl.planning.registries import needed_registries, with_registries
from dockerdecl.planning.standing import newer_labels
from dockerdecl.planning.steps.around import (
    add_image_steps,
    add_network_steps,
    add_volume_steps,
)
from dockerdecl.planning.steps.between import add_checkpoint, order_containers
from dockerdecl.planning.steps.containers import add_container_steps
from dockerdecl.planning.steps.draft import Draft
from dockerdecl.planning.steps.hooks import forget_hooks_of_removed
from dockerdecl.planning.steps.restoring import with_old_ones_back
from dockerdecl.planning.steps.together import bind_together
from dockerdecl.planning.steps.ways import asked_ways, without_circles
from dockerdecl.planning.steps.work import Work
from dockerdecl.planning.surroundings import plan_networks, plan_volumes
from dockerdecl.planning.values import Action, Change, Note, Options, Plan, Reason, Situation, covered
from dockerdecl.planning.wording import in_manifest_words
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.spec import foreign_fields, newer_fields


def make_plan(desired: Desired, actual: Actual, options: Options | None = None) -> Plan:
    """The plan that makes the engine match.

    Raises DockerdeclError with every problem found: foreign things in the way, a field that the engine is too old for,
    a target that names nothing.
    """
    adopted = adoptions(desired, actual) if options and options.adopt else ()
    situation = Situation(desired, with_adopted(actual, adopted, desired.project), options or Options())
    problems = [*_unknown_targets(situation), *_too_new(situation), *newer_labels(actual, desired.project)]
    images = plan_images(situation)
    problems += images.problems
    around: list[Change] = []
    notes: list[Note] = []
    for item in (*plan_networks(situation), *plan_volumes(situation)):
        _sort_in(item, around, notes, problems)
    outcomes: dict[Address, ContainerOutcome] = {}
    for found in plan_containers(situation, images):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            outcomes[found.change.address] = found
    notes += container_notes(outcomes.values(), images, situation)
    outcomes = with_effects(outcomes, around, situation)
    images = with_registries(images, outcomes, situation)
    notes = [*images.notes, *notes]
    problems += _images_in_use(situation, images)
    wanted = _wanted(situation, outcomes)
    if wanted is not None:
        named = {str(address) for address in wanted}
        problems = [problem for problem in problems if problem.address is None or problem.address in named]
        notes = [note for note in notes if note.address in named]
        images = replace(images, outcomes=_narrowed_images(images, wanted))
        around = [change for change in around if change.address in wanted]
        outcomes = {address: outcome for address, outcome in outcomes.items() if address in wanted}
    if problems:
        raise DockerdeclError(*problems)
    adopted = tuple(one for one in adopted if wanted is None or one.address in wanted)
    planned = _with_steps(situation, images, around, outcomes, adopted)
    return replace(planned, notes=(*notes, *planned.notes))


def _sort_in(item: Change | Note | Problem, changes: list[Change], notes: list[Note], problems: list[Problem]) -> None:
    match item:
        case Change():
            changes.append(item)
        case Note():
            notes.append(item)
        case Problem():
            problems.append(item)


def _with_steps(
    situation: Situation,
    images: ImagePlan,
    around: list[Change],
    outcomes: dict[Address, ContainerOutcome],
    adopted: tuple[Adoption, ...],
) -> Plan:
    work = _in_order(*with_old_ones_back(situation, outcomes), images, around)
    forget_hooks_of_removed(work.draft, situation.actual)
    add_checkpoint(work)
    add_adopt_steps(work.draft, adopted)
    changes = [
        *(outcome.change for outcome in images.outcomes.values()),
        *around,
        *(outcome.change for outcome in outcomes.values()),
    ]
    ordered = sorted(
        with_losses(with_adoptions(changes, adopted), situation), key=lambda change: change.address.sort_key
    )
    worded = in_manifest_words(ordered, situation.desired)
    return Plan(
        situation.project,
        situation.actual.engine,
        worded,
        work.draft.steps(),
        tuple(work.ways.notes),
        situation.desired.secrets,
    )


def _in_order(
    situation: Situation, outcomes: dict[Address, ContainerOutcome], images: ImagePlan, around: list[Change]
) -> Work:
    "replaced in the ways that are asked for, as far as the steps then don't need one another in a circle"
    ways = asked_ways(Work(Draft(), situation, images, outcomes))
    while True:
        work = Work(Draft(), situation, images, outcomes, ways=ways)
        add_image_steps(work.draft, situation, images)
        add_network_steps(work.draft, situation, around)
        add_volume_steps(work.draft, situation, around)
        add_container_steps(work)
        order_containers(work)
        bind_together(work)
        less = without_circles(ways, work.draft.in_circles()) if ways.start_first or ways.rollouts else ways
        if less == ways:
            return work
        ways = less


def _images_in_use(situation: Situation, images: ImagePlan) -> list[Problem]:
    removed = [a for a, outcome in images.outcomes.items() if outcome.change.action is Action.REMOVE]
    return [problem for a in removed for problem in image_users(situation.desired.images[a], situation)]


def _too_new(situation: Situation) -> list[Problem]:
    api = situation.actual.engine.api_version
    found = []
    specs = [
        *((a, n.spec) for a, n in situation.desired.networks.items()),
        *((a, c.spec) for a, c in situation.desired.containers.items() if c.state != "absent"),
    ]
    for address, spec in specs:
        for path, needed in newer_fields(spec, api):
            version = situation.actual.engine.version
            message = f"`{'.'.join(path)}` needs API {needed}, and this engine ({version}) speaks {api}"
            hint = "leave it out, or upgrade the engine; it would drop the field without a word"
            found.append(Problem("field-too-new", message, address=str(address), hint=hint))
        own = situation.actual.engine.system
        for name, system in foreign_fields(spec, own):
            message = f"`{name}` is for engines on {system}, and this one runs on {own}"
            found.append(Problem("field-of-another-system", message, address=str(address), hint="leave it out"))
    return found


def _unknown_targets(situation: Situation) -> list[Problem]:
    desired = situation.desired
    known = {*desired.addresses, *situation.owned}
    found = []
    for target in (*situation.options.targets, *situation.options.replace):
        if not any(target.covers(address) for address in known):
            names = ", ".join(str(address) for address in sorted(known) if address.kind is target.kind) or "none"
            hint = f"the {target.kind} addresses are: {names}"
            message = f"{target} is not declared in project {desired.project}"
            found.append(Problem("unknown-address", message, hint=hint))
    return found


def _wanted(situation: Situation, outcomes: Mapping[Address, ContainerOutcome]) -> set[Address] | None:
    "the targets, what they need, and what they drag along; None where there is no target"
    targets = situation.options.targets
    if not targets:
        return None
    every = {*situation.desired.addresses, *outcomes}
    found = {address for address in every if covered(address, targets)}
    queue = list(found)
    while queue:
        for other in _needed(queue.pop(), situation) - found:
            found.add(other)
            queue.append(other)
    for address, container in situation.desired.containers.items():
        dragged = outcomes.get(address)
        bound = any(d.on in found for d in container.dependencies)
        if bound and dragged is not None and dragged.change.code in _DRAGGED:
            found.add(address)
    return found


_DRAGGED = frozenset(
    {
        Reason.NAMESPACE_OWNER_REPLACED,
        Reason.NAMESPACE_OWNER_RESTARTED,
        Reason.LINK_TARGET_REPLACED,
        Reason.VOLUMES_FROM_CHANGED,
        Reason.DEPENDENCY_REPLACED,
    }
)


def _needed(address: Address, situation: Situation) -> set[Address]:
    desired = situation.desired
    image = desired.images.get(address)
    if image is not None:
        by_reference = {other.reference: other for other in desired.images.values()}
        bases = {base.address for base in bases_of(image, by_reference)}
        return bases if image.absent else bases | needed_registries(image, desired)
    container = desired.containers.get(address)
    if container is None or container.state == "absent":
        return set()
    mounted = {mount.source for mount in container.spec.volumes if mount.type == "volume"}
    return {
        container.image,
        *(dependence.on for dependence in container.dependencies),
        *(a for a, network in desired.networks.items() if network.name in container.networks),
        *(a for a, volume in desired.volumes.items() if volume.name in mounted),
    }


def _narrowed_images(images: ImagePlan, wanted: set[Address]) -> dict[Address, ImageOutcome]:
    return {address: outcome for address, outcome in images.outcomes.items() if address in wanted}
