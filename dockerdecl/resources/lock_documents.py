"""What is told of images by digest: the documents of `lock` and `outdated`. What people read is made of them."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from dockerdecl.resources.schemas import documented, one_of

LOCK_FORMAT: Literal["dockerdecl/lock/v1"] = "dockerdecl/lock/v1"

OUTDATED_FORMAT: Literal["dockerdecl/outdated/v1"] = "dockerdecl/outdated/v1"

CHANGES = ("added", "moved", "removed", "kept")
KNOWN_BY = ("manifest", "lock", "engine")


@documented
class LockedImageDocument(TypedDict):
    """One reference, and what becomes of it in the lock file."""

    reference: str
    """The reference, such as `nginx:1.27`."""
    addresses: list[str]
    """The images that need it, such as `image.web`; none where nothing does any more."""
    change: Annotated[str, one_of(CHANGES)]
    """What becomes of its entry."""
    before: str | None
    """The digest that stood in the file; null where none did."""
    digest: str | None
    """The digest that stands in it now; null where none does, and where no registry was asked (`--check`)."""


@documented
class LockDocument(TypedDict):
    """What a lock file has, and what changed in it."""

    format: Literal["dockerdecl/lock/v1"]
    """The format of this document."""
    file: str
    """The lock file."""
    up_to_date: bool
    """Whether it had all that the manifest needs and nothing else, before this run."""
    written: bool
    """Whether this run wrote it."""
    images: list[LockedImageDocument]
    """Every reference, in the order of the file."""


@documented
class OutdatedImageDocument(TypedDict):
    """One reference, and what its registry has that is newer."""

    reference: str
    """The reference, such as `nginx:1.27-alpine`."""
    repository: str
    """The reference without its tag, such as `nginx`."""
    tag: str
    """The tag, such as `1.27-alpine`."""
    addresses: list[str]
    """The images that need it, such as `image.web`."""
    digest: str | None
    """The digest that is taken now; null where nothing tells one."""
    known_by: Annotated[str | None, one_of((*KNOWN_BY, None))]
    """What tells that digest: the reference itself, the lock file, or what the engine has; null where nothing does."""
    registry_digest: str | None
    """The digest that the registry has under the tag; null where it has none, or could not be asked."""
    moved: bool | None
    """Whether these two differ; null where one of them is not known."""
    patch: str | None
    """The newest tag of the same form that differs behind the second number; null where none is newer."""
    minor: str | None
    """The newest tag of the same form that has another second number; null where none is newer."""
    major: str | None
    """The newest tag of the same form that has another first number; null where none is newer."""
    outdated: bool
    """Whether its tag moved, or one is newer."""
    error: str | None
    """Why the registry could not be asked; null where it was."""


@documented
class OutdatedDocument(TypedDict):
    """What registries have that is newer than what a manifest names."""

    format: Literal["dockerdecl/outdated/v1"]
    """The format of this document."""
    outdated: bool
    """Whether any of the images is outdated."""
    images: list[OutdatedImageDocument]
    """Every reference that has a tag and comes from a registry, bases of builds included, in their order."""
