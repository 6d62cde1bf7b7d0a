"""What was changed by hand is seen by the next plan, in the manifest's words, with nothing else beside it; an apply
mends it, in place where the engine can. A file that changed inside a container is not seen: no inspection shows it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.checks import kept, replaced, same_container, unhealthy
from tests.support.drift import Drift, Table, changes_of, make
from tests.support.engines import PrivateEngine
from tests.support.scenario import Check, ScenarioMaker


@pytest.mark.parametrize("name", ["updates", "remade", "states", "networks"])
def test_what_is_changed_by_hand_is_seen_and_mended(scenario: ScenarioMaker, engine: PrivateEngine, name: str) -> None:
    """Each row of the table must be planned as it says, and nothing else; only what was planned so may be made anew."""
    table = Table.read(name, engine.version)
    s = scenario(f"drift-{name}", table.manifest).write("password.txt", "correct horse").apply()
    for key, row in table.rows.items():
        make(s.engine, s.project, key, row)
    s.write("password.txt", "battery staple").check(*_sick(table))
    changes = {f"container.{key}": row.change for key, row in table.rows.items() if row.action != "none"}
    assert changes_of(s.run("plan", "--format", "json").last.json()) == changes
    s.apply(*(check for key, row in table.rows.items() for check in _mended(key, row)))


def _sick(table: Table) -> Iterator[Check]:
    yield from (unhealthy(key) for key, row in table.rows.items() if "health check" in row.reason)


def _mended(key: str, row: Drift) -> Iterator[Check]:
    match row.action:
        case "replace":
            yield replaced(key)
        case "update" if row.stays:
            yield same_container(key)
        case "update" | "start" | "stop" | "none":
            yield kept(key)
