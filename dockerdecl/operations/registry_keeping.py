"""Old tags in the registries that a project pushes to: which ones its `keep` rules let go, and taking them away.

Takes an engine and what the manifest declares, gives what would go and what went. A registry is shared, so nothing of
this happens by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.registry.failures import NOT_IN_REGISTRY
from dockerdecl.registry.opening import registry_for
from dockerdecl.resources.desired import Desired, DesiredImage
from dockerdecl.resources.image.keeping import expired_tags
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.schemas import documented

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
    engine: Engine, desired: Desired, environ: Mapping[str, str], authority: Path | None = None
) -> tuple[Expired, ...]:
    """What the rules of the manifest let go, in the order of its images. Raises what a registry objects to."""
    ruled = [image for image in desired.images.values() if image.keep is not None and image.pushed]
    by_registry: dict[str, list[DesiredImage]] = defaultdict(list)
    for image in sorted(ruled, key=lambda one: one.address):
        by_registry[parse(image.reference).registry].append(image)
    found: dict[tuple[str, str], Expired] = {}
    for name, wanted in by_registry.items():
        with registry_for(name, environ, engine, authority=authority) as registry:
            for image in wanted:
                for one in _of_image(registry, image, _declared(desired)):
                    found.setdefault((one.registry, one.reference), one)
    return tuple(found.values())


def _declared(desired: Desired) -> frozenset[str]:
    images = desired.images.values()
    return frozenset(parse(text).familiar for image in images for text in (image.reference, *image.tags))


def _of_image(registry: Registry, image: DesiredImage, declared: frozenset[str]) -> Iterable[Expired]:
    reference = parse(image.reference)
    repository, tag = reference.repository, reference.tag or "latest"
    prefix = image.reference.rpartition(":")[0]
    digests = {other: registry.digest(repository, other) for other in _tags(registry, repository)}
    held = {other: digest for other, digest in digests.items() if digest is not None}
    stays = {other for other in held if f"{prefix}:{other}" in declared}
    assert image.keep is not None
    return [
        Expired(str(image.address), registry.name, repository, other, held[other])
        for other in expired_tags(tag, stays, held, image.keep)
    ]


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
    try:
        registry.delete(one.repository, one.digest)
    except DockerdeclError as error:
        if error.code != NOT_IN_REGISTRY:
            raise
