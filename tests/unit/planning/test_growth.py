"""Work grows with the number of things, and no faster: told by counting calls, which no busy machine changes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import pytest

from dockerdecl.planning.document import plan_document
from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.status import status_document
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.desired import Desired
from tests.support.manifests import desired
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_run import perform

SMALL, LARGE = 50, 200
# Sorting takes a little more than in proportion; what is done for each pair would take four times as much.
ALLOWED = 1.15 * LARGE / SMALL


def manifest(count: int, level: str = "info") -> Mapping[str, Any]:
    """Chains of five containers each, on networks and volumes that grow in number too."""
    keys = [f"c{number}" for number in range(count)]
    return {
        "images": {"app": {"ref": "app:1", "pull": "never"}},
        "networks": {f"n{number}": {} for number in range(count // 5)},
        "volumes": {f"v{number}": {} for number in range(count // 5)},
        "containers": {
            key: {
                "image": "app",
                "environment": {"LEVEL": level, "NUMBER": number},
                "networks": {f"n{number // 5}": {"aliases": [f"a{number}"]}, f"n{(number * 3) % (count // 5)}": {}},
                "volumes": [f"v{number // 5}:/data"],
                "depends_on": [keys[number - 1]] if number % 5 else [],
                "restart": "unless-stopped",
            }
            for number, key in enumerate(keys)
        },
    }


def empty_engine() -> SimulatedEngine:
    engine = SimulatedEngine()
    engine.add_image("sha256:" + "1" * 64, "app:1", {"Cmd": ["serve"]})
    return engine


def standing(count: int) -> tuple[Desired, Actual]:
    """What is declared, and an engine that matches."""
    engine, wanted = empty_engine(), desired(manifest(count))
    made: dict[str, str] = {}
    for step in make_plan(wanted, engine.actual()).steps:
        perform(step.payload, engine, made)
    return wanted, engine.actual()


def calls_of(work: Callable[[], object]) -> int:
    count = 0

    def profile(_frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal count
        count += 1

    work()  # what is found out once has been
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def unchanged(count: int) -> Callable[[], object]:
    wanted, there = standing(count)
    return lambda: plan_document(make_plan(wanted, there))


def all_changed(count: int) -> Callable[[], object]:
    _, there = standing(count)
    wanted = desired(manifest(count, level="debug"))
    return lambda: plan_document(make_plan(wanted, there))


def from_nothing(count: int) -> Callable[[], object]:
    wanted, nothing = desired(manifest(count)), empty_engine().actual()
    return lambda: plan_document(make_plan(wanted, nothing))


def taken_from_a_manifest(count: int) -> Callable[[], object]:
    written = manifest(count)
    return lambda: desired(written)


def status(count: int) -> Callable[[], object]:
    wanted, there = standing(count)
    return lambda: status_document(wanted, there, make_plan(wanted, there))


@pytest.mark.parametrize("work", [taken_from_a_manifest, unchanged, all_changed, from_nothing, status])
def test_work_grows_in_proportion(work: Callable[[int], Callable[[], object]]) -> None:
    small, large = calls_of(work(SMALL)), calls_of(work(LARGE))
    assert large <= ALLOWED * small, f"{large / small:.2f} times the calls for {LARGE / SMALL:.0f} times the containers"
