"""What registries have that is newer than what a manifest names: tags that moved, and newer tags of the same form.

Takes a request, gives a document, and the problems of registries that could not be asked. Changes and pulls nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace

from dockerdecl.engine.calls.images import list_images
from dockerdecl.engine.client import Engine
from dockerdecl.engine.connection import connect
from dockerdecl.errors import DockerdeclError, ExitCode, Problem
from dockerdecl.locking.asking import side_by_side
from dockerdecl.locking.lock import chosen, read_present
from dockerdecl.reconcile import Request
from dockerdecl.registry.opening import registry_for
from dockerdecl.resources.address import Address
from dockerdecl.resources.image.reference import Reference, parse
from dockerdecl.resources.image.versions import newer_tags, version_of
from dockerdecl.resources.lock_documents import OUTDATED_FORMAT, OutdatedDocument, OutdatedImageDocument
from dockerdecl.resources.locked import tagged
from dockerdecl.values import dataclass

_Repository = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Outdated:
    """What was found, what is to be told of the manifest, and which registries could not be asked."""

    document: OutdatedDocument
    warnings: tuple[Problem, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What a registry has: the digest of every tag that was asked for, None where it lacks one; and its tags."""

    digests: Mapping[str, str | None]
    tags: tuple[str, ...] = ()


def outdated(request: Request, names: tuple[str, ...] = ()) -> Outdated:
    """What is newer than the images of a manifest, all or those that `names` mean.

    What is taken now is what the lock file says, where there is one, else what the engine has. Raises DockerdeclError
    where the manifest, the lock file or the engine stands in the way; an engine that nothing is asked of may be away.
    """
    there = read_present(request)
    wanted = tagged(there.manifest.every_image())
    if names:
        meant = chosen(names, wanted, there.manifest)
        wanted = {reference: addresses for reference, addresses in wanted.items() if reference in meant}
    locked = there.digests or {}
    with ExitStack() as held:
        engine = _engine(request, held, needed=any(_fixed(parse(text), locked) is None for text in wanted))
        local = _local(engine) if engine else {}
        answers = _ask(request, engine, map(parse, wanted))
    images: list[OutdatedImageDocument] = []
    problems: dict[Problem, None] = {}
    for text, addresses in wanted.items():
        reference = parse(text)
        answer = answers[reference.registry, reference.repository]
        if isinstance(answer, Problem):
            where, line = there.manifest.where(str(addresses[0]))
            problems[replace(answer, address=str(addresses[0]), where=where, line=line)] = None
        images.append(_image(reference, addresses, _current(reference, locked, local), answer))
    document: OutdatedDocument = {
        "format": OUTDATED_FORMAT,
        "outdated": any(image["outdated"] for image in images),
        "images": images,
    }
    return Outdated(document, there.manifest.warnings, tuple(problems))


def _engine(request: Request, held: ExitStack, *, needed: bool) -> Engine | None:
    try:
        return held.enter_context(connect(request.host, request.context, request.environ))
    except DockerdeclError as error:
        if needed or error.exit_code is not ExitCode.UNREACHABLE:
            raise
        return None


def _local(engine: Engine) -> dict[str, tuple[str, ...]]:
    "by familiar reference, the digests that the image has which it means on the engine"
    found: dict[str, tuple[str, ...]] = {}
    for raw in list_images(engine):
        digests = tuple(sorted(text.partition("@")[2] for text in raw.get("RepoDigests") or () if "<none>" not in text))
        found |= {parse(tag).familiar: digests for tag in raw.get("RepoTags") or () if "<none>" not in tag}
    return found


def _fixed(reference: Reference, locked: Mapping[str, str]) -> str | None:
    return reference.digest or locked.get(reference.familiar)


def _current(
    reference: Reference, locked: Mapping[str, str], local: Mapping[str, tuple[str, ...]]
) -> tuple[str | None, tuple[str, ...]]:
    "what tells which image is taken now, and the digests that it has"
    fixed = _fixed(reference, locked)
    if fixed is not None:
        return "manifest" if reference.digest else "lock", (fixed,)
    digests = local.get(reference.familiar, ())
    return "engine" if digests else None, digests


def _ask(request: Request, engine: Engine | None, references: Iterable[Reference]) -> dict[_Repository, Held | Problem]:
    by_repository: dict[_Repository, set[str]] = {}
    for reference in references:
        by_repository.setdefault((reference.registry, reference.repository), set()).add(reference.tag or "")
    asked = [*by_repository]
    held = side_by_side(lambda repository: _held(request, engine, *repository, by_repository[repository]), asked)
    return dict(zip(asked, held, strict=True))


def _held(request: Request, engine: Engine | None, name: str, repository: str, tags: set[str]) -> Held | Problem:
    try:
        with registry_for(name, request.environ, engine) as registry:
            digests = {tag: registry.digest(repository, tag) for tag in sorted(tags)}
            listed = registry.tags(repository) if any(map(version_of, tags)) else ()
            return Held(digests, tuple(listed))
    except DockerdeclError as error:
        return error.problems[0]


def _image(
    reference: Reference,
    addresses: tuple[Address, ...],
    current: tuple[str | None, tuple[str, ...]],
    answer: Held | Problem,
) -> OutdatedImageDocument:
    tag, (known_by, digests) = reference.tag or "", current
    held = Held({}) if isinstance(answer, Problem) else answer
    now, newer = held.digests.get(tag), newer_tags(tag, held.tags)
    moved = now not in digests if now and digests else None
    return {
        "reference": reference.familiar,
        "repository": reference.familiar_name,
        "tag": tag,
        "addresses": [str(address) for address in addresses],
        "digest": now if moved is False else next(iter(digests), None),
        "known_by": known_by,
        "registry_digest": now,
        "moved": moved,
        "patch": newer.patch,
        "minor": newer.minor,
        "major": newer.major,
        "outdated": bool(moved or newer.patch or newer.minor or newer.major),
        "error": answer.message if isinstance(answer, Problem) else None,
    }
