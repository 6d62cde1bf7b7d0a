"""Images by digest: which references of a project need one, and its images with the digests that a lock file has.

Takes images as they are desired, gives references, or the same images fixed. What is loaded, imported or built here has
no digest before it is there, and what is never pulled is whatever the engine has; a reference that holds a digest, or
is an id, needs no other one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import Built, DesiredImage, Locked, Pull
from dockerdecl.resources.image.reference import parse

Images = Mapping[Address, DesiredImage]


def lockable(images: Images) -> dict[str, tuple[Address, ...]]:
    """The references that a registry is asked for, in their familiar form, each with the images that need it."""
    return _by_reference(_needed(images))


def tagged(images: Images) -> dict[str, tuple[Address, ...]]:
    """The references with a tag that come from a registry, as `lockable`; a digest may stand behind the tag."""
    found = _by_reference(_from_registries(images))
    return {text: addresses for text, addresses in found.items() if parse(text).tag is not None}


def with_digests(images: Images, digests: Mapping[str, str]) -> dict[Address, DesiredImage]:
    """The same, where every image and base that has a digest here is the one of that digest."""
    needed = _needed(images)
    return {
        address: _locked(image, {r: by_digest(r, digests[r]) for r in needed[address] if r in digests})
        for address, image in images.items()
    }


def by_digest(reference: str, digest: str) -> str:
    """The reference that means an image by its digest alone."""
    return f"{parse(reference).familiar_name}@{digest}"


def _by_reference(references: Mapping[Address, tuple[str, ...]]) -> dict[str, tuple[Address, ...]]:
    found: dict[str, list[Address]] = {}
    for address, named in sorted(references.items()):
        for reference in named:
            found.setdefault(reference, []).append(address)
    return {reference: tuple(addresses) for reference, addresses in sorted(found.items())}


def _needed(images: Images) -> dict[Address, tuple[str, ...]]:
    named = _from_registries(images)
    return {address: tuple(text for text in references if _moves(text)) for address, references in named.items()}


def _from_registries(images: Images) -> dict[Address, tuple[str, ...]]:
    others = frozenset(image.reference for image in images.values() if not _is_pulled(image))
    return {address: _references(image, others) for address, image in images.items()}


def _references(image: DesiredImage, others: frozenset[str]) -> tuple[str, ...]:
    named: set[str] = set()
    if _is_pulled(image):
        named = {image.reference}
    elif isinstance(image.source, Built):
        named = {parse(base).familiar for base in image.source.bases} - others
    return () if image.absent else tuple(sorted(named))


def _is_pulled(image: DesiredImage) -> bool:
    return isinstance(image.source, Pull) and image.source.policy != "never"


def _moves(text: str) -> bool:
    reference = parse(text)
    return reference.digest is None and not reference.is_id


def _locked(image: DesiredImage, known: Mapping[str, str]) -> DesiredImage:
    match image.source:
        case Pull() if known:
            return replace(image, source=Locked(known[image.reference]))
        case Built(bases=bases) as built if known:
            by_base = {base: known[parse(base).familiar] for base in bases if parse(base).familiar in known}
            return replace(image, source=replace(built, locked=by_base))
    return image
