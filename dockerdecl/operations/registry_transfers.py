"""Images pulled from their registries and pushed to them by hand, by address or reference.

Takes an engine and what the manifest declares; gives, image by image, the digest that it has in its registry. One that
fails does not keep the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from dockerdecl.engine.calls import images
from dockerdecl.engine.credentials import registry_auth
from dockerdecl.errors import ExitCode, fail
from dockerdecl.operations.archives import choose_images
from dockerdecl.resources.desired import Desired, DesiredImage, Locked, Mirrored, Pinned, Pull
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.schemas import documented
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine
    from dockerdecl.engine.progress import OnProgress

FORMAT: Literal["dockerdecl/transfers/v1"] = "dockerdecl/transfers/v1"


@documented
class TransferDocument(TypedDict):
    """An image that was pulled or pushed."""

    address: str | None
    """Its address in the manifest; null for a reference that it does not declare."""
    reference: str
    """Its reference."""
    digest: str | None
    """The digest that it has in the registry; null where the engine does not tell."""


@documented
class TransfersDocument(TypedDict):
    """What was pulled or pushed."""

    format: Literal["dockerdecl/transfers/v1"]
    """The format of this document."""
    verb: Literal["pull", "push"]
    """Which way it went."""
    images: list[TransferDocument]
    """The images, those that failed left out."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A reference to pull or push."""

    reference: str
    address: str | None = None
    platform: str | None = None


def to_pull(words: Sequence[str], declared: Desired | None) -> tuple[Transfer, ...]:
    """What `words` mean, or all that the manifest has from registries. Raises `nothing-to-transfer` and the like."""
    declares = _declared(declared)
    if not words:
        chosen = [image for image in declares.values() if _has_registry(image)]
        if not chosen:
            raise _nothing("pull", "the manifest declares no image that comes from a registry")
        return tuple(_transfer(image, image.reference) for image in chosen)
    found = []
    for image in choose_images(words, declared):
        own = declares.get(image.label)
        found.append(_transfer(own, own.reference) if own else Transfer(parse_named(image.references[0])))
    return tuple(found)


def to_push(words: Sequence[str], declared: Desired | None) -> tuple[Transfer, ...]:
    """What `words` mean, or all that the manifest says is pushed. Raises `nothing-to-transfer` and the like."""
    declares = _declared(declared)
    if not words:
        chosen = [_transfer(image, reference) for image in declares.values() for reference in image.pushed]
        if not chosen:
            raise _nothing("push", "the manifest declares no image with `push: true` or `mirror`")
        return tuple(chosen)
    found = []
    for image in choose_images(words, declared):
        own = declares.get(image.label)
        references = (own.pushed or (own.reference,)) if own else (parse_named(image.references[0]),)
        found += [Transfer(reference, str(own.address) if own else None) for reference in references]
    return tuple(found)


def pull(engine: Engine, transfer: Transfer, environ: Mapping[str, str], on_progress: OnProgress) -> TransferDocument:
    """Pull one image; gives its digest."""
    auth = registry_auth(transfer.reference, environ)
    images.pull(engine, transfer.reference, auth, on_progress=on_progress, platform=transfer.platform)
    found = images.inspect_image(engine, transfer.reference) or {}
    name = parse(transfer.reference).familiar_name
    digests = (text.rpartition("@") for text in found.get("RepoDigests") or ())
    return _document(transfer, next((digest for known, _, digest in digests if known == name), None))


def push(engine: Engine, transfer: Transfer, environ: Mapping[str, str], on_progress: OnProgress) -> TransferDocument:
    """Push one image; gives the digest that the registry has it under."""
    auth = registry_auth(transfer.reference, environ)
    return _document(transfer, images.push(engine, transfer.reference, auth, on_progress) or None)


def transfers_document(verb: Literal["pull", "push"], done: Iterable[TransferDocument]) -> TransfersDocument:
    """What was pulled or pushed, as JSON."""
    return {"format": FORMAT, "verb": verb, "images": [*done]}


def parse_named(text: str) -> str:
    """A reference in its familiar form. Raises `reference-invalid`, also for an id, which no registry knows."""
    from dockerdecl.engine.references import named_reference

    return named_reference(text).familiar


def _declared(declared: Desired | None) -> dict[str, DesiredImage]:
    known = declared.images if declared else {}
    return {str(address): known[address] for address in sorted(known) if not known[address].absent}


def _has_registry(image: DesiredImage) -> bool:
    never = isinstance(image.source, Pull) and image.source.policy == "never"
    return isinstance(image.source, Pull | Mirrored | Pinned | Locked) and not never


def _transfer(image: DesiredImage, reference: str) -> Transfer:
    return Transfer(reference, str(image.address), image.platform)


def _document(transfer: Transfer, digest: str | None) -> TransferDocument:
    return {"address": transfer.address, "reference": transfer.reference, "digest": digest}


def _nothing(verb: str, message: str) -> Exception:
    hint = f"name what to {verb}: an address, or a reference such as registry.local:5000/shop/web:1.4"
    return fail("nothing-to-transfer", message, hint=hint, exit_code=ExitCode.FAILED)
