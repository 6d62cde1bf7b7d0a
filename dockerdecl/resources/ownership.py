"""Whose a thing on the engine is: the labels that dockerdecl writes, and the names it uses for a while.

The labels carry a format number of their own; a newer one is refused by the reader, naming what is needed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from dockerdecl.resources.address import Address, parse_address

PREFIX = "dockerdecl."
PROJECT = "dockerdecl.project"
ADDRESS = "dockerdecl.address"
FORMAT = "dockerdecl.format"
CLAIMS = "dockerdecl.claims"
FILES = "dockerdecl.files"
BUILD = "dockerdecl.build"
CARRIED = "dockerdecl.carried"
NEEDS = "dockerdecl.needs"
HOOKS = "dockerdecl.hooks"
ADOPTED_FOR = "dockerdecl.adopted-for"
ADOPTED_ID = "dockerdecl.adopted-id"
ADOPTED_BY = "dockerdecl.adopted-by"
HOOKED_FOR = "dockerdecl.hooked-for"
HOOKED_ID = "dockerdecl.hooked-id"
HOOKED_BY = "dockerdecl.hooked-by"
RECORD_FOR = "dockerdecl.record-for"
TEMPORARY_FOR = "dockerdecl.temporary-for"

FORMAT_VERSION = "1"

NEW_SUFFIX = ".dockerdecl-new"
OLD_SUFFIX = ".dockerdecl-old"


def ownership_labels(project: str, address: Address) -> dict[str, str]:
    """The labels that say whose a resource is."""
    return {PROJECT: project, ADDRESS: str(address), FORMAT: FORMAT_VERSION}


def owned_address(labels: Mapping[str, str] | None, project: str) -> Address | None:
    """The address a labelled thing has in `project`; None where it belongs to nobody or to somebody else."""
    return parse_address((labels or {}).get(ADDRESS, "")) if owner(labels) == project else None


def owner(labels: Mapping[str, str] | None) -> str | None:
    """The project that a labelled thing belongs to; None where its labels name none, or no address."""
    project = (labels or {}).get(PROJECT)
    return project if labels and project and parse_address(labels.get(ADDRESS, "")) else None


def newer_format(labels: Mapping[str, str], project: str) -> str | None:
    """The format of a project's labels where this version can't read it; None where it can, and for others' labels."""
    written = labels.get(FORMAT, FORMAT_VERSION)
    return written if project in (labels.get(PROJECT), labels.get(ADOPTED_FOR)) and written != FORMAT_VERSION else None


def json_label(labels: Mapping[str, str] | None, name: str) -> dict[str, Any]:
    """The JSON object that a label holds; empty where there is none, or something else."""
    try:
        value = json.loads((labels or {}).get(name) or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def carried_label(labels: Mapping[str, str]) -> dict[str, tuple[str, bool]]:
    """The anonymous volumes a container got from its predecessor, by target: the name, and whether it is unsure that
    they are wanted.
    """
    found = json_label(labels, CARRIED)
    return {
        target: (name, bool(unsure))
        for target, entry in found.items()
        if isinstance(entry, list) and len(entry) == 2
        for name, unsure in (entry,)
        if isinstance(name, str)
    }


def users_labels(labels: Mapping[str, str] | None) -> dict[str, str]:
    """The labels without dockerdecl's own."""
    return {key: value for key, value in (labels or {}).items() if not key.startswith(PREFIX)}


def adoption_record(
    project: str, address: Address, identity: str, *, files: str = "", build: str = ""
) -> tuple[str, dict[str, str]]:
    """The name and the labels of the volume that says that something made by others is the project's from now on.

    Labels can't be added to what exists, so its `identity` (an id, a volume's name) is written down beside it, and so
    is what a label would say of the `files` that it was given, or of the `build` that it came from.
    """
    digest = hashlib.sha256(f"{address}\n{identity}".encode()).hexdigest()[:16]
    labels = {ADOPTED_FOR: project, ADDRESS: str(address), ADOPTED_ID: identity, FORMAT: FORMAT_VERSION}
    labels |= {FILES: files} if files else {}
    labels |= {BUILD: build} if build else {}
    return f"dockerdecl.{project}.adopted.{digest}", labels


def hooks_record(project: str, address: str, identity: str) -> tuple[str, dict[str, str]]:
    """The name and the labels of the volume that says that what is to be run in a container after its start was run to
    its end: nothing else could tell after a crash in the middle of it.
    """
    labels = {HOOKED_FOR: project, ADDRESS: address, HOOKED_ID: identity, FORMAT: FORMAT_VERSION}
    return f"dockerdecl.{project}.hooked.{identity[:16]}", labels


def recorded_labels(volumes: Mapping[str, Mapping[str, str]], project: str) -> dict[str, dict[str, str]]:
    """What the project's records say of things by their identity, as labels to see them with.

    From the labels of all volumes, by name, since the records are among them; one that can't be read says nothing.
    """
    found: dict[str, dict[str, str]] = {}
    for record, labels in volumes.items():
        if labels.get(ADOPTED_FOR) == project and ADOPTED_ID in labels and parse_address(labels.get(ADDRESS, "")):
            adopted = {PROJECT: project, ADDRESS: labels[ADDRESS], ADOPTED_BY: record}
            adopted |= {name: labels[name] for name in (FILES, BUILD) if name in labels}
            found.setdefault(labels[ADOPTED_ID], {}).update(adopted)
        if labels.get(HOOKED_FOR) == project and HOOKED_ID in labels:
            found.setdefault(labels[HOOKED_ID], {})[HOOKED_BY] = record
    return found


def plain_name(name: str) -> str:
    """A container's name without a temporary suffix."""
    return name.removesuffix(NEW_SUFFIX).removesuffix(OLD_SUFFIX)
