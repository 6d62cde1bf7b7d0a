"""Revisions of projects, as they are kept on an engine: volumes that hold nothing, whose labels say what was applied.

Takes and gives what is on the engine; when a revision is kept or dropped is decided elsewhere.
"""

from __future__ import annotations

from dockerdecl.engine.calls.volumes import create_volume, list_volumes, remove_volume
from dockerdecl.engine.client import Engine
from dockerdecl.errors import fail
from dockerdecl.resources.ownership import RECORD_FOR
from dockerdecl.resources.record import RevisionDocument, record_labels, record_name

Kept = dict[str, dict[str, str]]
"""The labels of the volumes that keep revisions, by the volumes' names."""


def kept_records(engine: Engine, project: str) -> Kept:
    """All that is kept of a project's revisions."""
    listed = list_volumes(engine, filters={"label": [f"{RECORD_FOR}={project}"]})
    return {raw["Name"]: raw.get("Labels") or {} for raw in listed}


def keep_record(engine: Engine, document: RevisionDocument) -> None:
    """Keep a revision. Raises DockerdeclError where something else has its name."""
    name, labels = record_name(document["project"], document["revision"]["revision"]), record_labels(document)
    made = create_volume(engine, {"Name": name, "Labels": labels})
    if (made.get("Labels") or {}) != labels:
        raise fail("record-in-the-way", f"the volume {name} is there already, and is no record of this run")


def drop_record(engine: Engine, project: str, number: int) -> None:
    """Forget a revision; one that is gone already is no error."""
    remove_volume(engine, record_name(project, number), missing_ok=True)
