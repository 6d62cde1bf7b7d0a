"""Secrets and configs: files that are put into a container before it starts.

The engine can't say what was put, so the container carries a label with each file's place, mode and a keyed digest of
its content. The digest is made with a key of its own per container by a slow function, so that a leaked label does not
give a short secret away.

A plain copy is refused on a read-only root file system, and lost under a tmpfs (measured on 20.10, 26.1, 28.5); there,
an anonymous volume at the file's folder carries it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import posixpath
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dockerdecl.resources.ownership import FILES, json_label
from dockerdecl.resources.rows import Raw, look_up
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.resources.container.parts import FileGrant
    from dockerdecl.resources.container.spec import Container

_CONTENT = "content"


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file to be put into a container: where, how, and its content, which is never shown.

    `base` is the nearest folder above it that is mounted, or the root: what is copied to the root does not go through a
    mount where the root is read-only. `path` is the file that the content was read from, where it is one.
    """

    field: str
    source: str
    target: str
    mode: int
    uid: int
    gid: int
    content: bytes
    base: str = "/"
    path: str | None = dataclasses.field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"PlacedFile({self.field}.{self.source} at {self.target})"

    @property
    def place(self) -> dict[str, Any]:
        """What of it may be seen."""
        return {"target": self.target, "mode": f"{self.mode:04o}", "uid": self.uid, "gid": self.gid}


def file_target(field: str, grant: FileGrant) -> str:
    """Where a secret or config lies in the container, as Compose places it."""
    folder = "/run/secrets" if field == "secrets" else "/"
    return posixpath.normpath(posixpath.join(folder, grant.target or grant.source))


def keyed_digest(content: bytes, key: str) -> str:
    """A digest that can be compared but tells nothing to who has not the content."""
    return hashlib.scrypt(content, salt=key.encode(), n=2**10, r=8, p=1, dklen=16).hex()


def files_label(files: Iterable[PlacedFile], key: str) -> str:
    """The label that says which files a container was given."""
    entries = {f"{f.field}.{f.source}": {**f.place, _CONTENT: keyed_digest(f.content, key)} for f in files}
    return json.dumps({"key": key, "files": entries}, sort_keys=True, separators=(",", ":"))


def read_files_label(live: Raw) -> tuple[str, dict[str, dict[str, Any]]]:
    """The key and the files of a container's label; empty where it has none, or one that can't be read."""
    label = json_label(look_up(live, "Config.Labels"), FILES)
    key, files = label.get("key"), label.get("files")
    if not isinstance(key, str) or not isinstance(files, dict):
        return "", {}
    return key, {name: e for name, e in files.items() if isinstance(e, dict) and isinstance(e.get("target"), str)}


def expected_files(
    files: Iterable[PlacedFile], key: str, live: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """What a label made with `key` would say of `files`, for comparison with `live`; `key` is empty where none is."""
    digest = {name: entry.get(_CONTENT) for name, entry in live.items()}
    return {
        name: {**f.place, _CONTENT: keyed_digest(f.content, key) if name in digest else None}
        for f in files
        for name in (f"{f.field}.{f.source}",)
    }


def carriers(spec: Container) -> tuple[str, ...]:
    """The folders that need an anonymous volume so that files put there are seen, sorted."""
    tmpfs = [text.partition(":")[0].rstrip("/") for text in spec.tmpfs or ()]
    tmpfs += [mount.target.rstrip("/") for mount in spec.volumes if mount.type == "tmpfs"]
    mounted = {mount.target.rstrip("/") for mount in spec.volumes if mount.type != "tmpfs"}
    found = set()
    for field, grants in (("secrets", spec.secrets), ("configs", spec.configs)):
        for grant in grants or ():
            folder = posixpath.dirname(file_target(field, grant))
            above = _with_parents(folder)
            hidden = any(path in tmpfs for path in above) or spec.read_only
            if hidden and not _nearest_is_mounted(above, mounted, tmpfs):
                found.add(folder)
    return tuple(sorted(found))


def file_base(spec: Container, target: str) -> str:
    """The nearest folder above a file that a volume is mounted at, its carrier included; else the root."""
    mounted = {mount.target.rstrip("/") for mount in spec.volumes if mount.type != "tmpfs"} | {*carriers(spec)}
    return next((path for path in _with_parents(posixpath.dirname(target)) if path in mounted), "/")


def _with_parents(folder: str) -> list[str]:
    found = [folder]
    while folder not in ("/", ""):
        folder = posixpath.dirname(folder)
        found.append(folder)
    return found


def _nearest_is_mounted(above: list[str], mounted: set[str], tmpfs: list[str]) -> bool:
    nearest = next((path for path in above if path in mounted or path in tmpfs), None)
    return nearest in mounted
