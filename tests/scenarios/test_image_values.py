"""What an image supplies is never a difference, whoever says it; what is taken out of the manifest falls back to it."""

from __future__ import annotations

import json
from typing import Any

from tests.support.images import BUSYBOX
from tests.support.scenario import MANIFEST, Scenario, ScenarioMaker, differing

IMAGE = {
    "Entrypoint": ["/bin/sh", "-c"],
    "Cmd": ["sleep 99"],
    "Env": ["FROM_IMAGE=1", "PATH=/bin"],
    "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
    "Volumes": {"/image-data": {}},
    "Labels": {"from.image": "yes", "other.image": "no"},
    "Healthcheck": {"Test": ["CMD", "true"], "Interval": 7 * 10**9, "Timeout": 3 * 10**9, "Retries": 2},
    "User": "1000",
    "WorkingDir": "/srv",
    "StopSignal": "SIGQUIT",
    "Shell": ["/bin/ash", "-c"],
}
SAME: dict[str, Any] = {
    "command": ["sleep 99"],
    "environment": {"FROM_IMAGE": "1"},
    "expose": ["53/udp", 80],
    "volumes": ["/image-data/"],
    "labels": {"from.image": "yes"},
    "healthcheck": {"test": ["CMD", "true"], "interval": "7000ms", "retries": 2},
    "user": "1000",
    "working_dir": "/srv/",
    "stop_signal": "3",
}
OTHER: dict[str, tuple[Any, set[str]]] = {
    "entrypoint": (["/bin/ash"], {"entrypoint", "command"}),  # an entrypoint drops the image's command
    "command": (["sleep 98"], {"command"}),
    "environment": ({"FROM_IMAGE": "2", "OWN": "1"}, {"environment.FROM_IMAGE", "environment.OWN"}),
    "expose": ([81], {"expose"}),
    "volumes": (["/own-data"], {"volumes./own-data"}),
    "labels": ({"from.image": "no", "own": ""}, {"labels.from.image", "labels.own"}),
    "healthcheck": ({"interval": "8s"}, {"healthcheck.interval"}),
    "user": ("0", {"user"}),
    "working_dir": ("/tmp", {"working_dir"}),
    "stop_signal": ("TERM", {"stop_signal"}),
}
WITHOUT = {
    "no-check": (
        {"healthcheck": {"disable": True}},
        {f"healthcheck.{key}" for key in ("test", "interval", "timeout", "retries")},
    ),
    "no-entrypoint": ({"entrypoint": [], "command": ["/bin/true"]}, {"entrypoint", "command"}),
    "no-variable": ({"environment": {"FROM_IMAGE": None}}, {"environment.FROM_IMAGE"}),
    "mounted-over": ({"volumes": [{"type": "tmpfs", "target": "/image-data"}]}, {"tmpfs./image-data"}),
}


def test_what_an_image_supplies_is_no_difference(scenario: ScenarioMaker) -> None:
    """Declared not at all, alike, otherwise or in part: nothing after an apply; taken out: only what is otherwise."""
    declared = {
        "none": {},
        "all": SAME,
        **{f"same-{field}".replace("_", "-"): {field: value} for field, value in SAME.items()},
        **{f"other-{field}".replace("_", "-"): {field: value} for field, (value, _) in OTHER.items()},
        **{key: fields for key, (fields, _) in WITHOUT.items()},
    }
    s = scenario("supplied", "containers: {}")
    _make_image(s)
    s.write(MANIFEST, _manifest(declared)).apply()
    s.write(MANIFEST, _manifest({key: {} for key in declared})).plan()
    others = {f"container.other-{field}".replace("_", "-"): paths for field, (_, paths) in OTHER.items()}
    withouts = {f"container.{key}": paths for key, (_, paths) in WITHOUT.items()}
    assert differing(s.last.json()) == {**others, **withouts}


def _make_image(s: Scenario) -> None:
    "by a commit, since an import takes neither SHELL nor, on 20.10, STOPSIGNAL"
    made = s.engine.api("POST", "/containers/create", body={"Image": BUSYBOX, **IMAGE})["Id"]
    s.engine.api("POST", "/commit", query={"container": made, "repo": "supplies", "tag": "1"})
    s.engine.api("DELETE", f"/containers/{made}", query={"force": 1, "v": 1})
    config = s.engine.api("GET", "/images/supplies:1/json")["Config"]
    assert {key: config[key] for key in IMAGE if key != "Env"} == {key: IMAGE[key] for key in IMAGE if key != "Env"}


def _manifest(containers: dict[str, Any]) -> str:
    made = {"image": "supplies:1", "state": "created", "network_mode": "bridge"}
    return json.dumps(
        {
            "apiVersion": "dockerdecl/v1",
            "project": "supplied",
            "containers": {key: {**made, **fields} for key, fields in containers.items()},
        }
    )
