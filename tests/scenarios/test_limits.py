"""Limits that depend on one another, from every form of them to every other: in place wherever the engine can, known
beforehand where it can't. Slow: `pytest -m slow tests/scenarios/test_limits.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import pytest
import yaml

from tests.support.checks import replaced, same_container
from tests.support.drift import STAYS
from tests.support.scenario import MANIFEST, Scenario, ScenarioMaker, actions_of

Forms = Mapping[str, Mapping[str, Any]]

MEMORY: Forms = {
    "none": {},
    "low": {"mem_limit": "32m"},
    "low-tight": {"mem_limit": "32m", "memswap_limit": "32m"},
    "low-open": {"mem_limit": "32m", "memswap_limit": -1},
    "high": {"mem_limit": "96m"},
    "high-tight": {"mem_limit": "96m", "memswap_limit": "96m"},
    "high-open": {"mem_limit": "96m", "memswap_limit": -1},
}
CPU: Forms = {
    "none": {},
    "half": {"cpus": 0.5},
    "one": {"cpus": 1},
    "quota": {"cpu_quota": 20000},
    "period": {"cpu_period": 50000},
    "both": {"cpu_quota": 20000, "cpu_period": 50000},
}


def in_place(before: Mapping[str, Any], after: Mapping[str, Any], *, runs: bool) -> bool:
    """As measured: 0 is "not given" for memory and cpus, a period that was given bars cpus for ever, and a process that
    runs keeps its swap limit though the engine shows another word.
    """
    lost = before.keys() - after.keys()
    opened = after.get("memswap_limit") == -1 != before.get("memswap_limit") and "mem_limit" in before
    barred = "cpu_period" in before and "cpus" in after
    return not lost & {"mem_limit", "cpus"} and not barred and not (opened and runs)


@pytest.mark.slow
@pytest.mark.parametrize("state", ["created", "running", "paused", "stopped"])
@pytest.mark.parametrize("forms", [MEMORY, CPU], ids=["memory", "cpu"])
def test_limits_change_in_place_wherever_the_engine_can(scenario: ScenarioMaker, forms: Forms, state: str) -> None:
    """The plan must know which changes an update can make; what it makes must be what a new container would have."""
    pairs = {f"{a}-to-{b}": (forms[a], forms[b]) for a, b in permutations(forms, 2)}
    s = scenario("limits", manifest({key: before for key, (before, _) in pairs.items()}, state)).apply()
    if state == "stopped":
        for word in ("start", "stop"):
            s.by_hand(f"docker {word} {' '.join(f'limits-{key}' for key in pairs)}")
    later = manifest({key: after for key, (_, after) in pairs.items()}, state)
    s.write(MANIFEST, f"apiVersion: dockerdecl/v1\nproject: limits\n{later}")
    possible = {
        key: in_place(before, after, runs=state in ("running", "paused")) for key, (before, after) in pairs.items()
    }
    planned = actions_of(s.plan().last.json())
    assert planned == {f"container.{key}": "update" if possible[key] else "replace" for key in pairs}
    s.apply(*(same_container(key) if possible[key] else replaced(key) for key in pairs))
    for key, (_, after) in pairs.items():
        assert held(s, key) == expected(after), key


def held(s: Scenario, key: str) -> dict[str, int]:
    """The limits that the engine holds; what is as nothing is left out."""
    host = s.container(key)["HostConfig"]
    nothing = {"CpuQuota": -1, "CpuPeriod": 100_000}
    words = ("Memory", "MemorySwap", "NanoCpus", "CpuQuota", "CpuPeriod")
    return {word: host[word] for word in words if host[word] and host[word] != nothing.get(word)}


def expected(form: Mapping[str, Any]) -> dict[str, int]:
    """The limits that the engine holds of a container made so."""
    memory, swap = (size(form.get(word)) for word in ("mem_limit", "memswap_limit"))
    limits = {
        "Memory": memory,
        "MemorySwap": swap or 2 * memory,
        "NanoCpus": int(form.get("cpus", 0) * 10**9),
        "CpuQuota": form.get("cpu_quota", 0),
        "CpuPeriod": form.get("cpu_period", 0),
    }
    return {word: limit for word, limit in limits.items() if limit}


def size(text: Any) -> int:
    return int(text.rstrip("m")) << 20 if isinstance(text, str) else int(text or 0)


def manifest(limits: Forms, state: str) -> str:
    return yaml.safe_dump({"containers": {key: {**STAYS, **form, "state": state} for key, form in limits.items()}})
