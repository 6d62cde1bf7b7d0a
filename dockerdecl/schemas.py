"""The JSON Schemas of the manifest and of the documents that commands print or save, by name."""

from __future__ import annotations

from typing import Any

SCHEMAS = ("history", "history-diff", "manifest", "plan", "report", "revision", "saved-plan", "status")


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a manifest, or of one of the documents that the commands print with `--format json`."""
    from dockerdecl.execution.report import ReportDocument
    from dockerdecl.manifest.schema import manifest_schema
    from dockerdecl.planning.document import PlanDocument
    from dockerdecl.planning.saved import SavedPlan
    from dockerdecl.planning.status import StatusDocument
    from dockerdecl.resources.record import RevisionDocument
    from dockerdecl.resources.schemas import document_schema
    from dockerdecl.revisions.history import HistoryDiffDocument, HistoryDocument

    if name == "manifest":
        return manifest_schema()
    documents: dict[str, type] = {
        "history": HistoryDocument,
        "history-diff": HistoryDiffDocument,
        "plan": PlanDocument,
        "report": ReportDocument,
        "revision": RevisionDocument,
        "saved-plan": SavedPlan,
        "status": StatusDocument,
    }
    return document_schema(documents[name], name)
