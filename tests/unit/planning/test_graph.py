"""A project as a graph: every node, what it is bound to, its state and what a plan does to it."""

from __future__ import annotations

import copy
import json

import jsonschema
import pytest

from dockerdecl import schemas
from dockerdecl.errors import DockerdeclError
from dockerdecl.planning.graph import GraphDocument, graph_document
from dockerdecl.planning.plan import make_plan
from dockerdecl.resources.actual import Actual
from dockerdecl.resources.address import Address, Kind
from tests.support.manifests import desired
from tests.unit.cli.pictures import SHOP, changed_shop, running


def states(document: GraphDocument) -> dict[str, str | None]:
    return {node["address"]: node["state"] for node in document["nodes"]}


def actions(document: GraphDocument) -> dict[str, str | None]:
    return {node["address"]: node["action"] for node in document["nodes"] if node["action"] != "unchanged"}


def edges(document: GraphDocument, *kinds: str) -> list[str]:
    return sorted(
        f"{edge['source']} {edge['kind']} {edge['target']} {edge['label']}{' ro' if edge['read_only'] else ''}"
        for edge in document["edges"]
        if edge["kind"] in kinds
    )


def test_what_is_declared_needs_no_engine() -> None:
    document = graph_document(desired(SHOP))
    assert (document["shows"], document["engine"]) == ("declared", None)
    assert set(states(document).values()) == {None}
    web = next(node for node in document["nodes"] if node["address"] == "container.web")
    assert web["ports"] == ["127.0.0.1:8080 → 80", "53 → 53/udp"]
    assert web["networks"] == ["network.front", "network.back"]
    assert web["detail"] == "registry.local:5000/shop/web:1.4"


def test_edges_lead_from_what_needs_to_what_is_needed() -> None:
    document = graph_document(desired(SHOP))
    assert edges(document, "depends_on", "links", "namespace", "volumes_from") == [
        "container.cache volumes_from container.db None ro",
        "container.proxy depends_on container.web healthy",
        "container.sniffer namespace container.web network",
        "container.web depends_on container.db healthy",
        "container.web links container.db database",
        "container.worker[1] depends_on container.cache None",
        "container.worker[1] depends_on container.db None",
        "container.worker[2] depends_on container.cache None",
        "container.worker[2] depends_on container.db None",
    ]
    assert edges(document, "volume") == [
        "container.db volume volume.data /data",
        "container.web volume volume.uploads /srv/uploads",
        "container.worker[1] volume volume.uploads /srv/uploads ro",
        "container.worker[2] volume volume.uploads /srv/uploads ro",
    ]


def test_the_state_of_each_thing_is_shown() -> None:
    engine = running(SHOP)
    engine.stop("shop-cache", exit_code=1)
    engine.stop("shop-proxy", exit_code=0)
    engine.pause("shop-worker-2")
    engine.container("shop-web").health = "unhealthy"
    engine.remove("shop-sniffer", force=True)
    document = graph_document(desired(SHOP), engine.actual())
    assert {address: state for address, state in states(document).items() if state != "present"} == {
        "container.cache": "failed",
        "container.cron": "running",
        "container.db": "healthy",
        "container.proxy": "stopped",
        "container.sniffer": "missing",
        "container.web": "unhealthy",
        "container.worker[1]": "running",
        "container.worker[2]": "paused",
    }


def test_a_plan_says_what_happens_to_each() -> None:
    _, document = changed_shop()
    assert actions(document) == {
        "container.cache": "start",
        "container.cron": "remove",
        "container.mailer": "create",
        "container.sniffer": "replace",
        "container.web": "replace",
        "container.worker[1]": "update",
        "container.worker[2]": "update",
    }
    cron = next(node for node in document["nodes"] if node["address"] == "container.cron")
    assert (cron["declared"], cron["networks"]) == (False, ["network.back"])
    assert "container.cron network network.back None" in edges(document, "network")


def test_what_is_absent_as_declared_is_not_shown() -> None:
    manifest = copy.deepcopy(SHOP)
    manifest["containers"]["cron"]["state"] = "absent"
    for document in (
        graph_document(desired(manifest), Actual()),
        graph_document(desired(manifest), Actual(), make_plan(desired(manifest), Actual())),
    ):
        assert "container.cron" not in states(document)
    assert states(graph_document(desired(manifest), running(SHOP).actual()))["container.cron"] == "running"


def test_targets_bring_what_they_need() -> None:
    document = graph_document(desired(SHOP), targets=[Address(Kind.CONTAINER, "cache")])
    assert sorted(states(document)) == [
        *("container.cache", "container.db", "image.pg:16", "image.redis:7", "network.back", "volume.data"),
    ]


def test_an_unknown_target_is_told_what_there_is() -> None:
    with pytest.raises(DockerdeclError) as caught:
        graph_document(desired(SHOP), targets=[Address(Kind.VOLUME, "dota")])
    assert caught.value.code == "unknown-address"
    assert "volume.data" in str(caught.value.problems[0].hint)


def test_the_document_is_what_its_schema_says() -> None:
    judge = jsonschema.Draft202012Validator(schemas.schema("graph"))
    for document in (changed_shop()[1], graph_document(desired(SHOP)), graph_document(desired(SHOP), Actual())):
        judge.validate(json.loads(json.dumps(document)))
