"""The commands that look into containers and steer them, as they are typed, on one set of containers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dockerdecl import schemas
from tests.support.images import image_id
from tests.support.scenario import ScenarioMaker

pytestmark = pytest.mark.newest

SHOP = """
networks: {back: {}}
volumes: {data: {}}
images: {web: {ref: "www:1", pull: never}}
containers:
  db:
    image: busybox:1
    command: sleep 9999
    stop_grace_period: 0s
    volumes: ["data:/data"]
    environment: {DB_PASSWORD: hunter2secret}
    mem_limit: 32m
    networks: [back]
  web:
    image: web
    depends_on: [db]
    ports: ["127.0.0.1:8087:80"]
    networks: [back]
    stop_signal: KILL
"""


def test_looking_inside_and_steering(scenario: ScenarioMaker) -> None:
    """Every command knows containers by address, tells what is, and leaves alone what isn't the project's."""
    s = scenario("inside", SHOP).apply()
    other = s.engine.api("POST", "/containers/create", query={"name": "by-hand"}, body={"Image": "busybox:1"})["Id"]

    def run(*words: str, code: int = 0) -> Any:
        extra = () if "--raw" in words else ("--format", "json")
        done = s.run(*words, *extra, expect=code).last
        return json.loads(done.stdout) if done.stdout else done.stderr

    def judged(name: str, *words: str, code: int = 0) -> Any:
        document = run(*words, code=code)
        jsonschema.Draft202012Validator(schemas.schema(name)).validate(document)
        return document

    try:
        seen = judged("stats", "stats", "--no-stream")["containers"]
        assert all(one["memory"] and one["cpu_percent"] is not None for one in seen)
        assert seen[0]["memory_limit"] == 32 << 20
        things = judged("inspection", "inspect", "db", "network.back", "volume.data", "image.web")["things"]
        assert [thing["kind"] for thing in things] == ["container", "network", "volume", "image"]
        assert things[0]["given"]["mem_limit"] == "32m"
        assert things[3]["id"] == image_id(s.engine, "www:1")
        assert "hunter2" not in str(things) + str(run("inspect", "db", "--raw"))
        held = judged("disk", "df")["entries"]
        assert {entry["address"] for entry in held} >= {"volume.data", "container.db", "container.web"}

        stopped = judged("states", "stop", "db", "web")["containers"]
        assert [one["address"] for one in stopped] == ["container.web", "container.db"]
        assert all("the next apply starts it again" in one["drift"] for one in stopped)
        started = judged("states", "start", "--all")["containers"]
        assert [one["address"] for one in started] == ["container.db", "container.web"]
        (killed,) = judged("states", "kill", "web")["containers"]
        assert (killed["after"], killed["exit_code"]) == ("exited", 137)
        assert [one["outcome"] for one in judged("states", "restart", "web", "db")["containers"]] == ["done", "done"]
        if s.engine.version.startswith("26"):  # what is the same on every engine is tried on one
            listed = judged("containers", "ps")["containers"]
            assert [one["address"] for one in listed] == ["container.db", "container.web"]
            assert "by-hand" in {one["name"] for one in judged("containers", "ps", "-a", "--everyone")["containers"]}
            (port,) = judged("ports", "port", "web", "80")["ports"]
            assert (port["host_ip"], port["host_port"]) == ("127.0.0.1", 8087)
            assert "not-running" in run("top", "by-hand", code=1)
            assert judged("processes", "top", "db")["containers"][0]["titles"]
            report = judged("limits", "limits")
            assert [warning["code"] for warning in report["warnings"]] == ["memory-unlimited"]
            images = judged("images", "images")["images"]
            assert {row["address"]: row["containers"] for row in images}["image.web"] == ["container.web"]
            assert "not-ours" in run("stop", "by-hand", code=1)
            assert "no container to stop" in run("stop", code=64)
            judged("states", "pause", "web")
            (failed,) = judged("states", "start", "web", code=1)["containers"]
            assert (failed["code"], failed["outcome"]) == ("paused", "failed")
            judged("states", "unpause", "web")
    finally:
        s.engine.api("DELETE", f"/containers/{other}", query={"force": 1})
    s.destroy()


def test_without_a_project_the_engine_is_looked_at(scenario: ScenarioMaker, tmp_path: Path) -> None:
    """In a folder without a manifest, all that is on the engine is shown, and names give hints."""
    s = scenario("bare", "containers: {}")
    (s.folder / "dockerdecl.yaml").unlink()
    assert s.run("ps", "-a", "--format", "json").last.json()["project"] is None
    assert s.run("images", "--format", "json").last.json()["images"]
    wrong = s.run("inspect", "busyboks:1", expect=1).last
    assert "unknown-thing" in wrong.stderr
