"""An earlier revision as what is desired: which one, its images as they were, its manifest as it was.

Takes what is kept and what the engine has, gives a manifest. What comes of it is an ordinary plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dockerdecl.errors import DockerdeclError, Problem, fail
from dockerdecl.manifest.manifest import Manifest
from dockerdecl.manifest.recorded import manifest_from_record
from dockerdecl.planning.images import image_gone
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.desired import Pinned
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import owned_address
from dockerdecl.resources.record import RevisionDocument, RevisionSummary, recorded_summaries
from dockerdecl.resources.rows import look_up
from dockerdecl.revisions.history import Kept, revision_document


def chosen_revision(kept: Kept, project: str, wanted: int | None) -> RevisionDocument:
    """The revision that was asked for, else the last one that succeeded before the newest and is another than it.

    Raises DockerdeclError where there is none, or where it declares nothing to go back to.
    """
    if wanted is None:
        wanted = _former(recorded_summaries(kept, project))
    if wanted is None:
        message = f"{project} has no earlier revision that succeeded and is another than the newest"
        raise fail("no-such-revision", message, hint="`dockerdecl history` lists what there is")
    record = revision_document(kept, project, wanted)
    if record["revision"]["command"] == "destroy":
        message = f"revision {wanted} took {project} down, so there is nothing to go back to"
        raise fail("no-such-revision", message, hint="choose the one before it, or run `dockerdecl destroy`")
    return record


def last_that_stood(summaries: Iterable[RevisionSummary]) -> int | None:
    """The newest of the revisions that was applied whole, with success."""
    stood = [s["revision"] for s in summaries if _stood(s) and not s["targets"]]
    return max(stood, default=None)


def _former(summaries: Mapping[int, RevisionSummary]) -> int | None:
    if not summaries:
        return None
    *earlier, newest = summaries.values()
    others = (s for s in earlier if not _stood(newest) or _content(s) != _content(newest))
    return last_that_stood(others)


def _content(summary: RevisionSummary) -> tuple[str, str]:
    return summary["manifest"], summary["images"]


def _stood(summary: RevisionSummary) -> bool:
    return summary["outcome"] == "succeeded" and summary["command"] != "destroy"


def pinned_images(record: RevisionDocument) -> dict[str, Pinned]:
    """The images of a revision by key, each as it was; one that is named by its digest needs no pin."""
    found: dict[str, Pinned] = {}
    for address, image in record["images"].items():
        reference = parse(image["reference"])
        if not reference.digest:
            digests = sorted(image["digests"], key=lambda text: parse(text).name != reference.name)
            found[address.removeprefix(f"{Kind.IMAGE}.")] = Pinned(image["id"], tuple(digests))
    return found


def manifest_of_revision(
    record: RevisionDocument,
    current: Manifest | None,
    actual: Actual,
    environ: Mapping[str, str],
    working_directory: Path,
) -> Manifest:
    """The manifest of a revision; what is secret comes from the `current` one, or from what containers have.

    Raises DockerdeclError with all that it needs and that is gone.
    """
    pinned = pinned_images(record)
    try:
        return manifest_from_record(
            record,
            pinned,
            current=current,
            held=_variables(actual, record["project"]),
            environ=environ,
            working_directory=working_directory,
        )
    except DockerdeclError as error:  # a plan would tell of the images, but there is none without a manifest
        raise DockerdeclError(*error.problems, *_images_gone(pinned, record, actual)) from error


def _images_gone(pinned: Mapping[str, Pinned], record: RevisionDocument, actual: Actual) -> Iterator[Problem]:
    for key, source in pinned.items():
        if not source.digests and source.id not in actual.images:
            address = Address(Kind.IMAGE, key)
            yield image_gone(address, record["images"][str(address)]["reference"], source)


def _variables(actual: Actual, project: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for live in actual.containers:
        address = owned_address(live.labels, project)
        if address is not None:
            pairs = (text.partition("=") for text in look_up(live.raw, "Config.Env") or ())
            found.setdefault(address.key, {}).update({name: value for name, _, value in pairs})
    return found
