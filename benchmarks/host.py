"""What is to run on a host, described once. Takes a size and what has changed; gives a manifest, a Compose file, and
the bodies of API calls, which all mean the same. Knows no engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]
IMAGE = "busybox:1"
PROJECT = "bench"
NETWORK = "net"
MOST_STARTED = 200  # above, containers are only created


class Changed(StrEnum):
    """Which containers have another variable than at first."""

    NONE = "none"
    ONE = "one"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Host:
    """`size` containers of one image on one network, which run, or are only `created`."""

    size: int
    started: bool = True
    changed: Changed = Changed.NONE

    def containers(self) -> dict[str, Json]:
        """Every container by its key, in the words that a manifest and a Compose file share."""
        return {f"c{number:04}": self._container(number) for number in range(self.size)}

    def _container(self, number: int) -> Json:
        change = {Changed.NONE: "0", Changed.ONE: "0" if number else "1", Changed.ALL: "2"}[self.changed]
        variables = {"INDEX": str(number), "CHANGE": change, "HTTP_PORT": "8080", "LOG_LEVEL": "info"}
        return {
            "command": ["sleep", "infinity"],
            "stop_grace_period": "0s",
            "environment": variables,
            "labels": {"com.example.team": "payments", "com.example.index": str(number)},
            "networks": {NETWORK: {"aliases": [f"service{number}"]}},
            "restart": "unless-stopped",
        }


def manifest(host: Host) -> str:
    """As dockerdecl takes it."""
    state = "running" if host.started else "created"
    return _yaml(
        {
            "apiVersion": "dockerdecl/v1",
            "project": PROJECT,
            "images": {"app": {"ref": IMAGE, "pull": "never"}},
            "networks": {NETWORK: {}},
            "containers": {key: {"image": "app", "state": state, **one} for key, one in host.containers().items()},
        }
    )


def compose_file(host: Host) -> str:
    """As Compose takes it; that a container isn't started is said on its command line."""
    services = {key: {"image": IMAGE, "pull_policy": "never", **one} for key, one in host.containers().items()}
    return _yaml({"name": PROJECT, "services": services, "networks": {NETWORK: {}}})


def description(host: Host) -> str:
    """As the programs of this comparison take it: JSON with the bodies of the calls that create."""
    network = f"{PROJECT}_{NETWORK}"
    containers = [{"name": f"{PROJECT}-{key}", "body": _body(one, network)} for key, one in host.containers().items()]
    return json.dumps({"network": {"Name": network}, "started": host.started, "containers": containers})


def _body(one: Json, network: str) -> Json:
    return {
        "Image": IMAGE,
        "Cmd": one["command"],
        "Env": [f"{name}={value}" for name, value in one["environment"].items()],
        "Labels": one["labels"],
        "StopTimeout": 0,
        "HostConfig": {"NetworkMode": network, "RestartPolicy": {"Name": one["restart"]}},
        "NetworkingConfig": {"EndpointsConfig": {network: {"Aliases": one["networks"][NETWORK]["aliases"]}}},
    }


def _yaml(document: Json) -> str:
    return yaml.safe_dump(document, sort_keys=False)


FORMS: Mapping[str, Callable[[Host], str]] = {
    "manifest.yaml": manifest,
    "compose.yaml": compose_file,
    "description.json": description,
}


def write_forms(folder: Path, size: int, *, started: bool) -> Path:
    """The host of that size in every form, a folder for each change; gives the folder that holds them."""
    for changed in Changed:
        place = folder / changed
        place.mkdir(parents=True, exist_ok=True)
        for name, form in FORMS.items():
            (place / name).write_text(form(Host(size, started, changed)), encoding="utf-8")
    return folder
