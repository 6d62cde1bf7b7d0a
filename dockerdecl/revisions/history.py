"""What is kept of a project's revisions, as documents: all in short, one whole, two compared.

Takes the labels that keep revisions, gives documents. Raises DockerdeclError for a revision that is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from typing_extensions import TypedDict

from dockerdecl.errors import DockerdeclError, ExitCode, fail
from dockerdecl.resources.record import (
    RevisionDocument,
    RevisionSummary,
    record_name,
    recorded_document,
    recorded_numbers,
    recorded_summaries,
)
from dockerdecl.resources.schemas import documented

HISTORY_FORMAT: Literal["dockerdecl/history/v1"] = "dockerdecl/history/v1"
DIFF_FORMAT: Literal["dockerdecl/history-diff/v1"] = "dockerdecl/history-diff/v1"

Kept = Mapping[str, Mapping[str, str]]


@documented
class HistoryDocument(TypedDict):
    """The revisions of a project that are kept."""

    format: Literal["dockerdecl/history/v1"]
    """The format of this document."""
    project: str
    """The project."""
    revisions: list[RevisionSummary]
    """The revisions, the newest first."""


@documented
class DeclaredDifference(TypedDict):
    """One value of the manifest that differs between two revisions."""

    path: str
    """Where it stands, with dots, such as `containers.web.environment.LOG_LEVEL`."""
    before: Any
    """What the one says; null where it says nothing."""
    after: Any
    """What the other says; null where it says nothing."""


@documented
class HistoryDiffDocument(TypedDict):
    """What differs between two revisions."""

    format: Literal["dockerdecl/history-diff/v1"]
    """The format of this document."""
    project: str
    """The project."""
    before: RevisionSummary
    """The one revision."""
    after: RevisionSummary
    """The other one."""
    declared: list[DeclaredDifference]
    """Where their manifests differ; what is secret is not compared."""
    images: list[DeclaredDifference]
    """The images that were others, by address: their ids."""


def history_document(kept: Kept, project: str) -> HistoryDocument:
    """All revisions in short."""
    found = recorded_summaries(kept, project)
    return {"format": HISTORY_FORMAT, "project": project, "revisions": [*reversed(found.values())]}


def revision_document(kept: Kept, project: str, number: int) -> RevisionDocument:
    """One revision."""
    labels = kept.get(record_name(project, number))
    if labels is None:
        raise not_kept(kept, project, number)
    return recorded_document(labels, project, number)


def not_kept(kept: Kept, project: str, number: int) -> DockerdeclError:
    """That there is no such revision, and which there are."""
    numbers = ", ".join(map(str, recorded_numbers(kept, project)))
    hint = f"there are {numbers}" if numbers else "there is none yet; `dockerdecl apply` writes the first"
    return fail("no-such-revision", f"{project} has no revision {number}", hint=hint, exit_code=ExitCode.FAILED)


def difference_document(one: RevisionDocument, other: RevisionDocument) -> HistoryDiffDocument:
    """What differs between two revisions of one project."""
    images = {address: {"id": image["id"]} for address, image in one["images"].items()}
    others = {address: {"id": image["id"]} for address, image in other["images"].items()}
    moved = sorted(address for address in images.keys() & others.keys() if images[address] != others[address])
    return {
        "format": DIFF_FORMAT,
        "project": one["project"],
        "before": one["revision"],
        "after": other["revision"],
        "declared": [*_differences(one["declared"], other["declared"], ())],
        "images": [
            {"path": address, "before": images[address]["id"], "after": others[address]["id"]} for address in moved
        ],
    }


def _differences(one: Any, other: Any, path: tuple[str, ...]) -> Iterator[DeclaredDifference]:
    if one == other:
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys((*one, *other)):
            yield from _differences(one.get(key), other.get(key), (*path, key))
    else:
        yield {"path": ".".join(path), "before": one, "after": other}
