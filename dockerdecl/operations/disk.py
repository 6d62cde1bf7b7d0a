"""What images, containers, volumes and the build cache hold on disk, and which images there are.

Takes what an engine says of its disk, and what belongs to whom; gives documents in bytes. Knows no engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from typing_extensions import TypedDict

from dockerdecl.operations.found import FoundContainer
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import ADOPTED_FOR, HOOKED_FOR, RECORD_FOR, owned_address, owner
from dockerdecl.resources.rows import Raw
from dockerdecl.resources.schemas import documented
from dockerdecl.values import dataclass

DISK_FORMAT: Literal["dockerdecl/disk/v1"] = "dockerdecl/disk/v1"
IMAGES_FORMAT: Literal["dockerdecl/images/v1"] = "dockerdecl/images/v1"

_NOTES = (RECORD_FOR, ADOPTED_FOR, HOOKED_FOR)


@dataclass(frozen=True, slots=True)
class Declared:
    """What is known of a project: the references of its image entries by address, and the ids of what it brought.

    `prunable` are the ids of images and containers, and the names of volumes, that `prune` would take away; None where
    no manifest tells.
    """

    project: str | None = None
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    brought: frozenset[str] = frozenset()
    prunable: frozenset[str] | None = None


@documented
class ImageDocument(TypedDict):
    """One image."""

    address: str | None
    """The address of the entry that declares it; null where none does."""
    references: list[str]
    """Its names on the engine; of one that is not there, as it is declared. None of one that lost all."""
    id: str | None
    """Its id on the engine; null where it is not there."""
    size: int | None
    """Its size, in bytes."""
    created: int | None
    """When it was made, in seconds since 1970."""
    containers: list[str]
    """The containers that are made from it, by address or name."""
    dangling: bool
    """Whether it has no name any more."""


@documented
class ImagesDocument(TypedDict):
    """The images of a project, or of an engine."""

    format: Literal["dockerdecl/images/v1"]
    """The format of this document."""
    project: str | None
    """The project; null where those of the whole engine are listed."""
    images: list[ImageDocument]
    """The images: declared ones by address, then the others by name."""


@documented
class DiskEntryDocument(TypedDict):
    """One image, container or volume, and what it holds."""

    kind: str
    """image, container or volume."""
    address: str | None
    """Its address; null where it has none."""
    name: str
    """Its name on the engine, or its id."""
    size: int | None
    """What it holds, in bytes; of a container, what it has written itself. Null where the engine doesn't count it."""
    shared: int | None
    """Of an image, how much of that it shares with other images."""
    unique: int | None
    """What would be free if it went."""
    prunable: bool | None
    """Whether `prune` would take it away; null where no manifest tells."""


@documented
class DiskDocument(TypedDict):
    """What a project, or a whole engine, holds on disk."""

    format: Literal["dockerdecl/disk/v1"]
    """The format of this document."""
    project: str | None
    """The project; null where the whole engine is shown."""
    entries: list[DiskEntryDocument]
    """Images, containers and volumes, each kind by what it holds, most first."""
    build_cache: int
    """What the engine's build cache holds, which is no project's, in bytes."""
    prunable: int | None
    """What `prune` would free, in bytes, at least; null where no manifest tells."""


def images_document(listed: Sequence[Raw], containers: Sequence[FoundContainer], declared: Declared) -> ImagesDocument:
    """The project's images: declared, used by its containers, or brought; all of the engine without a project."""
    users = _users(containers)
    rows = [_image_row(raw, users, declared) for raw in listed if _is_wanted(raw, containers, declared)]
    there = {_listed(text) for raw in listed for text in _names(raw)}
    for address, references in declared.references.items():
        if not there & {_listed(text) for text in references}:
            rows.append(_missing(address, references))
    rows.sort(key=lambda row: (row["address"] is None, row["address"] or "", row["references"], row["id"] or ""))
    return {"format": IMAGES_FORMAT, "project": declared.project, "images": rows}


def disk_document(raw: Raw, containers: Sequence[FoundContainer], declared: Declared) -> DiskDocument:
    """What the project holds, or the engine without one; `raw` is the engine's answer to `/system/df`."""
    mine = {one.id: one for one in containers if declared.project in (None, one.project)}
    recorded = {str(v["Name"]): v.get("Labels") or {} for v in raw.get("Volumes") or ()}
    entries = [
        *_by_size(_image_entry(i, declared) for i in raw.get("Images") or () if _is_wanted(i, containers, declared)),
        *_by_size(_container_entry(mine[c["Id"]], c, declared) for c in raw.get("Containers") or () if c["Id"] in mine),
        *_by_size(_volumes(raw.get("Volumes") or (), recorded, declared)),
    ]
    freed = sum(entry["unique"] or 0 for entry in entries if entry["prunable"])
    cache = sum(int(each.get("Size") or 0) for each in raw.get("BuildCache") or () if not each.get("Shared"))
    known = declared.prunable is not None
    return {
        "format": DISK_FORMAT,
        "project": declared.project,
        "entries": entries,
        "build_cache": cache,
        "prunable": freed if known else None,
    }


def _by_size(entries: Iterable[DiskEntryDocument]) -> list[DiskEntryDocument]:
    return sorted(entries, key=lambda entry: (-(entry["size"] or 0), entry["name"]))


def _names(raw: Raw) -> list[str]:
    return sorted(text for text in raw.get("RepoTags") or () if "<none>" not in text)


def _listed(reference: str) -> str:
    return parse(reference).listed


def _users(containers: Iterable[FoundContainer]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in containers:
        found.setdefault(str(one.raw.get("ImageID") or ""), []).append(one.label)
    return found


def _is_wanted(raw: Raw, containers: Iterable[FoundContainer], declared: Declared) -> bool:
    if declared.project is None or raw["Id"] in declared.brought or _address(raw, declared):
        return True
    return any(one.project == declared.project and one.raw.get("ImageID") == raw["Id"] for one in containers)


def _address(raw: Raw, declared: Declared) -> str | None:
    names = {_listed(text) for text in (*_names(raw), *_digests(raw))}
    return next((a for a, texts in declared.references.items() if names & {_listed(text) for text in texts}), None)


def _digests(raw: Raw) -> Iterator[str]:
    yield from (text for text in raw.get("RepoDigests") or () if "<none>" not in text)


def _image_row(raw: Raw, users: Mapping[str, list[str]], declared: Declared) -> ImageDocument:
    return {
        "address": _address(raw, declared),
        "references": _names(raw),
        "id": str(raw["Id"]),
        "size": int(raw.get("Size") or 0),
        "created": raw.get("Created"),
        "containers": sorted(users.get(raw["Id"], [])),
        "dangling": not _names(raw),
    }


def _missing(address: str, references: Sequence[str]) -> ImageDocument:
    return {
        "address": address,
        "references": list(references),
        "id": None,
        "size": None,
        "created": None,
        "containers": [],
        "dangling": False,
    }


def _prunable(identity: str, declared: Declared) -> bool | None:
    return None if declared.prunable is None else identity in declared.prunable


def _image_entry(raw: Raw, declared: Declared) -> DiskEntryDocument:
    size, shared = int(raw.get("Size") or 0), raw.get("SharedSize")
    shared = int(shared) if shared is not None and int(shared) >= 0 else None
    return {
        "kind": "image",
        "address": _address(raw, declared),
        "name": ", ".join(_names(raw)) or str(raw["Id"])[:19],
        "size": size,
        "shared": shared,
        "unique": size - (shared or 0),
        "prunable": _prunable(raw["Id"], declared),
    }


def _container_entry(one: FoundContainer, raw: Raw, declared: Declared) -> DiskEntryDocument:
    size = int(raw.get("SizeRw") or 0)
    address = str(one.address) if one.address else None
    return {
        "kind": "container",
        "address": address,
        "name": one.name,
        "size": size,
        "shared": None,
        "unique": size,
        "prunable": _prunable(one.id, declared),
    }


def _volumes(
    listed: Iterable[Raw], labels: Mapping[str, Mapping[str, Any]], declared: Declared
) -> Iterator[DiskEntryDocument]:
    "notes of dockerdecl's own hold nothing, and are no one's data"
    for raw in listed:
        name = str(raw["Name"])
        own = labels.get(name, {})
        project = owner(own)
        if any(word in own for word in _NOTES) or (declared.project is not None and project != declared.project):
            continue
        counted = (raw.get("UsageData") or {}).get("Size")
        size = int(counted) if counted is not None and int(counted) >= 0 else None
        address = owned_address(own, project) if project else None
        yield {
            "kind": "volume",
            "address": str(address) if address else None,
            "name": name,
            "size": size,
            "shared": None,
            "unique": size,
            "prunable": _prunable(name, declared),
        }
