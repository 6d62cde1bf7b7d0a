"""The way to a diagnosis: the manifest where there is one, the engine, and what was found. Prints nothing."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from dockerdecl import reconcile
from dockerdecl.errors import DockerdeclError, Problem

if TYPE_CHECKING:
    from dockerdecl.operations.doctor.document import DoctorDocument
    from dockerdecl.operations.doctor.facts import Finding
    from dockerdecl.reconcile import Request
    from dockerdecl.resources.desired import Desired


def diagnose(request: Request) -> DoctorDocument:
    """What the engine is like, and what will have trouble with it. A manifest is not needed, unless files are named.

    Raises DockerdeclError where the engine can't be reached.
    """
    from dockerdecl.engine.connection import connect
    from dockerdecl.operations.doctor.document import doctor_document
    from dockerdecl.operations.doctor.engine_checks import engine_findings
    from dockerdecl.operations.doctor.gather import gather
    from dockerdecl.operations.doctor.manifest_checks import manifest_findings

    desired, findings = _declared(request)
    with connect(request.host, request.context, request.environ) as engine:
        facts = gather(engine, desired, request.environ)
        return doctor_document(engine.host, facts, [*findings, *engine_findings(facts), *manifest_findings(facts)])


def _declared(request: Request) -> tuple[Desired | None, list[Finding]]:
    from dockerdecl.operations.doctor.facts import Finding, Severity

    try:
        return reconcile.validate(request).desired(secrets.token_hex(8)), []
    except DockerdeclError as error:
        if error.code == "manifest-not-found" and not request.files:
            what, why = (
                "no manifest was found: only the engine was looked at",
                "what is declared may have trouble of its own",
            )
            advice = "ask where the manifest is, or name it with -f"
            return None, [Finding(Severity.INFO, error.code, what, why, advice)]
        return None, [
            Finding(Severity.ERROR, p.code, str(p), "nothing of the manifest was looked at", _advice(p), p.address)
            for p in error.problems
        ]


def _advice(problem: Problem) -> str:
    "a hint may be a sentence about how things are, so it stands beside what to do and not in place of it"
    missing = problem.code in ("manifest-not-found", "file-not-found")
    advice = "mend the manifest, or name another with -f" if missing else "mend the manifest"
    return f"{advice} (hint: {problem.hint})" if problem.hint else advice
