"""Old tags in the registries that a project pushes to: which ones its `keep` rules let go, and taking them away.

Takes an engine and what the manifest declares, gives what would go and what went. A registry is shared, so nothing of
this happens by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from dockerdecl.errors import DockerdeclError, Problem, fail
from dockerdecl.registry.failures import NOT_IN_REGISTRY
from dockerdecl.registry.opening import registry_for
from dockerdecl.resources.desired import Built, Desired, DesiredImage, Mirrored
from dockerdecl.resources.image.keeping import expired_tags
from dockerdecl.resources.image.reference import Reference, parse
from dockerdecl.resources.schemas import documented
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from dockerdecl.engine.client import Engine
    from dockerdecl.registry.client import Registry

FORMAT: Literal["dockerdecl/registry-prune/v1"] = "dockerdecl/registry-prune/v1"


@dataclass(frozen=True, slots=True)
class Expired:
    """A tag that a rule lets go."""

    address: str
    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def reference(self) -> str:
        """How it is referred to."""
        return f"{self.registry}/{self.repository}:{self.tag}"


@documented
class RemovedTagDocument(TypedDict):
    """A tag that went."""

    address: str
    """The image entry whose `keep` let it go."""
    reference: str
    """The tag, with its registry and repository."""
    digest: str
    """The manifest that it meant."""


@documented
class RegistryPruneDocument(TypedDict):
    """What `prune --registry` took away."""

    format: Literal["dockerdecl/registry-prune/v1"]
    """The format of this document."""
    removed: list[RemovedTagDocument]
    """The tags that are gone."""


def expired(
    engine: Engine,
    desired: Desired,
    environ: Mapping[str, str],
    *,
    locked: Collection[str] = (),
    authority: Path | None = None,
) -> tuple[Expired, ...]:
    """What the rules of the manifest let go, in the order of its images; digests that are `locked` stay.

    Raises what a registry objects to.
    """
    ruled = [image for image in desired.images.values() if image.keep is not None and image.pushed]
    repositories: dict[str, dict[str, list[DesiredImage]]] = defaultdict(lambda: defaultdict(list))
    for image in sorted(ruled, key=lambda one: one.address):
        reference = parse(image.reference)
        repositories[reference.registry][reference.repository].append(image)
    found: list[Expired] = []
    for name, wanted in repositories.items():
        with registry_for(name, environ, engine, authority=authority) as registry:
            for repository, images in wanted.items():
                declared = _declared(desired, name, repository)
                pinned = {*locked, *(one.digest for one in declared if one.digest)}
                named = {one.tag for one in declared if one.tag}
                found += _of_repository(registry, images, named, pinned)
    return tuple(found)


def _declared(desired: Desired, registry: str, repository: str) -> tuple[Reference, ...]:
    "all that the manifest says of a repository, where its images come from included"
    texts: list[str] = []
    for image in desired.images.values():
        texts += (image.reference, *image.tags)
        texts += [image.source.origin] if isinstance(image.source, Mirrored) else []
        texts += image.source.bases if isinstance(image.source, Built) else ()
    parsed = (parse(text) for text in texts)
    return tuple(one for one in parsed if (one.registry, one.repository) == (registry, repository))


def _of_repository(
    registry: Registry, images: Sequence[DesiredImage], declared: Collection[str], pinned: Collection[str]
) -> list[Expired]:
    repository = parse(images[0].reference).repository
    rules = [(parse(image.reference).tag or "", image.keep or 0) for image in images]
    digests = {tag: registry.digest(repository, tag) for tag in _tags(registry, repository)}
    held = {tag: digest for tag, digest in digests.items() if digest is not None}
    going = expired_tags(rules, held, declared=declared, pinned=pinned)
    if going:
        parts = _parts(registry, repository, {digest for tag, digest in held.items() if tag not in going} | {*pinned})
        going = expired_tags(rules, held, declared=declared, pinned={*pinned, *parts})
    return [Expired(str(images[0].address), registry.name, repository, tag, held[tag]) for tag in going]


def _parts(registry: Registry, repository: str, digests: Collection[str]) -> Iterator[str]:
    "what the indexes among them are made of: an image for one platform may have an old tag of its own"
    for digest in sorted(digests):
        if registry.digest(repository, digest) is not None:
            yield from (image.digest for image in registry.manifest(repository, digest).images)


def _tags(registry: Registry, repository: str) -> list[str]:
    "of a repository that nothing was pushed to yet, none"
    try:
        return list(registry.tags(repository))
    except DockerdeclError as error:
        if error.code == NOT_IN_REGISTRY:
            return []
        raise


def remove(
    engine: Engine, tags: Sequence[Expired], environ: Mapping[str, str], authority: Path | None = None
) -> tuple[RegistryPruneDocument, tuple[Problem, ...]]:
    """Take tags away; gives what went, and why the rest did not. One that is gone already has gone."""
    removed: list[RemovedTagDocument] = []
    problems: list[Problem] = []
    for name in dict.fromkeys(one.registry for one in tags):
        with registry_for(name, environ, engine, authority=authority) as registry:
            gone: set[tuple[str, str]] = set()
            for one in (each for each in tags if each.registry == name):
                try:
                    if (one.repository, one.digest) not in gone:
                        _delete(registry, one)
                except DockerdeclError as error:
                    problems += error.at(one.address).problems
                else:
                    gone.add((one.repository, one.digest))
                    removed.append({"address": one.address, "reference": one.reference, "digest": one.digest})
    return {"format": FORMAT, "removed": removed}, tuple(problems)


def _delete(registry: Registry, one: Expired) -> None:
    if registry.digest(one.repository, one.tag) not in (one.digest, None):
        message = f"{one.reference} was moved to another image meanwhile, so that it stays"
        raise fail("registry-moved", message, hint="run again to see what there is now")
    try:
        registry.delete(one.repository, one.digest)
    except DockerdeclError as error:
        if error.code != NOT_IN_REGISTRY:
            raise
