"""What steps carry beyond what a plan shows of them."""

from __future__ import annotations

import pytest

from dockerdecl.planning.plan import make_plan
from dockerdecl.planning.values import Plan
from dockerdecl.planning.verbs import Connect, CreateContainer, CreateNetwork
from tests.support.manifests import desired
from tests.support.read_back import Release
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_run import Run

MAC = "02:42:ac:11:00:09"


def following(former: dict[str, object], manifest: dict[str, object]) -> Plan:
    engine = SimulatedEngine(Release("26.1"))
    assert Run(engine, make_plan(desired(former), engine.actual())).go().whole
    return make_plan(desired(manifest), engine.actual())


def manifest(alias: str, *, internal: bool = False) -> dict[str, object]:
    web = {"image": "app:1", "mac_address": MAC, "networks": {"back": {"aliases": [alias]}}}
    return {"networks": {"back": {"internal": internal}}, "containers": {"web": web}}


def test_a_fixed_mac_address_is_not_lost_by_a_connection_which_would_drop_it() -> None:
    plan = following(manifest("old"), manifest("new"))
    assert not [step for step in plan.steps if isinstance(step.payload, Connect)]
    (made,) = [step.payload for step in plan.steps if isinstance(step.payload, CreateContainer)]
    assert made.body["NetworkingConfig"]["EndpointsConfig"]["shop_back"]["MacAddress"] == MAC


@pytest.mark.parametrize("internal", [False, True])
def test_a_replaced_network_is_taken_back_as_it_was(internal: bool) -> None:
    plan = following(manifest("old", internal=internal), manifest("old", internal=not internal))
    undone = [undo.payload for step in plan.steps for undo in step.undo]
    (body,) = [payload.body for payload in undone if isinstance(payload, CreateNetwork)]
    assert body["Name"] == "shop_back"
    assert body["Internal"] is internal
    assert body["Labels"]["dockerdecl.project"] == "shop"
    assert body["IPAM"]["Config"]
    (connected,) = [payload.endpoint for payload in undone if isinstance(payload, Connect)]
    assert {"old", "web"} <= {*connected["Aliases"]}
    assert connected["MacAddress"] == MAC
