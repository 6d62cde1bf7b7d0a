"""What a project holds on an engine's disk, beside what its manifest declares and what `prune` would take away.

Takes a request and an engine, gives documents; prints nothing. An invalid manifest stands in nobody's way: then less is
known.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dockerdecl.errors import DockerdeclError

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine
    from dockerdecl.operations.disk import Declared, DiskDocument, ImagesDocument
    from dockerdecl.planning.values import Step
    from dockerdecl.reconcile import Request
    from dockerdecl.resources.actual import Actual


def images(engine: Engine, request: Request, project: str | None) -> ImagesDocument:
    """The images of the project, or of the engine without one."""
    from dockerdecl.engine.calls.images import list_images
    from dockerdecl.operations.disk import images_document
    from dockerdecl.operations.found import find_containers

    listed = list_images(engine)
    return images_document(listed, find_containers(engine), _declared(engine, request, project))


def disk(engine: Engine, request: Request, project: str | None) -> DiskDocument:
    """What the project holds on disk, or the engine without one."""
    from dockerdecl.engine.calls.stats import disk_usage
    from dockerdecl.operations.disk import disk_document
    from dockerdecl.operations.found import find_containers

    raw = disk_usage(engine)
    return disk_document(raw, find_containers(engine), _declared(engine, request, project))


def _declared(engine: Engine, request: Request, project: str | None) -> Declared:
    from dockerdecl.engine.inventory import read_actual
    from dockerdecl.operations.disk import Declared
    from dockerdecl.planning.brought import no_longer_declared
    from dockerdecl.planning.pruning import make_prune_plan
    from dockerdecl.reconcile import validate
    from dockerdecl.resources.desired import Desired

    if project is None:
        return Declared()
    try:
        desired = validate(request).desired("")
    except DockerdeclError:
        desired = Desired(project)
    known = bool(desired.addresses) and desired.project == project
    desired = desired if known else Desired(project)
    references = {str(a): (image.reference, *image.tags) for a, image in desired.images.items() if not image.absent}
    # No registry is asked: what a pull would bring is no matter here.
    actual = read_actual(engine, project, [r for each in references.values() for r in each], {}, request.environ)
    going = _pruned(make_prune_plan(desired, actual).steps, actual) if known else None
    brought = frozenset(each.image.id for each in no_longer_declared(desired, actual))
    return Declared(project, references, brought, going)


def _pruned(steps: Iterable[Step], actual: Actual) -> frozenset[str]:
    from dockerdecl.planning.verbs import RemoveContainer, RemoveImage, RemoveVolume

    going: set[str] = set()
    for step in steps:
        match step.payload:
            case RemoveContainer(target=target):
                going.add(str(target.id))
            case RemoveImage(reference=reference):
                going.add(actual.id_of(reference) or reference)
            case RemoveVolume(name=name):
                going.add(name)
    return frozenset(going)
