"""What a scenario's program says of what was applied before."""

from __future__ import annotations

from tests.support.scenario import Scenario


def revisions(s: Scenario) -> list[dict[str, object]]:
    """The history, the newest first."""
    found: list[dict[str, object]] = s.run("history", "--format", "json").last.json()["revisions"]
    return found


def told(s: Scenario) -> list[tuple[object, object, object]]:
    """Number, command and outcome of each revision, the newest first."""
    return [(one["revision"], one["command"], one["outcome"]) for one in revisions(s)]
