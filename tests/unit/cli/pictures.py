"""A shop to draw: its manifest, what it becomes, and the graphs of both."""

from __future__ import annotations

import copy
from typing import Any

from dockerdecl.planning.document import PlanDocument, plan_document
from dockerdecl.planning.graph import GraphDocument, graph_document
from dockerdecl.planning.plan import make_plan
from tests.support.manifests import desired
from tests.support.read_back import Release
from tests.support.simulated_engine import SimulatedEngine
from tests.support.simulated_rules import Rules
from tests.support.simulated_run import Run

HEALTHY = {"condition": "service_healthy"}
SHOP: dict[str, Any] = {
    "networks": {"front": {}, "back": {}},
    "volumes": {"data": {}, "uploads": {}},
    "images": {"web": {"ref": "registry.local:5000/shop/web:1.4"}},
    "containers": {
        "proxy": {"image": "nginx:1.25", "ports": ["80:80"], "networks": ["front"], "depends_on": {"web": HEALTHY}},
        "web": {
            "image": "web",
            "ports": ["127.0.0.1:8080:80", "53:53/udp"],
            "networks": ["front", "back"],
            "links": ["db:database"],
            "depends_on": {"db": HEALTHY},
            "volumes": ["uploads:/srv/uploads"],
            "healthcheck": {"test": "true"},
            "environment": {"LOG_LEVEL": "info", "DB_PASSWORD": "hunter2"},
        },
        "worker": {
            "image": "web",
            "replicas": 2,
            "networks": ["back"],
            "depends_on": ["db", "cache"],
            "volumes": ["uploads:/srv/uploads:ro"],
        },
        "db": {"image": "pg:16", "networks": ["back"], "volumes": ["data:/data"], "healthcheck": {"test": "true"}},
        "cache": {"image": "redis:7", "networks": ["back"], "volumes_from": ["db:ro"]},
        "sniffer": {"image": "tcpdump:1", "network_mode": "service:web"},
        "cron": {"image": "web", "networks": ["back"]},
    },
}


def changed() -> dict[str, Any]:
    """The shop with a new container, one that is gone, and differences."""
    manifest = copy.deepcopy(SHOP)
    containers = manifest["containers"]
    containers["web"]["environment"] = {"LOG_LEVEL": "debug", "DB_PASSWORD": "other", "BANNER": "a\n<b>b</b>\nc"}
    containers["worker"]["mem_limit"] = "64m"
    containers["mailer"] = {"image": "web", "networks": ["back"], "depends_on": ["cache"]}
    del containers["cron"]
    return manifest


def running(manifest: dict[str, Any]) -> SimulatedEngine:
    """An engine on which a manifest was applied."""
    engine = SimulatedEngine(Release("26.1"))
    wanted = desired(manifest)
    plan = make_plan(wanted, engine.actual())
    assert Run(engine, plan, rules=Rules(wanted, plan, frozenset())).go().whole
    return engine


def changed_shop() -> tuple[PlanDocument, GraphDocument]:
    """The plan from the shop to what it becomes, and its graph."""
    engine = running(SHOP)
    engine.stop("shop-cache", exit_code=1)
    wanted = desired(changed())
    plan = make_plan(wanted, engine.actual())
    return plan_document(plan), graph_document(wanted, engine.actual(), plan)
