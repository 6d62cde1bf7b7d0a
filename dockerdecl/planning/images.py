"""What happens to images, and what that means for the containers made from them.

Takes desired images and what the engine has; gives a change for each, and the ids that its reference will mean
afterwards, as far as that can be known without doing it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, assert_never

from dockerdecl.errors import Problem
from dockerdecl.planning.mirrors import origin_note, plan_mirror
from dockerdecl.planning.pushing import registry_notes, unpushed
from dockerdecl.planning.values import Action, Change, FieldChange, Note, Reason, Situation
from dockerdecl.resources.actual import Actual, LiveImage
from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import Built, Desired, DesiredImage, Import, Load, Locked, Mirrored, Pinned, Pull
from dockerdecl.resources.image.platform import same_platform
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import BUILD, json_label
from dockerdecl.resources.rows import version_key
from dockerdecl.values import dataclass

_IMPORTS_FOR_A_PLATFORM = (1, 45)  # measured: 20.10 makes every import one for its own platform, 26.1 does not
UNKNOWN_ID = "(known when it is there)"

_INHERITED = (
    *("Env", "Cmd", "Entrypoint", "WorkingDir", "User", "Labels", "ExposedPorts", "Volumes"),
    *("StopSignal", "Healthcheck", "OnBuild", "Shell"),
)


@dataclass(frozen=True, slots=True)
class ImageOutcome:
    """What becomes of an image.

    `ids` are those that its reference may mean afterwards; empty where only doing it tells. `existing` is an image
    that is on the engine already and only needs the reference. `config` is what its containers will inherit, None
    where that is not known yet. `push` are the references that its registry is sent then.
    """

    change: Change
    ids: frozenset[str] = frozenset()
    existing: str | None = None
    config: Mapping[str, Any] | None = None
    push: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """The outcome of every image, and what is worth saying about them."""

    outcomes: Mapping[Address, ImageOutcome]
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


def import_message(changes: tuple[str, ...]) -> str:
    """What an import leaves as the image's comment, so that its `changes` can be told from the image."""
    digest = hashlib.sha256(json.dumps(changes).encode()).hexdigest()[:32]
    return f"dockerdecl import {digest}"


def build_label(source: Built, base_ids: Mapping[str, str]) -> str:
    """The label that tells what an image was built from: the inputs by digest, the bases by id, and by their digest
    in a registry where that was given.
    """
    told = {"digest": source.digest, "bases": dict(base_ids), "locked": dict(source.locked)}
    return json.dumps({k: v for k, v in told.items() if v or k != "locked"}, sort_keys=True, separators=(",", ":"))


def image_ids(plan: ImagePlan, desired: Desired) -> dict[str, str]:
    """The id that each desired image's reference means in the end; words that equal no id where only doing it tells."""
    return {
        desired.images[address].reference: next(iter(outcome.ids)) if len(outcome.ids) == 1 else UNKNOWN_ID
        for address, outcome in plan.outcomes.items()
    }


def plan_images(situation: Situation) -> ImagePlan:
    """The outcome of every desired image; bases come before what is built on them."""
    desired, actual = situation.desired, situation.actual
    outcomes: dict[Address, ImageOutcome] = {}
    notes: list[Note] = []
    problems: list[Problem] = []
    for image in bases_first(desired):
        live = actual.image(image.reference)
        if image.absent:
            outcomes[image.address] = ImageOutcome(_absent(image, actual))
            continue
        asked = situation.asked_for(image.address)
        rebased = _changing_bases(image, situation, outcomes)
        outcome = _outcome(image, live, actual, rebased)
        if asked and not isinstance(image.source, Pull | Locked) and outcome.change.action is Action.NONE:
            change = Change(image.address, Action.REPLACE, Reason.ASKED_FOR, "made anew as asked for")
            outcome = ImageOutcome(change, outcome.ids if isinstance(image.source, Load) else frozenset())
        outcomes[image.address] = _with_push(image, outcome, live, actual)
        notes += registry_notes(image, live, actual)
        if isinstance(image.source, Mirrored) and (note := origin_note(image, image.source, actual)):
            notes.append(note)
        if isinstance(image.source, Pull) and image.source.policy == "never" and live is None and not outcome.existing:
            problems.append(_missing(image))
        if isinstance(image.source, Pinned) and not outcome.ids:
            problems.append(image_gone(image.address, image.reference, image.source))
    return ImagePlan(outcomes, tuple(notes), tuple(problems))


def bases_first(desired: Desired) -> list[DesiredImage]:
    """The desired images, each after those that it is built from."""
    by_reference = {image.reference: image for image in desired.images.values()}
    ordered: dict[Address, DesiredImage] = {}

    def visit(image: DesiredImage, above: frozenset[Address]) -> None:
        if image.address in ordered or image.address in above:
            return
        for base in bases_of(image, by_reference):
            visit(base, above | {image.address})
        ordered[image.address] = image

    for address in sorted(desired.images):
        visit(desired.images[address], frozenset())
    return list(ordered.values())


def bases_of(image: DesiredImage, by_reference: Mapping[str, DesiredImage]) -> list[DesiredImage]:
    """The declared images that this one is built from."""
    if not isinstance(image.source, Built):
        return []
    references = (parse(base).familiar for base in image.source.bases)
    return [by_reference[reference] for reference in references if reference in by_reference]


def _changing_bases(image: DesiredImage, situation: Situation, outcomes: Mapping[Address, ImageOutcome]) -> list[str]:
    by_reference = {other.reference: other for other in situation.desired.images.values()}
    actual = situation.actual
    bases = (base for base in bases_of(image, by_reference) if base.address in outcomes)
    return [str(base.address) for base in bases if _changes(outcomes[base.address], base, actual)]


def _changes(outcome: ImageOutcome, image: DesiredImage, actual: Actual) -> bool:
    "whether its reference will mean another image: not where it is only pushed, or gets further references"
    stays = outcome.existing is not None and outcome.existing == actual.id_of(image.reference)
    return outcome.change.action is not Action.NONE and not stays


def _missing(image: DesiredImage) -> Problem:
    return Problem(
        "image-missing",
        f"the image {image.reference} is not on the engine, and its `pull` is `never`",
        address=str(image.address),
        hint="load or pull it first, or set `pull: missing`",
    )


def image_gone(address: object, reference: str, source: Pinned) -> Problem:
    """That an image can't be had again."""
    return Problem(
        "image-gone",
        f"the image that {reference} was ({source.id[:19]}) is no longer on the engine, and no registry had it",
        address=str(address),
        hint="load or build it again, or go back to another revision",
    )


def _outcome(image: DesiredImage, live: LiveImage | None, actual: Actual, rebased: list[str]) -> ImageOutcome:
    match image.source:
        case Pull():
            outcome = _pulled(image, live, actual)
        case Mirrored() as source:
            outcome = _mirrored(image, source, actual)
        case Load() as source:
            match = next((i for i in actual.images.values() if i.id in source.ids), None)
            if match is None and live is not None and _looks_the_same(live, source):
                match = live
            outcome = _from_file(image, live, match, source.path, source.ids)
            outcome = replace(outcome, config=source.config) if not outcome.config and source.config else outcome
        case Import(path=path, layer=layer, changes=changes):
            message = import_message(changes)
            candidates = [live, *actual.images.values()] if live else list(actual.images.values())
            match = next((i for i in candidates if i.layers == (layer,) and i.comment == message), None)
            outcome = _from_file(image, live, match, path, frozenset())
        case Built() as source:
            outcome = _built(image, live, actual, source, rebased)
        case Pinned() as source:
            outcome = _pinned(image, live, actual, source)
        case Locked(digest=digest):
            outcome = _by_digest(image, live, actual, digest)
        case _ as never:
            assert_never(never)
    if not isinstance(image.source, Import) or version_key(actual.engine.api_version) >= _IMPORTS_FOR_A_PLATFORM:
        outcome = _of_platform(image, live, outcome)
    return _with_tags(image, outcome, actual)


def _of_platform(image: DesiredImage, live: LiveImage | None, outcome: ImageOutcome) -> ImageOutcome:
    "an image of another platform than the declared one; a containerd store holds several, and shows one of them"
    wanted, held = image.platform, live.platform if live is not None and not _of_manifest(live) else ""
    stays = outcome.change.action is Action.NONE and not isinstance(image.source, Load)
    if not stays or not wanted or not held or same_platform(wanted, held):
        return outcome
    fields = (FieldChange(("platform",), held, wanted, forces="update"),)
    reason = f"{image.reference} is there for {held}"
    return ImageOutcome(Change(image.address, Action.UPDATE, Reason.PLATFORM_DIFFERS, reason, fields))


def _looks_the_same(live: LiveImage, source: Load) -> bool:
    return _of_manifest(live) and live.layers == source.layers and _inherited(live.config) == _inherited(source.config)


def _of_manifest(live: LiveImage) -> bool:
    "an id in its own digests is that of a manifest, which the containerd store makes itself where an archive has none"
    return any(known.endswith(f"@{live.id}") for known in live.digests)


def _inherited(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: config[key] for key in _INHERITED if config.get(key)}


def _pulled(image: DesiredImage, live: LiveImage | None, actual: Actual) -> ImageOutcome:
    if live is None:
        reason = f"{image.reference} is not on the engine"
        return _lost(image, Change(image.address, Action.CREATE, Reason.MISSING, reason), actual)
    digest = actual.registry_digests.get(image.reference)
    if isinstance(digest, str) and not any(known.endswith(digest) for known in live.digests):
        before = next(iter(sorted(known.rpartition("@")[2] for known in live.digests)), None)
        moved = FieldChange(("digest",), before, digest, forces="update")
        reason = "the registry has another image under this tag"
        return ImageOutcome(Change(image.address, Action.UPDATE, Reason.IMAGE_OUTDATED, reason, (moved,)))
    return _kept(image, live)


def _mirrored(image: DesiredImage, source: Mirrored, actual: Actual) -> ImageOutcome:
    change, held = plan_mirror(image, source, actual)
    if held is None:
        return ImageOutcome(change)
    existing = None if change.action is Action.NONE else held.id
    return ImageOutcome(change, frozenset({held.id}), existing=existing, config=held.config or None)


def _lost(image: DesiredImage, change: Change, actual: Actual) -> ImageOutcome:
    """What is known of a reference that the engine hasn't got, from the containers that were made under it.

    Where those hold the image still, only its name was lost, and what is there is what `missing` takes. A digest is no
    name that could be given back, so it is pulled, but it means no other image than before.
    """
    reference = parse(image.reference)
    ids = frozenset(c.image_id for c in actual.containers if c.raw and parse(c.image_name) == reference)
    held = actual.images.get(next(iter(ids))) if len(ids) == 1 else None
    if reference.digest:
        return ImageOutcome(change, ids, config=held.config if held else None)
    if held is None or (isinstance(image.source, Pull) and image.source.policy == "always"):
        return ImageOutcome(change)
    return ImageOutcome(change, ids, existing=held.id, config=held.config)


def _kept(image: DesiredImage, live: LiveImage) -> ImageOutcome:
    change = Change(image.address, Action.NONE, Reason.NONE, "is as declared")
    return ImageOutcome(change, frozenset({live.id}), config=live.config)


def _from_file(
    image: DesiredImage, live: LiveImage | None, match: LiveImage | None, path: str, ids: frozenset[str]
) -> ImageOutcome:
    if live is not None and match is not None and (live.id == match.id or live.id in ids):
        return _kept(image, live)
    action, code = (Action.CREATE, Reason.MISSING) if live is None else (Action.UPDATE, Reason.SOURCE_CHANGED)
    name = path.rpartition("/")[2]
    if live is None:
        reason = f"{image.reference} is not on the engine"
    else:
        reason = f"{image.reference} is another image than the one in {name}"
    change = Change(image.address, action, code, reason)
    if match is not None:
        return ImageOutcome(change, frozenset({match.id}), existing=match.id, config=match.config)
    return ImageOutcome(change, ids)


def _built(
    image: DesiredImage, live: LiveImage | None, actual: Actual, source: Built, rebased: list[str]
) -> ImageOutcome:
    if rebased:
        action = Action.CREATE if live is None else Action.UPDATE
        reason = f"it is built from {', '.join(rebased)}, which changes"
        return ImageOutcome(Change(image.address, action, Reason.BASE_CHANGED, reason))
    if live is None:
        match = next((i for i in actual.images.values() if not _build_differs(i, source, actual)), None)
        change = Change(image.address, Action.CREATE, Reason.MISSING, f"{image.reference} is not on the engine")
        if match is None:
            return ImageOutcome(change)
        return ImageOutcome(change, frozenset({match.id}), existing=match.id, config=match.config)
    differs = _build_differs(live, source, actual)
    if differs is None:
        return _kept(image, live)
    return ImageOutcome(Change(image.address, Action.UPDATE, *differs))


def _pinned(image: DesiredImage, live: LiveImage | None, actual: Actual, source: Pinned) -> ImageOutcome:
    if live is not None and _is(live, source):
        return _kept(image, live)
    action = Action.CREATE if live is None else Action.UPDATE
    reason = f"{image.reference} is {'not on the engine' if live is None else 'another image than it was then'}"
    change = Change(image.address, action, Reason.REVISION_DIFFERS, reason)
    match = next((one for one in actual.images.values() if _is(one, source)), None)
    if match is not None:
        return ImageOutcome(change, frozenset({match.id}), existing=match.id, config=match.config)
    return ImageOutcome(change, frozenset({source.id}) if source.digests else frozenset())


def _by_digest(image: DesiredImage, live: LiveImage | None, actual: Actual, digest: str) -> ImageOutcome:
    if live is not None and has_digest(live, digest):
        return _kept(image, live)
    if live is None:
        change = Change(image.address, Action.CREATE, Reason.MISSING, f"{image.reference} is not on the engine")
    else:
        before = next(iter(sorted(known.rpartition("@")[2] for known in live.digests)), None)
        moved = FieldChange(("digest",), before, digest.rpartition("@")[2], forces="update")
        reason = f"{image.reference} is another image than the lock file says"
        change = Change(image.address, Action.UPDATE, Reason.LOCK_DIFFERS, reason, (moved,))
    match = image_of_digest(actual, digest, image.platform)
    if match is None:
        return ImageOutcome(change)
    return ImageOutcome(change, frozenset({match.id}), existing=match.id, config=match.config)


def image_of_digest(actual: Actual, digest: str, platform: str | None) -> LiveImage | None:
    """The image on the engine that has a digest, for the platform that is wanted, if any is."""
    found = (image for _, image in sorted(actual.images.items()) if has_digest(image, digest))
    return next((i for i in found if not platform or not i.platform or same_platform(platform, i.platform)), None)


def has_digest(live: LiveImage, digest: str) -> bool:
    """Whether an image has a digest, in whatever repository: it says what is in the image."""
    return any(known.rpartition("@")[2] == digest.rpartition("@")[2] for known in live.digests)


def _is(live: LiveImage, source: Pinned) -> bool:
    return live.id == source.id or bool({*live.digests} & {*source.digests})


def _build_differs(live: LiveImage, source: Built, actual: Actual) -> tuple[Reason, str] | None:
    made_of = json_label(live.config.get("Labels"), BUILD)
    bases = made_of.get("bases")
    if made_of.get("digest") != source.digest:
        return Reason.SOURCE_CHANGED, "its context, Dockerfile or arguments changed"
    known = bases if isinstance(bases, dict) else {}
    for base in source.bases:
        if base in source.locked:
            if not _built_upon(base, source.locked[base], made_of, actual):
                return Reason.BASE_CHANGED, f"it was built upon another {base} than the lock file says"
            continue
        now = actual.image(parse(base).familiar)
        if now is not None and known.get(base) != now.id:
            return Reason.BASE_CHANGED, f"its base {base} is another image now"
    return None


def _built_upon(base: str, digest: str, made_of: Mapping[str, Any], actual: Actual) -> bool:
    "by the digest that it was built with, or where it was built with none, by the id that the base of that digest has"
    locked, ids = ({**told} if isinstance(told := made_of.get(word), dict) else {} for word in ("locked", "bases"))
    there = image_of_digest(actual, digest, None)
    return locked.get(base) == digest or (there is not None and ids.get(base) == there.id)


def _with_tags(image: DesiredImage, outcome: ImageOutcome, actual: Actual) -> ImageOutcome:
    "an image that stays, but lacks some of its further references"
    if outcome.change.action is not Action.NONE:
        return outcome
    missing = [tag for tag in image.tags if actual.id_of(tag) not in outcome.ids]
    if not missing:
        return outcome
    fields = tuple(FieldChange(("tags", tag), None, tag, forces="update") for tag in missing)
    change = Change(image.address, Action.UPDATE, Reason.TAGS_DIFFER, "further references are missing", fields)
    return ImageOutcome(change, outcome.ids, existing=next(iter(outcome.ids)), config=outcome.config)


def _with_push(image: DesiredImage, outcome: ImageOutcome, live: LiveImage | None, actual: Actual) -> ImageOutcome:
    "an image that is made is sent afterwards; one that stays, where its registry hasn't got it"
    if outcome.change.action is not Action.NONE or live is None:
        return replace(outcome, push=image.pushed)
    found = unpushed(image, live, actual)
    if found is None:
        return outcome
    change = Change(image.address, Action.UPDATE, found.code, found.reason, found.fields)
    return replace(outcome, change=change, existing=live.id, push=found.references)


def _absent(image: DesiredImage, actual: Actual) -> Change:
    if any(actual.image(reference) for reference in (image.reference, *image.tags)):
        return Change(image.address, Action.REMOVE, Reason.DECLARED_ABSENT, "is declared absent")
    return Change(image.address, Action.NONE, Reason.NONE, "is absent, as declared")
