"""What is told of a lock file: the documents of `lock`, for programs. Every text of a person's is made of them."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from dockerdecl.resources.schemas import documented, one_of

LOCK_FORMAT: Literal["dockerdecl/lock/v1"] = "dockerdecl/lock/v1"

CHANGES = ("added", "moved", "removed", "kept")


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
