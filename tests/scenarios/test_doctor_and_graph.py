"""What a doctor sees of an engine and a manifest, and a project that runs as a graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from dockerdecl import schemas
from tests.support.scenario import MANIFEST, Scenario, ScenarioMaker

pytestmark = pytest.mark.newest

AILING = """
containers:
  web:
    image: nginx:latest
    user: "1000"
    ports: ["8091:80"]
    volumes: ["{0}/data:/data", "{0}/none:/none"]
  sound: {{image: "busybox:1", logging: {{driver: local}}}}
"""
SHOP = """
networks: {back: {}}
volumes: {data: {}}
containers:
  db: {image: busybox:1, command: sleep 9999, stop_signal: KILL, volumes: ["data:/data"], networks: [back]}
  web: {image: busybox:1, depends_on: [db], networks: [back], state: created, ports: ["127.0.0.1:8092:80"]}
"""


def document(s: Scenario, *words: str, name: str, code: int = 0) -> Any:
    found = s.run(*words, "--format", "json", expect=code).last.json()
    jsonschema.Draft202012Validator(schemas.schema(name)).validate(found)
    return found


def test_a_doctor_sees_what_will_go_wrong(scenario: ScenarioMaker, tmp_path: Path) -> None:
    """An engine of which only the network is another's: its files and disk are looked at, its ports asked for."""
    (tmp_path / "data").mkdir(mode=0o755)
    s = scenario("ailing", AILING.format(tmp_path))
    assert s.engine.pid
    s.by_hand("docker run -d --name holder -p 127.0.0.1:8091:80 --stop-signal KILL busybox:1 sleep 9999")
    seen = document(s, "doctor", name="doctor", code=1)
    facts, findings = seen["facts"], {finding["code"]: finding for finding in seen["findings"]}
    assert facts["local"] and not facts["ports_local"] and 0 < facts["disk_free"] <= facts["disk_size"]
    assert abs(facts["clock_skew"]) < 5 and facts["answer_seconds"] < 5
    manifest = {code: finding["address"] for code, finding in findings.items() if finding["address"]}
    assert manifest == {
        "port-taken": "container.web",
        "bind-missing": "container.web",
        "bind-not-writable": "container.web",
        "image-latest": "image.nginx:latest",
    }
    assert "`holder`" in findings["port-taken"]["what"] and "/none is not" in findings["bind-missing"]["what"]
    assert f"`chown 1000:0 {tmp_path}/data`" in findings["bind-not-writable"]["advice"]
    assert "container.web are never rotated" in findings["logs-unbounded"]["what"]
    assert not (tmp_path / "none").exists()
    s.by_hand("docker stop holder")
    told = s.run("doctor").last.stdout
    assert "GiB free" in told and "its ports can't be looked at" in told and "0 error" in told

    s.write(MANIFEST, "apiVersion: dockerdecl/v1\nproject: ailing\ncontainers: {web: {imag: busybox:1}}\n")
    assert "mend the manifest" in s.run("doctor", expect=1).last.stdout
    missing = s.run("doctor", "-f", "missing.yaml", expect=1).last.stdout
    assert "do:  mend the manifest, or name another with -f" in missing
    (s.folder / MANIFEST).unlink()
    assert "no manifest was found: only the engine was looked at" in s.run("doctor").last.stdout
    assert "socket-missing" in s.run("doctor", "--host", f"unix://{tmp_path}/none.sock", expect=4).last.stderr


def test_a_project_that_runs_is_drawn(scenario: ScenarioMaker) -> None:
    """States where nothing is planned, actions where something is; every form of the picture names the same."""
    s = scenario("drawn", SHOP).apply()
    graph = document(s, "graph", name="graph")
    states = {node["address"]: node["state"] for node in graph["nodes"]}
    expected = {"container.db": "running", "container.web": "created", "network.back": "present"}
    assert graph["shows"] == "state" and expected.items() <= states.items()
    dot, svg = s.run("graph", "--format", "dot").last.stdout, s.run("graph").last.stdout
    drawn = " ".join(ElementTree.fromstring(svg).itertext())
    for word in ("web", "db", "back", "data", "running", "8092"):
        assert word in dot and word in drawn
    s.edit(old="command: sleep 9999", new="command: sleep 8888")
    s.run("graph", "--plan", "--out", "shop.json")
    planned = json.loads((s.folder / "shop.json").read_text())
    jsonschema.Draft202012Validator(schemas.schema("graph")).validate(planned)
    actions = {node["address"]: node["action"] for node in planned["nodes"]}
    assert planned["shows"] == "change"
    assert {"container.db": "replace", "network.back": "unchanged"}.items() <= actions.items()
