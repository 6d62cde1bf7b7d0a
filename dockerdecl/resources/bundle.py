"""What a bundle is: one tar that holds a manifest with all it needs, and an index of it, as data. Reads no file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from typing_extensions import TypedDict

from dockerdecl.resources.file_kinds import BUNDLE_MARK
from dockerdecl.resources.schemas import documented

BUNDLE_FORMAT: Literal["dockerdecl/bundle/v1"] = "dockerdecl/bundle/v1"

MARK, INDEX, MANIFEST, LOCK = BUNDLE_MARK, "index.json", "manifest.json", "dockerdecl.lock"
IMAGES, CONFIGS = "images/", "configs/"


@documented
class BundleMember(TypedDict):
    """One file in a bundle."""

    name: str
    """What it is called there."""
    size: int
    """How many bytes it has."""
    sha256: str
    """The digest of its content, of a link's target."""


@documented
class BundleImage(TypedDict):
    """One image in a bundle."""

    address: str
    """The address it has in the manifest."""
    reference: str
    """What it is called on the engine."""
    config: str
    """The digest of its configuration."""


@documented
class BundleNeed(TypedDict):
    """Something secret, which must be given where the bundle is applied."""

    kind: Literal["variable", "file"]
    """Whether it is a variable or a file."""
    name: str
    """The variable's name, or the file's path from the folder where the bundle is applied."""
    field: str
    """What needs it, such as `secrets.db_password`."""


@documented
class BundlePath(TypedDict):
    """A path of the host that is mounted, and which the bundle doesn't hold."""

    path: str
    """The path, from the folder where the bundle is applied."""
    address: str
    """What mounts it."""


@documented
class BundleIndex(TypedDict):
    """What a bundle holds, and what must be given beside it."""

    format: Literal["dockerdecl/bundle/v1"]
    """The format of the bundle and of this document."""
    tool: str
    """The version of dockerdecl that made it."""
    project: str
    """The project."""
    engine: str
    """The version of the engine that the images come from."""
    profiles: list[str]
    """The profiles that were active when it was made, and are when it is applied."""
    lock: str | None
    """The member that is the lock file, where there is one."""
    locked: bool
    """Whether the images are those of the lock file: it was made with `--locked`."""
    images: list[BundleImage]
    """The images."""
    needs: list[BundleNeed]
    """What is secret, and must be given where it is applied."""
    host_paths: list[BundlePath]
    """What is mounted from the host."""
    members: list[BundleMember]
    """Every other file in the bundle, in its order."""
    digest: str
    """The digest of the rest of this document, by which the whole bundle is known."""


def index_digest(index: Mapping[str, Any]) -> str:
    """The digest of an index without the one that it states."""
    rest = {name: part for name, part in index.items() if name != "digest"}
    return f"sha256:{hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()}"
