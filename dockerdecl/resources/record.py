"""What is written down of every apply: who made what of which manifest, and how it went. No secret is in it.

A revision is kept as the labels of a volume: what a list of all of them shows stands by itself, the rest is packed.
Takes documents and labels, gives the other; the labels carry the format number that all labels carry.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from typing_extensions import TypedDict

from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.resources.ownership import FORMAT, FORMAT_VERSION, PREFIX, RECORD_FOR
from dockerdecl.resources.schemas import documented, one_of

REVISION_FORMAT: Literal["dockerdecl/revision/v1"] = "dockerdecl/revision/v1"

_HEAD, _BODY = "dockerdecl.record", "dockerdecl.record-body"
_LARGEST_BODY = 64 << 20

OUTCOMES = ("succeeded", "failed", "interrupted")
COMMANDS = ("apply", "destroy", "rollback")


@documented
class SourceDocument(TypedDict):
    """Where the manifest came from."""

    commit: str
    """The commit that was checked out."""
    branch: str | None
    """The branch; null where none was checked out."""
    dirty: bool
    """Whether files differed from the commit."""


@documented
class ActionCounts(TypedDict):
    """How many addresses there are of each action."""

    create: int
    """What is made."""
    update: int
    """What changes in place."""
    replace: int
    """What is made anew."""
    remove: int
    """What is taken down."""
    start: int
    """Containers that are started, or go on after a pause."""
    stop: int
    """Containers that are stopped or paused."""
    adopt: int
    """What is taken under ownership."""


@documented
class RevisionSummary(TypedDict):
    """One revision, in short."""

    revision: int
    """Its number, from 1."""
    at: str
    """When it ended, by the engine's clock, such as `2026-01-31T12:00:00Z`."""
    by: str
    """Who ran it, and on which host."""
    command: Annotated[str, one_of(COMMANDS)]
    """What was run."""
    outcome: Annotated[str, one_of(OUTCOMES)]
    """What became of it."""
    source: SourceDocument | None
    """Where the manifest came from; null where that is no Git repository."""
    manifest: str
    """A digest of what was declared, without what is hidden."""
    images: str
    """A digest of which image every reference meant."""
    targets: list[str]
    """The addresses that it was limited to; none where it was about all."""
    back_to: int | None
    """The revision whose manifest it brought back; null where it brought back none."""
    summary: ActionCounts
    """What was to be done."""


@documented
class RecordedImage(TypedDict):
    """An image as it was afterwards."""

    reference: str
    """The reference that means it."""
    id: str
    """Its id on this engine."""
    digests: list[str]
    """Its digests in registries, such as `registry.local/web@sha256:...`."""


@documented
class RecordedStep(TypedDict):
    """One step as it went."""

    verb: str
    """What it did, for programs."""
    address: str
    """What it did it to."""
    text: str
    """What it did, for people."""
    outcome: str
    """done, failed, skipped or undone."""
    seconds: float
    """How long it took, in seconds."""
    error: str | None
    """What went wrong; null where nothing did."""


@documented
class RevisionDocument(TypedDict):
    """One revision with all that is known of it."""

    format: Literal["dockerdecl/revision/v1"]
    """The format of this document."""
    project: str
    """The project."""
    revision: RevisionSummary
    """The revision, in short."""
    profiles: list[str]
    """The profiles that were active."""
    declared: dict[str, Any]
    """The manifest, all files in one and variables replaced; what is secret is left out."""
    hidden: list[list[str | int]]
    """Where in the manifest something was left out."""
    images: dict[str, RecordedImage]
    """Every declared image that was there afterwards, by address."""
    brought: dict[str, list[str]]
    """All images that the project has brought to the engine until now, by id: the references that it gave them."""
    steps: list[RecordedStep]
    """The steps, in their order."""


def record_name(project: str, number: int) -> str:
    """The name of the volume that keeps a revision."""
    return f"{PREFIX}{project}.r{number}"


def record_labels(document: RevisionDocument) -> dict[str, str]:
    """The labels that keep a revision."""
    head = {"project": document["project"], "revision": document["revision"]}
    body = {name: part for name, part in document.items() if name not in head}
    return {
        RECORD_FOR: document["project"],
        _HEAD: json.dumps(document["revision"], separators=(",", ":")),
        _BODY: base64.b64encode(zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 9)).decode(),
        FORMAT: FORMAT_VERSION,
    }


def recorded_summaries(volumes: Mapping[str, Mapping[str, str]], project: str) -> dict[int, RevisionSummary]:
    """The revisions of a project that this version can read, the oldest first, from the labels of all volumes by name.

    One that can't be read says nothing.
    """
    found: dict[int, RevisionSummary] = {}
    for name, labels in volumes.items():
        number = _number(name, project)
        if number is None or labels.get(RECORD_FOR) != project or labels.get(FORMAT) != FORMAT_VERSION:
            continue
        try:
            head = json.loads(labels[_HEAD])
        except (KeyError, ValueError):
            continue
        if isinstance(head, dict) and head.get("revision") == number:
            found[number] = cast("RevisionSummary", head)
    return dict(sorted(found.items()))


def recorded_numbers(volumes: Mapping[str, Mapping[str, str]], project: str) -> tuple[int, ...]:
    """The numbers of all that is kept, what can't be read included."""
    numbers = (_number(name, project) for name, labels in volumes.items() if labels.get(RECORD_FOR) == project)
    return tuple(sorted(number for number in numbers if number is not None))


def recorded_document(labels: Mapping[str, str], project: str, number: int) -> RevisionDocument:
    """A revision from the labels that keep it. Raises DockerdeclError where this version can't read them."""
    if labels.get(FORMAT) != FORMAT_VERSION:
        message = f"revision {number} was recorded by a newer dockerdecl (label format {labels.get(FORMAT)})"
        raise fail("newer-format", message, hint="upgrade dockerdecl")
    try:
        unpacking = zlib.decompressobj()
        packed = unpacking.decompress(base64.b64decode(labels[_BODY], validate=True), _LARGEST_BODY)
        body, head = json.loads(packed), json.loads(labels[_HEAD])
    except (KeyError, ValueError, zlib.error) as error:
        raise _unreadable(project, number) from error
    if not isinstance(body, dict) or body.get("format") != REVISION_FORMAT:
        raise _unreadable(project, number)
    return cast("RevisionDocument", {"format": REVISION_FORMAT, "project": project, "revision": head, **body})


def _unreadable(project: str, number: int) -> DockerdeclError:
    message = f"the record of revision {number} of {project} can't be read"
    return fail("record-unreadable", message, hint=f"remove it with `docker volume rm {record_name(project, number)}`")


def _number(name: str, project: str) -> int | None:
    text = name.removeprefix(f"{PREFIX}{project}.r")
    return int(text) if text != name and text.isdecimal() else None
