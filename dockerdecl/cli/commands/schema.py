"""`dockerdecl schema`: the JSON Schemas of the manifest and of the printed documents, for editors and programs."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode


class Document(StrEnum):
    """What has a schema."""

    BUNDLE = "bundle"
    CONTAINERS = "containers"
    DISK = "disk"
    DOCTOR = "doctor"
    EVENT = "event"
    GRAPH = "graph"
    HISTORY = "history"
    HISTORY_DIFF = "history-diff"
    IMAGES = "images"
    INSPECTION = "inspection"
    LIMITS = "limits"
    LOCK = "lock"
    LOG_LINE = "log-line"
    MANIFEST = "manifest"
    OUTDATED = "outdated"
    PLAN = "plan"
    POLICY = "policy"
    PORTS = "ports"
    PROCESSES = "processes"
    REGISTRY_PRUNE = "registry-prune"
    REPORT = "report"
    REVISION = "revision"
    SAVED_PLAN = "saved-plan"
    SEARCH = "search"
    STATES = "states"
    STATS = "stats"
    STATUS = "status"
    TRANSFERS = "transfers"
    VALIDATION = "validation"
    WAIT = "wait"


Which = Annotated[Document, typer.Argument(help="Of what.")]


def schema(context: typer.Context, document: Which = Document.MANIFEST, *, debug: options.Debug = False) -> int:
    """Print the JSON Schema of the manifest, of a policy, or of a document."""
    from dockerdecl import schemas

    terminal: Terminal = context.obj
    terminal.show_text(json.dumps(schemas.schema(document), indent=2, ensure_ascii=False))
    return ExitCode.DONE
