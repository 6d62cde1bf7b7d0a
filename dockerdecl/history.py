"""What was applied before: shown, compared, and brought back, also by itself where an apply fails.

Takes a request, gives documents, plans and reports; prints nothing, asks nothing.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from dockerdecl import reconcile
from dockerdecl.errors import DockerdeclError, ExitCode, fail
from dockerdecl.reconcile import Prepared, Request

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine
    from dockerdecl.execution.events import Listener
    from dockerdecl.execution.report import Report
    from dockerdecl.manifest.manifest import Manifest
    from dockerdecl.resources.record import RevisionDocument
    from dockerdecl.revisions.history import HistoryDiffDocument, HistoryDocument

_NOT_FOUND = "manifest-not-found"


def revisions(request: Request) -> HistoryDocument:
    """The revisions of a project that are kept."""
    from dockerdecl.revisions.history import history_document

    project = reconcile.project_of(request)
    return history_document(_kept(request, project), project)


def revision(request: Request, number: int) -> RevisionDocument:
    """One revision. Raises DockerdeclError where it is not kept."""
    from dockerdecl.revisions.history import revision_document

    project = reconcile.project_of(request)
    return revision_document(_kept(request, project), project, number)


def difference(request: Request, one: int, other: int) -> HistoryDiffDocument:
    """What differs between two revisions."""
    from dockerdecl.revisions.history import difference_document, revision_document

    project = reconcile.project_of(request)
    kept = _kept(request, project)
    return difference_document(revision_document(kept, project, one), revision_document(kept, project, other))


def _kept(request: Request, project: str) -> dict[str, dict[str, str]]:
    from dockerdecl.engine.connection import connect
    from dockerdecl.engine.records import kept_records

    with connect(request.host, request.context, request.environ) as engine:
        return kept_records(engine, project)


def plan_rollback(request: Request, number: int | None) -> Prepared:
    """What going back to a revision would do, or to the last one that succeeded before and is another; as `plan`.

    Raises DockerdeclError with all that it needs and that is gone.
    """
    from dockerdecl.engine.connection import connect
    from dockerdecl.engine.records import kept_records
    from dockerdecl.execution.lock import locked
    from dockerdecl.revisions.going_back import chosen_revision

    current = _current(request)
    project = request.project or (current.document.project if current else reconcile.project_of(request))
    with ExitStack() as held:
        engine = held.enter_context(connect(request.host, request.context, request.environ))
        lock = held.enter_context(locked(engine, project, "dockerdecl rollback", request.lock_seconds))
        record = chosen_revision(kept_records(engine, project), project, number)
        made = _prepared(request, engine, record, current)
        return replace(made, lock=lock, held=held.pop_all())


def _current(request: Request) -> Manifest | None:
    "the files are asked for secrets only; where the project is named and there is no manifest, it goes without"
    try:
        return reconcile.validate(request)
    except DockerdeclError as error:
        if request.project and not request.files and error.code == _NOT_FOUND:
            return None
        raise


def _prepared(request: Request, engine: Engine, record: RevisionDocument, current: Manifest | None) -> Prepared:
    from dockerdecl.engine.inventory import read_actual
    from dockerdecl.planning.plan import make_plan
    from dockerdecl.revisions.going_back import manifest_of_revision

    before = read_actual(engine, record["project"], (), {}, request.environ)
    manifest = manifest_of_revision(record, current, before, request.environ, request.working_directory)
    desired = manifest.desired(secrets.token_hex(8))
    request = replace(request, profiles=tuple(record["profiles"]), targets=(), replace=())
    actual = reconcile.read_state(request, desired, engine)
    plan = make_plan(desired, actual, reconcile.options_of(request))
    number = record["revision"]["revision"]
    return Prepared(plan, engine, request, desired, actual, manifest, "rollback", number)


def apply(prepared: Prepared, *, listener: Listener, interrupt: threading.Event, roll_back: bool = False) -> Report:
    """Carry out a plan, as `reconcile.apply`; where an apply fails and that is wanted, go back to what was before."""
    report = reconcile.apply(prepared, listener=listener, interrupt=interrupt)
    wanted = roll_back or prepared.manifest.document.on_failure == "rollback"
    lost = any(error.exit_code is ExitCode.LOCKED for error in report.errors)
    if prepared.command != "apply" or not wanted or report.outcome != "failed" or lost:
        return report
    try:
        came = _gone_back(prepared, report, listener, interrupt)
    except DockerdeclError as error:
        problems = (replace(p, message=f"it could not be rolled back: {p.message}") for p in error.problems)
        return replace(report, problems=(*report.problems, DockerdeclError(*problems)))
    return replace(report, rollback=came)


def _gone_back(prepared: Prepared, failed: Report, listener: Listener, interrupt: threading.Event) -> Report:
    from dockerdecl.engine.records import kept_records
    from dockerdecl.resources.record import recorded_summaries
    from dockerdecl.revisions.going_back import last_that_stood
    from dockerdecl.revisions.history import revision_document

    engine, project = prepared.engine, prepared.desired.project
    kept = kept_records(engine, project)
    number = last_that_stood(
        summary for n, summary in recorded_summaries(kept, project).items() if n != failed.revision
    )
    if number is None:
        raise fail("no-such-revision", f"{project} has no earlier revision that succeeded")
    record = revision_document(kept, project, number)
    made = replace(_prepared(prepared.request, engine, record, prepared.manifest), lock=prepared.lock)
    report = reconcile.apply(made, listener=listener, interrupt=interrupt)
    return replace(report, back_to=number)
