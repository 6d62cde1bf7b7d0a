"""Which images of a project nobody declares any more: what it brought to the engine, as its newest record tells.

Takes the actual state, the records among it; gives images that are still there. Images carry no labels of a project, so
that without a record none is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dockerdecl.errors import DockerdeclError
from dockerdecl.resources.actual import Actual, LiveImage
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import owner
from dockerdecl.resources.record import record_name, recorded_document, recorded_summaries
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Brought:
    """An image that the project brought, and which of its names the project gave it; none where all were taken away."""

    image: LiveImage
    references: tuple[str, ...]


def no_longer_declared(desired: Desired, actual: Actual) -> Iterator[Brought]:
    """The images that the project brought and does not declare; those that others use or have named stay out."""
    declared = {parse(r).listed for i in desired.images.values() for r in (i.reference, *i.tags)}
    for image_id, references in sorted(_brought(actual, desired.project).items()):
        image = actual.images.get(image_id)
        if image is None or any(c.uses(image) and owner(c.labels) != desired.project for c in actual.containers):
            continue
        own = {parse(reference).listed for reference in references}
        names = {parse(text).listed: text for text in image.references}
        if not names.keys() & declared and names.keys() <= own:
            yield Brought(image, (*sorted(names.values()), *_further(image, names.values())))


def _further(image: LiveImage, names: Iterable[str]) -> Iterator[str]:
    "the digests that keep an image that was fetched from elsewhere; by its id it goes where there is one repository"
    repositories = {parse(name).name for name in names}
    digests = [text for text in image.digests if parse(text).name not in repositories]
    several = len({parse(text).name for text in digests}) > 1
    return iter(digests if repositories or several else ())


def _brought(actual: Actual, project: str) -> dict[str, list[str]]:
    labels = {name: volume.labels for name, volume in actual.volumes.items()}
    newest = next(reversed(recorded_summaries(labels, project)), None)
    if newest is None:
        return {}
    try:
        return recorded_document(labels[record_name(project, newest)], project, newest)["brought"]
    except DockerdeclError:  # losing a record loses what could be tidied up, and nothing else
        return {}
