"""Revisions as documents, for tests that need one."""

from __future__ import annotations

from typing import Any, cast

from dockerdecl.resources.record import RevisionDocument, RevisionSummary


def summary(number: int = 1, **changed: Any) -> RevisionSummary:
    """A revision in short: an apply that succeeded."""
    plain = {
        "revision": number,
        "at": "2026-01-31T12:00:00Z",
        "by": "me@here",
        "command": "apply",
        "outcome": "succeeded",
        "source": None,
        "manifest": f"sha256:{number}",
        "images": "sha256:0",
        "targets": [],
        "back_to": None,
        "summary": dict.fromkeys(("create", "update", "replace", "remove", "start", "stop", "adopt"), 0),
    }
    return cast("RevisionSummary", {**plain, **changed})


def document(number: int = 1, **changed: Any) -> RevisionDocument:
    """A whole revision."""
    plain = {
        "format": "dockerdecl/revision/v1",
        "project": "shop",
        "revision": summary(number),
        "profiles": [],
        "declared": {},
        "hidden": [],
        "images": {},
        "brought": {},
        "steps": [],
    }
    return cast("RevisionDocument", {**plain, **changed})
