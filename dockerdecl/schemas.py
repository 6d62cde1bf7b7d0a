"""The JSON Schemas of the manifest, of a policy and of the documents that commands print or save, by name."""

from __future__ import annotations

from typing import Any

SCHEMAS = (
    "bundle",
    "containers",
    "doctor",
    "event",
    "graph",
    "disk",
    "history",
    "history-diff",
    "images",
    "inspection",
    "limits",
    "lock",
    "log-line",
    "manifest",
    "outdated",
    "plan",
    "policy",
    "ports",
    "processes",
    "registry-prune",
    "report",
    "revision",
    "saved-plan",
    "search",
    "states",
    "stats",
    "status",
    "transfers",
    "validation",
    "wait",
)


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a manifest, a policy, or a document that the commands print with `--format json`."""
    from dockerdecl.execution.report import ReportDocument
    from dockerdecl.manifest.schema import manifest_schema
    from dockerdecl.operations.awaiting import WaitDocument
    from dockerdecl.operations.disk import DiskDocument, ImagesDocument
    from dockerdecl.operations.doctor.document import DoctorDocument
    from dockerdecl.operations.happenings import EventDocument
    from dockerdecl.operations.inspection import InspectionDocument
    from dockerdecl.operations.limits import LimitsDocument
    from dockerdecl.operations.listing import ContainersDocument
    from dockerdecl.operations.logs import LogLineDocument
    from dockerdecl.operations.ports import PortsDocument
    from dockerdecl.operations.processes import ProcessesDocument
    from dockerdecl.operations.registry_keeping import RegistryPruneDocument
    from dockerdecl.operations.registry_search import SearchDocument
    from dockerdecl.operations.registry_transfers import TransfersDocument
    from dockerdecl.operations.states import StatesDocument
    from dockerdecl.operations.stats import StatsDocument
    from dockerdecl.planning.document import PlanDocument
    from dockerdecl.planning.graph import GraphDocument
    from dockerdecl.planning.saved import SavedPlan
    from dockerdecl.planning.status import StatusDocument
    from dockerdecl.policy.document import ValidationDocument
    from dockerdecl.policy.spec import policy_schema
    from dockerdecl.resources.bundle import BundleIndex
    from dockerdecl.resources.lock_documents import LockDocument, OutdatedDocument
    from dockerdecl.resources.record import RevisionDocument
    from dockerdecl.resources.schemas import document_schema
    from dockerdecl.revisions.history import HistoryDiffDocument, HistoryDocument

    if name == "manifest":
        return manifest_schema()
    if name == "policy":
        return policy_schema()
    documents: dict[str, type] = {
        "bundle": BundleIndex,
        "containers": ContainersDocument,
        "doctor": DoctorDocument,
        "graph": GraphDocument,
        "disk": DiskDocument,
        "event": EventDocument,
        "history": HistoryDocument,
        "history-diff": HistoryDiffDocument,
        "lock": LockDocument,
        "outdated": OutdatedDocument,
        "images": ImagesDocument,
        "inspection": InspectionDocument,
        "limits": LimitsDocument,
        "plan": PlanDocument,
        "ports": PortsDocument,
        "processes": ProcessesDocument,
        "registry-prune": RegistryPruneDocument,
        "report": ReportDocument,
        "revision": RevisionDocument,
        "saved-plan": SavedPlan,
        "search": SearchDocument,
        "states": StatesDocument,
        "stats": StatsDocument,
        "status": StatusDocument,
        "transfers": TransfersDocument,
        "log-line": LogLineDocument,
        "validation": ValidationDocument,
        "wait": WaitDocument,
    }
    return document_schema(documents[name], name)
