"""The steps for images, networks and volumes. What they need of containers is only named: a network goes after those
that hold it have left, an image after the containers made from it.
"""

from __future__ import annotations

from dockerdecl.planning.compare import claims
from dockerdecl.planning.images import ImageOutcome, ImagePlan, image_of_digest, import_message
from dockerdecl.planning.mirrors import fetched_from, fetched_names
from dockerdecl.planning.steps.draft import Draft, Key, forget, removals
from dockerdecl.planning.surroundings import live_network
from dockerdecl.planning.values import Action, Change, Situation
from dockerdecl.planning.verbs import (
    BuildImage,
    CreateNetwork,
    CreateVolume,
    ImportImage,
    LoadImage,
    Payload,
    PullImage,
    PushImage,
    RemoveImage,
    RemoveNetwork,
    RemoveVolume,
    TagImage,
)
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.desired import Built, DesiredImage, Import, Load, Locked, Mirrored, Pinned, Pull
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import CLAIMS, owned_address, ownership_labels
from dockerdecl.resources.rows import Raw
from dockerdecl.resources.spec import Spec, write

_SHORT = len("sha256:") + 12


def add_image_steps(draft: Draft, situation: Situation, images: ImagePlan) -> None:
    """Making and removing images. An image's last step has the part `ready`."""
    for address, outcome in images.outcomes.items():
        image = situation.desired.images[address]
        match outcome.change.action:
            case Action.CREATE | Action.UPDATE | Action.REPLACE:
                _make(draft, image, outcome, situation)
            case Action.REMOVE:
                remove_image(draft, image, situation)


def _make(draft: Draft, image: DesiredImage, outcome: ImageOutcome, situation: Situation) -> None:
    address = str(image.address)
    last: list[Key] = []
    if outcome.existing is None:
        payload, text = _making(image, situation)
        if isinstance(payload, PullImage) and payload.reference != image.reference:
            last = [draft.add((address, "fetch"), payload, text)]
            payload, text = _tagging(payload.reference, image.reference)
        last += _locked_bases(draft, image, situation)
        last = [draft.add((address, "make"), payload, text, [*last, *_bases(image, situation)])]
    elif situation.actual.id_of(image.reference) != outcome.existing:
        last = [draft.add((address, "make"), *_tagging(outcome.existing, image.reference))]
    for tag in image.tags:
        tagged = outcome.existing is not None and situation.actual.id_of(tag) == outcome.existing
        if not tagged:
            payload = TagImage(image.reference, tag)
            draft.add((address, f"tag:{tag}"), payload, f"tag {image.reference} as {tag}", last)
    for reference in outcome.push:
        needs = [*last, (address, f"tag:{reference}")]
        draft.add((address, f"push:{reference}"), PushImage(reference), f"push {reference}", needs)


def _making(image: DesiredImage, situation: Situation) -> tuple[Payload, str]:
    match image.source:
        case Pull():
            return PullImage(image.reference, image.platform), f"pull {image.reference}"
        case Mirrored() as source:
            reference = fetched_from(image, source, situation.actual)
            return PullImage(reference, image.platform), f"pull {reference}"
        case Load() as source:
            return LoadImage(image.reference, source), f"load {image.reference} from {_file(source.path)}"
        case Import() as source:
            message = import_message(source.changes)
            payload = ImportImage(image.reference, source, message, image.platform)
            return payload, f"import {_file(source.path)} as {image.reference}"
        case Pinned(digests=(digest, *_)) | Locked(digest=digest):
            return PullImage(digest, image.platform), f"pull {digest}"
        case Pinned():
            raise AssertionError("what no registry has is a problem of the plan")
        case Built() as source:
            return BuildImage(image.reference, source, image.platform), f"build {image.reference}"


def _tagging(image: str, reference: str) -> tuple[TagImage, str]:
    "an image by its id, or by what it was pulled as"
    return TagImage(image, reference), f"tag {image.rpartition('@')[2][:_SHORT]} as {reference}"


def _file(path: str) -> str:
    return path.rpartition("/")[2]


def _bases(image: DesiredImage, situation: Situation) -> list[Key]:
    if not isinstance(image.source, Built):
        return []
    references = {parse(base).familiar for base in image.source.bases}
    return [
        (str(other.address), "make") for other in situation.desired.images.values() if other.reference in references
    ]


def _locked_bases(draft: Draft, image: DesiredImage, situation: Situation) -> list[Key]:
    "what a build takes its bases from are their references, which are given to the images of the digests before"
    locked = image.source.locked if isinstance(image.source, Built) else {}
    declared = {other.reference for other in situation.desired.images.values()}
    found: list[Key] = []
    for base, digest in sorted(locked.items()):
        reference = parse(base).familiar
        there = image_of_digest(situation.actual, digest, image.platform)
        if reference in declared or (there is not None and situation.actual.id_of(reference) == there.id):
            continue
        fetch, key = _base_keys(draft, image, reference, digest)
        found.append(key)
        if key in draft.entries:
            continue
        if there is None:
            draft.add(fetch, PullImage(digest, image.platform), f"pull {digest}")
        draft.add(key, *_tagging(there.id if there else digest, reference), [fetch])
    return found


def _base_keys(draft: Draft, image: DesiredImage, reference: str, digest: str) -> tuple[Key, Key]:
    "a base that several builds have belongs to the first of them"
    part = f"base:{reference}:{digest}:{image.platform or ''}"
    owner = next((key[0] for key in draft.entries if key[1] == part), str(image.address))
    return (owner, f"fetch:{part}"), (owner, part)


def remove_image(draft: Draft, image: DesiredImage, situation: Situation) -> None:
    """Take an image's references away, after every container of the project that is made from it is gone."""
    for reference in (*image.tags, image.reference):
        live = situation.actual.image(reference)
        if live is None:
            continue
        owners = [
            (owned_address(c.labels, situation.project), c.name) for c in situation.actual.containers if c.uses(live)
        ]
        needs = [key for owner, name in owners if owner for key in removals(owner, name)]
        for name in (*fetched_names(image, live), reference):
            draft.add((str(image.address), f"remove:{name}"), RemoveImage(name), f"remove the image {name}", needs)


def labelled(body: Raw, spec: Spec, address: Address, project: str) -> Raw:
    """A network's or volume's request with the labels of ownership."""
    claimed = claims(spec)
    labels = {**(body.get("Labels") or {}), **ownership_labels(project, address)}
    return {**body, "Labels": {**labels, **({CLAIMS: claimed} if claimed else {})}}


def add_network_steps(draft: Draft, situation: Situation, changes: list[Change]) -> None:
    """Making, replacing and removing networks; a removal waits for everyone who holds the network."""
    for change in changes:
        if change.address.kind is not Kind.NETWORK:
            continue
        network = situation.desired.networks.get(change.address)
        address = str(change.address)
        if change.action in (Action.REMOVE, Action.REPLACE):
            owned = [
                n for n in situation.actual.networks if owned_address(n.labels, situation.project) == change.address
            ]
            live = (live_network(network, situation.actual, situation.project) if network else None) or owned[0]
            text, needs = f"remove the network {live.name}", _leaving(live.name, situation)
            if change.action is Action.REMOVE:
                needs += _replaced(live.name, situation) + _connecting(live.name, situation)
            forget(draft, address, live.labels, draft.add((address, "remove"), RemoveNetwork(live.id), text, needs))
        if change.action in (Action.CREATE, Action.REPLACE) and network is not None:
            body = labelled(write(network.spec, situation.context), network.spec, change.address, situation.project)
            body = {"Name": network.name, "CheckDuplicate": True, **body}
            draft.add(
                (address, "create"), CreateNetwork(body), f"create the network {network.name}", [(address, "remove")]
            )


def _leaving(name: str, situation: Situation) -> list[Key]:
    "only running containers hold a network (measured on 20.10, 26.1, 28.5)"
    found: list[Key] = []
    for live in situation.actual.containers:
        owner = owned_address(live.labels, situation.project)
        if owner is not None and name in live.networks:
            found += [(str(owner), part) for part in ("remove", f"remove:{live.name}")]
            leaves = ("stop", "stop-old", f"stop:{live.name}", f"disconnect:{name}", f"discard:{live.name}")
            found += [(str(owner), part) for part in leaves if live.running]
    return found


def _connecting(name: str, situation: Situation) -> list[Key]:
    "once it is gone, whoever was created on it can be connected to no other network (measured on 26.1)"
    others = {network.name for network in situation.desired.networks.values()}
    owners = (owned_address(c.labels, situation.project) for c in situation.actual.containers if c.network_mode == name)
    return [(str(owner), f"connect:{other}") for owner in owners if owner is not None for other in sorted(others)]


def _replaced(name: str, situation: Situation) -> list[Key]:
    "as long as a replacement can fail, the old one may be put back on its networks"
    owners = (
        owned_address(live.labels, situation.project) for live in situation.actual.containers if name in live.networks
    )
    return [(str(owner), "remove-old") for owner in owners if owner is not None]


def add_volume_steps(draft: Draft, situation: Situation, changes: list[Change]) -> None:
    """Making volumes, and removing those that were named for it, after every container that has them is gone."""
    for change in changes:
        if change.address.kind is not Kind.VOLUME or change.blocked:
            continue
        address = str(change.address)
        volume = situation.desired.volumes[change.address]
        if change.action in (Action.REMOVE, Action.REPLACE):
            remove_volume(draft, address, volume.name, situation)
        if change.action in (Action.CREATE, Action.REPLACE):
            body = labelled(write(volume.spec, situation.context), volume.spec, change.address, situation.project)
            body = {"Name": volume.name, **body}
            draft.add(
                (address, "create"), CreateVolume(body), f"create the volume {volume.name}", [(address, "remove")]
            )


def remove_volume(draft: Draft, address: str, name: str, situation: Situation) -> None:
    """Remove a volume after every container of the project that has it."""
    needs: list[Key] = []
    for live in situation.actual.containers:
        owner = owned_address(live.labels, situation.project)
        if owner is not None and name in live.volumes:
            needs += removals(owner, live.name)
    key = draft.add((address, "remove"), RemoveVolume(name), f"remove the volume {name} and its data", needs)
    forget(draft, address, situation.actual.volumes[name].labels, key)
