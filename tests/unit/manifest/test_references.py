"""What must hold between the parts of a manifest: what is taken as right, and that cycles are found.

What is taken as wrong stands in tests/cases/manifest_errors.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.manifest.checks import Subject, check
from dockerdecl.manifest.checks.cycles import check_cycles
from dockerdecl.manifest.schema import SECTIONS
from dockerdecl.resources.document import Document
from tests.unit.manifest.loading import loaded, refused

RIGHT = {
    "a data container that others use": """
        containers:
          store: {image: rootfs, state: created, volumes: ["/srv:/data"]}
          web: {image: web, volumes_from: ["store:ro", "container:other"]}
    """,
    "the same port on other addresses, protocols and containers that don't run": """
        containers:
          a: {image: x, ports: ["127.0.0.1:80:80", "127.0.0.2:80:80", "80:80/udp", "[::1]:80:80", "8080-8090:90"]}
          b: {image: x, ports: ["127.0.0.3:80:80", "8080-8090:90"]}
          c: {image: x, ports: ["127.0.0.1:80:80"], state: created}
          d: {image: x, ports: ["127.0.0.1:80:80"], state: absent}
    """,
    "one port on every IPv4 and every IPv6 address": """
        containers:
          a: {image: x, ports: ["0.0.0.0:80:80", "[::]:80:80"]}
    """,
    "a port that is published in two forms": """
        containers:
          a: {image: x, ports: ["80:80", {target: 80, published: "80"}]}
    """,
    "replicas with a range of ports, and one replica with a fixed one": """
        containers:
          a: {image: x, replicas: 3, ports: ["8000-8002:80", "90"]}
          b: {image: x, replicas: 1, ports: ["8080:80"], container_name: bb}
    """,
    "legacy links on the default bridge": """
        containers:
          db: {image: x, network_mode: bridge}
          web: {image: x, network_mode: bridge, links: ["db:database", "db"]}
    """,
    "a network by another's, with ports where they belong": """
        containers:
          pause: {image: x, ports: ["80:80"], hostname: here}
          web: {image: x, network_mode: "service:pause", pid: "service:pause", ipc: "container:abc"}
    """,
    "addresses in subnets, declared and of others": """
        networks:
          back: {ipam: {config: [{subnet: 10.1.0.0/24, gateway: 10.1.0.1}, {subnet: "fd00::/64"}]}}
          theirs: {external: true, name: corporate}
        containers:
          a:
            image: x
            networks:
              back: {ipv4_address: 10.1.0.5, ipv6_address: "fd00::5"}
              theirs: {ipv4_address: 10.9.0.5}
    """,
    "one subnet for two networks that don't share the engine's address space": """
        networks:
          a: {ipam: {config: [{subnet: 10.1.0.0/24}]}}
          b: {ipam: {config: [{subnet: 10.1.0.0/24}]}, state: absent}
    """,
    "secrets on a read-only root, in folders of their own": """
        secrets: {key: {content: x}}
        configs: {app: {content: x}}
        containers:
          a: {image: x, read_only: true, tmpfs: /run, secrets: [key], configs: [{source: app, target: /etc/app/x}]}
    """,
    "a file in a writable folder below a read-only mount": """
        configs: {app: {content: x}}
        containers:
          a:
            image: x
            volumes: ["/srv:/etc:ro", "/tmp:/etc/app"]
            configs: [{source: app, target: /etc/app/x}]
    """,
    "limits at their edges": """
        containers:
          a:
            image: x
            mem_limit: 6m
            memswap_limit: 6m
            mem_reservation: 6m
            cpus: 0.01
            cpu_shares: 2
            oom_score_adj: -1000
            healthcheck: {test: [CMD, x], interval: 1ms, timeout: 0, retries: 0}
            ulimits: {nofile: 1024, core: {soft: 0, hard: -1}, nproc: -1}
          b: {image: x, mem_limit: 0, memswap_limit: -1}
    """,
    "dependencies that can be met": """
        containers:
          job: {image: x, state: completed}
          db: {image: x}
          gone: {image: x, state: absent}
          web:
            image: x
            depends_on:
              job: {condition: service_completed_successfully}
              db: {condition: service_healthy, restart: true}
              gone: {condition: service_started, required: false}
              nowhere: {condition: service_healthy, required: false}
          kept: {image: x, state: created, depends_on: [web]}
    """,
    "an absent container, whatever it was made of": """
        networks: {back: {state: absent}}
        volumes: {data: {state: absent}}
        images: {old: {ref: "old:1", state: absent}}
        containers:
          old: {image: old, networks: [back], volumes: ["data:/data"], env_file: nowhere.env, state: absent}
          other: {state: absent}
    """,
    "one name in two kinds": """
        networks: {a: {name: data}}
        volumes: {a: {name: data}}
        containers: {a: {image: x, container_name: data}}
    """,
    "images by key, by reference and by id": """
        images: {web: {ref: "web:1", tags: ["web:latest"]}}
        containers:
          a: {image: web}
          b: {image: "localhost:5000/web@sha256:0000000000000000000000000000000000000000000000000000000000000000"}
          c: {image: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
    """,
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_works_on_an_engine_is_not_refused(text: str, tmp_path: Path) -> None:
    manifest = loaded(tmp_path, dedent(text))
    assert manifest.desired("key").project == "shop"


def document(containers: dict[str, Any]) -> Document:
    return Document.model_validate({"apiVersion": "dockerdecl/v1", "project": "shop", "containers": containers})


def subject(containers: dict[str, Any]) -> Subject:
    checked = document(containers)
    return Subject(checked, {section: frozenset(getattr(checked, section)) for section in SECTIONS})


KEYS = "abcdef"
GRAPHS = st.dictionaries(st.sampled_from(KEYS), st.sets(st.sampled_from(KEYS), max_size=3), min_size=1)


def has_cycle(graph: dict[str, set[str]]) -> bool:
    """By taking away, again and again, what needs nothing that is left."""
    left = {key: needs & graph.keys() - {key} for key, needs in graph.items()}
    while free := [key for key, needs in left.items() if not needs & left.keys()]:
        for key in free:
            del left[key]
    return bool(left)


@given(GRAPHS, st.sampled_from(["depends_on", "links", "volumes_from"]))
def test_a_cycle_is_found_where_there_is_one_and_is_one(graph: dict[str, set[str]], field: str) -> None:
    containers = {key: {"image": "x", field: sorted(needs)} for key, needs in graph.items()}
    found = list(check_cycles(subject(containers)))
    assert bool(found) is has_cycle(graph)
    for finding in found:
        way = finding.message.rpartition(": ")[2].split(" → ")
        assert way[0] == way[-1]
        assert all(later in graph[earlier] for earlier, later in pairwise(way))
        assert finding.path[:3] == ("containers", way[0], field)


@given(GRAPHS)
def test_a_manifest_without_findings_resolves(graph: dict[str, set[str]]) -> None:
    checked = subject({key: {"image": "x", "links": sorted(needs)} for key, needs in graph.items()})
    if not list(check(checked)):
        from dockerdecl.resources.resolve import Contents, resolve

        assert len(resolve(checked.document, Contents()).containers) == len(graph)


def test_each_problem_names_its_address(tmp_path: Path) -> None:
    text = yaml.safe_dump({"containers": {"web": {"image": "x", "networks": ["nowhere"]}}, "images": {"i": {}}})
    assert [problem.address for problem in refused(tmp_path, text)] == ["container.web", "image.i"]
