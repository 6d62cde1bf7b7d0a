"""Whose a thing on the engine is: the labels that dockerdecl writes, and the names it uses for a while.

The labels carry a format number of their own; a newer one is refused by the reader, naming what is needed.
"""

from __future__ import annotations

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


def plain_name(name: str) -> str:
    """A container's name without a temporary suffix."""
    return name.removesuffix(NEW_SUFFIX).removesuffix(OLD_SUFFIX)
