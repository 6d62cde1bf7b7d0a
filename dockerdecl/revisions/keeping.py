"""A revision written down at the end of a run, and old ones dropped.

Takes what was planned and what came of it, gives the number of the revision. What nobody could learn from is not
written down: a run that had nothing to do, of a manifest that is the newest revision's already.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from dockerdecl.engine.calls.images import list_images
from dockerdecl.engine.client import Engine
from dockerdecl.engine.records import drop_record, keep_record
from dockerdecl.execution.events import Outcome
from dockerdecl.execution.lock import who
from dockerdecl.execution.repeating import Patience, is_lost
from dockerdecl.execution.report import Report
from dockerdecl.manifest.manifest import Manifest
from dockerdecl.manifest.recorded import record_tree
from dockerdecl.planning.document import plan_summary
from dockerdecl.planning.verbs import BuildImage, ImportImage, LoadImage, PullImage, TagImage
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import RECORD_FOR
from dockerdecl.resources.record import (
    REVISION_FORMAT,
    RecordedImage,
    RecordedStep,
    RevisionDocument,
    RevisionSummary,
    SourceDocument,
    record_name,
    recorded_document,
    recorded_numbers,
    recorded_summaries,
)
from dockerdecl.revisions.beside import Beside
from dockerdecl.revisions.source import source_of
from dockerdecl.values import dataclass

KEPT = 10
"""So many revisions are kept, and the last that succeeded."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What was run, and what came of it.

    `back_to` is the revision whose manifest it brought back; `beside` has what was found out while steps were taken.
    """

    command: str
    manifest: Manifest
    desired: Desired
    actual: Actual
    report: Report
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    back_to: int | None = None
    beside: Beside | None = None

    def recorded(self) -> tuple[dict[str, Any], list[list[str | int]]]:
        """The manifest as it is written down, and the paths of what is masked in it."""
        if self.beside is None:
            return record_tree(self.manifest)
        origin = self.beside.origin()
        return origin.declared, origin.hidden

    def source(self) -> SourceDocument | None:
        """The commit that the manifest comes from."""
        if self.beside is not None:
            return self.beside.origin().source
        return source_of(self.manifest.loaded.project_directory) if self.back_to is None else None


def keep(engine: Engine, applied: Applied) -> int | None:
    """Write a revision down and drop what is too old; gives its number, None where there is nothing to write.

    Raises DockerdeclError where the engine does.
    """
    project = applied.desired.project
    declared, hidden = applied.recorded()
    digest = _digest(declared)
    kept = {name: volume.labels for name, volume in applied.actual.volumes.items() if RECORD_FOR in volume.labels}
    known = recorded_summaries(kept, project)
    if not applied.report.plan.steps and not _is_news(applied, digest, known):
        return None
    numbers = recorded_numbers(kept, project)
    number = (numbers[-1] if numbers else 0) + 1
    images = _images(engine, applied)
    declared_images = dict(_declared_images(applied.desired, images))
    document: RevisionDocument = {
        "format": REVISION_FORMAT,
        "project": project,
        "revision": _summary(engine, applied, number, (digest, _digest(declared_images))),
        "profiles": [*applied.profiles],
        "declared": declared,
        "hidden": hidden,
        "images": declared_images,
        "brought": _brought(applied, images, _newest_brought(kept, project)),
        "steps": [*_steps(applied.report)],
    }
    _surely(partial(keep_record, engine, document), applied.report)
    for old in superseded((*numbers, number), {**known, number: document["revision"]}):
        _surely(partial(drop_record, engine, project, old), applied.report)
    return number


def _surely(call: Callable[[], None], report: Report) -> None:
    "made again where its answer was lost, since it does no harm twice; not where the engine was gone before"
    if any(is_lost(error) for error in report.errors):
        call()
    else:
        Patience()(call, call)


def superseded(numbers: tuple[int, ...], summaries: Mapping[int, RevisionSummary]) -> tuple[int, ...]:
    """Those of the numbers, in rising order, that are kept no longer."""
    succeeded = [n for n in numbers if n in summaries and summaries[n]["outcome"] == "succeeded"]
    return tuple(n for n in numbers[:-KEPT] if n not in succeeded[-1:])


def _is_news(applied: Applied, digest: str, known: dict[int, RevisionSummary]) -> bool:
    "whether the newest revision says something else than that just this was applied whole"
    if applied.command == "destroy" or applied.targets:
        return False
    newest = next(reversed(known.values()), None)
    if newest is None:
        return True
    told = (newest["manifest"], newest["outcome"], newest["targets"], newest["command"] == "destroy")
    return told != (digest, "succeeded", [], False)


def _digest(declared: Mapping[str, Any]) -> str:
    return f"sha256:{hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()}"


def _summary(engine: Engine, applied: Applied, number: int, digests: tuple[str, str]) -> RevisionSummary:
    return {
        "revision": number,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(engine.clock())),
        "by": who(),
        "command": applied.command,
        "outcome": applied.report.outcome,
        "source": applied.source(),
        "manifest": digests[0],
        "images": digests[1],
        "targets": [*applied.targets],
        "back_to": applied.back_to,
        "summary": plan_summary(applied.report.plan),
    }


@dataclass(frozen=True, slots=True)
class _Images:
    "ids by listed reference, and the registry digests by id"

    ids: Mapping[str, str]
    digests: Mapping[str, tuple[str, ...]]


def _images(engine: Engine, applied: Applied) -> _Images:
    "as they are now; asked for only where a step may have changed them"
    if not any(step.address.startswith("image.") for step in applied.report.plan.steps):
        return _Images(applied.actual.references, {i.id: i.digests for i in applied.actual.images.values()})
    ids: dict[str, str] = {}
    digests: dict[str, tuple[str, ...]] = {}
    for raw in list_images(engine):
        known = [text for text in raw.get("RepoDigests") or () if "<none>" not in text]
        tags = [text for text in raw.get("RepoTags") or () if "<none>" not in text]
        digests[raw["Id"]] = tuple(sorted(known))
        ids |= {parse(text).listed: raw["Id"] for text in (*tags, *known)}
    return _Images(ids, digests)


def _declared_images(desired: Desired, images: _Images) -> Iterator[tuple[str, RecordedImage]]:
    for address, image in sorted(desired.images.items()):
        found = None if image.absent else images.ids.get(parse(image.reference).listed)
        if found is not None:
            digests = [*images.digests.get(found, ())]
            yield str(address), {"reference": image.reference, "id": found, "digests": digests}


def _newest_brought(kept: Mapping[str, Mapping[str, str]], project: str) -> Mapping[str, list[str]]:
    readable = recorded_summaries(kept, project)
    newest = next(reversed(readable), None)
    if newest is None:
        return {}
    return recorded_document(kept[record_name(project, newest)], project, newest)["brought"]


def _brought(applied: Applied, images: _Images, before: Mapping[str, list[str]]) -> dict[str, list[str]]:
    "what is gone is forgotten; what was there before the project asked for it is not the project's"
    found = {image: {*references} for image, references in before.items() if image in images.digests}
    for step in applied.report.plan.steps:
        done = applied.report.result(step.id).outcome is Outcome.DONE
        if done and isinstance(step.payload, PullImage | LoadImage | ImportImage | BuildImage | TagImage):
            image = images.ids.get(parse(step.payload.reference).listed)
            if image is not None and image not in applied.actual.images:
                found.setdefault(image, set()).add(step.payload.reference)
    return {image: sorted(references) for image, references in sorted(found.items())}


def _steps(report: Report) -> Iterator[RecordedStep]:
    for step in report.plan.steps:
        result = report.result(step.id)
        yield {
            "verb": step.payload.verb,
            "address": step.address,
            "text": step.text,
            "outcome": str(result.outcome),
            "seconds": round(result.seconds, 3),
            "error": str(result.error) if result.error else None,
        }
