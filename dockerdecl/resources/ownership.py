"""Whose a thing on the engine is: the labels that dockerdecl writes, and the names it uses for a while.

The labels carry a format number of their own; a newer one is refused by the reader, naming what is needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

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
ADOPTED_FOR = "dockerdecl.adopted-for"
ADOPTED_ID = "dockerdecl.adopted-id"
ADOPTED_BY = "dockerdecl.adopted-by"

FORMAT_VERSION = "1"

NEW_SUFFIX = ".dockerdecl-new"
OLD_SUFFIX = ".dockerdecl-old"


def ownership_labels(project: str, address: Address) -> dict[str, str]:
    """The labels that say whose a resource is."""
    return {PROJECT: project, ADDRESS: str(address), FORMAT: FORMAT_VERSION}


def owned_address(labels: Mapping[str, str] | None, project: str) -> Address | None:
    """The address a labelled thing has in `project`; None where it belongs to nobody or to somebody else."""
    if not labels or labels.get(PROJECT) != project:
        return None
    return parse_address(labels.get(ADDRESS, ""))


def users_labels(labels: Mapping[str, str] | None) -> dict[str, str]:
    """The labels without dockerdecl's own."""
    return {key: value for key, value in (labels or {}).items() if not key.startswith(PREFIX)}


def adoption_record(project: str, address: Address, identity: str) -> tuple[str, dict[str, str]]:
    """The name and the labels of the volume that says that something made by others is the project's from now on.

    Labels can't be added to what exists, so its `identity` (an id, a volume's name) is written down beside it.
    """
    digest = hashlib.sha256(f"{address}\n{identity}".encode()).hexdigest()[:16]
    labels = {ADOPTED_FOR: project, ADDRESS: str(address), ADOPTED_ID: identity, FORMAT: FORMAT_VERSION}
    return f"dockerdecl.{project}.adopted.{digest}", labels


def adopted_labels(record: str, labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that an adopted thing is to be seen with, from the record that adopted it."""
    return {PROJECT: labels[ADOPTED_FOR], ADDRESS: labels[ADDRESS], ADOPTED_BY: record}


def plain_name(name: str) -> str:
    """A container's name without a temporary suffix."""
    return name.removesuffix(NEW_SUFFIX).removesuffix(OLD_SUFFIX)
