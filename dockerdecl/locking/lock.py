"""The lock file written, moved and checked.

Takes a request and which references are to move, gives a document of what became of every one. A registry is asked only
for what is new or to be moved, and the file is written only where all of them answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from dockerdecl.engine.connection import connect
from dockerdecl.errors import DockerdeclError, ExitCode, Problem
from dockerdecl.locking.digests import registry_digests
from dockerdecl.manifest.active_profiles import EVERY
from dockerdecl.manifest.explain import did_you_mean
from dockerdecl.manifest.lock_file import lock_file_of, read_lock, write_lock
from dockerdecl.manifest.manifest import Manifest
from dockerdecl.manifest.sources import display_name
from dockerdecl.reconcile import Request, validate
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.lock_documents import LOCK_FORMAT, LockDocument, LockedImageDocument
from dockerdecl.resources.resolve import Names
from dockerdecl.values import dataclass

Needed = Mapping[str, tuple[Address, ...]]


@dataclass(frozen=True, slots=True)
class Locked:
    """What became of a lock file, and what is to be told of the manifest."""

    document: LockDocument
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """A manifest for all profiles, where its lock file is and what it has; None where there is none."""

    manifest: Manifest
    path: Path
    digests: dict[str, str] | None


def lock(request: Request, *, update: bool = False, names: tuple[str, ...] = ()) -> Locked:
    """Bring the lock file up to date: new references get a digest, those that nothing needs go, others stay.

    With `update` they move to what their registries have now: all, or those that `names` mean. Raises DockerdeclError
    with all that could not be asked; the file is as it was then.
    """
    there = read_present(request)
    needed, before = there.manifest.lockable(), there.digests or {}
    moving = chosen(names, needed, there.manifest) if names else {*needed} if update else set()
    asked = {reference for reference in needed if reference not in before or reference in moving}
    after = {reference: before[reference] for reference in needed if reference in before}
    after |= _ask(request, asked, needed, there.manifest) if asked else {}
    written = after != there.digests
    if written:
        write_lock(there.path, after)
    return _told(request, there, after, written=written)


def check(request: Request) -> Locked:
    """Whether the lock file has what the manifest needs and nothing else; asks no registry, and writes nothing."""
    there = read_present(request)
    before = there.digests or {}
    return _told(request, there, {r: before.get(r) for r in there.manifest.lockable()}, written=False)


def chosen(names: Iterable[str], needed: Needed, manifest: Manifest) -> set[str]:
    """Those of the references that `names` mean: each is one, or the address or key of an image, or of a container.

    Raises DockerdeclError with every name that means none.
    """
    found: set[str] = set()
    problems: list[Problem] = []
    known = {**_by_container(manifest), **_by_image(needed)}
    for name in names:
        meant = {r for r, addresses in needed.items() if _is(name, r) or known.get(name) in addresses}
        found |= meant
        if not meant:
            hint = did_you_mean(name, known, f"there are {', '.join(needed) or 'none'}")
            problems.append(
                Problem("unknown-image", f"no image is called {name} that comes from a registry", hint=hint)
            )
    if problems:
        raise DockerdeclError(*problems, exit_code=ExitCode.FAILED)
    return found


def _by_image(needed: Needed) -> dict[str, Address]:
    every = {address for addresses in needed.values() for address in addresses}
    return {text: address for address in sorted(every) for text in (address.key, str(address))}


def _by_container(manifest: Manifest) -> dict[str, Address]:
    "the image of each container, by the container's key and address"
    declared, names = manifest.document.containers, Names(manifest.document)
    images = {key: names.image(spec.image) for key, spec in declared.items() if spec.image}
    return {text: image for key, image in images.items() for text in (key, str(Address(Kind.CONTAINER, key)))}


def _is(name: str, reference: str) -> bool:
    try:
        return parse(name).familiar == reference
    except ValueError:
        return False


def read_present(request: Request) -> Present:
    """The manifest of a request with its lock file as it is. Raises DockerdeclError where either is invalid."""
    manifest = validate(replace(request, locked=False, profiles=(EVERY,)))
    path = lock_file_of(manifest, request.lock_file, request.working_directory)
    try:
        return Present(manifest, path, read_lock(path, request.working_directory))
    except DockerdeclError as error:
        if error.code != "lock-file-missing":
            raise
        return Present(manifest, path, None)


def _ask(request: Request, references: set[str], needed: Needed, manifest: Manifest) -> dict[str, str]:
    with connect(request.host, request.context, request.environ) as engine:
        answers = registry_digests(engine, references, request.environ)
    problems = [
        _placed(answer, reference, needed[reference][0], manifest)
        for reference, answer in answers.items()
        if isinstance(answer, Problem)
    ]
    if problems:
        raise DockerdeclError(*problems)
    return {reference: answer for reference, answer in answers.items() if isinstance(answer, str)}


def _placed(problem: Problem, reference: str, address: Address, manifest: Manifest) -> Problem:
    where, line = manifest.where(str(address))
    message = problem.message if reference in problem.message else f"{reference}: {problem.message}"
    return replace(problem, message=message, address=str(address), where=where, line=line)


def _told(request: Request, there: Present, after: Mapping[str, str | None], *, written: bool) -> Locked:
    needed, before = there.manifest.lockable(), there.digests or {}
    references = sorted(needed.keys() | before.keys())
    document: LockDocument = {
        "format": LOCK_FORMAT,
        "file": display_name(there.path, request.working_directory),
        "up_to_date": there.digests is not None and before.keys() == needed.keys(),
        "written": written,
        "images": [_image(reference, needed.get(reference, ()), before, after) for reference in references],
    }
    return Locked(document, there.manifest.warnings)


def _image(
    reference: str, addresses: tuple[Address, ...], before: Mapping[str, str], after: Mapping[str, str | None]
) -> LockedImageDocument:
    former, digest = before.get(reference), after.get(reference)
    if reference not in after:
        change = "removed"
    else:
        change = "added" if former is None else "kept" if former == digest else "moved"
    return {
        "reference": reference,
        "addresses": [str(address) for address in addresses],
        "change": change,
        "before": former,
        "digest": digest,
    }
