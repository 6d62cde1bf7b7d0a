"""The loop that one writes first with the docker SDK: one container after the other.

sdk.py DESCRIPTION WORK     with DOCKER_HOST=unix:///...
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docker

Json = Any


class Naive:
    """The works, on what a description says."""

    def __init__(self, description: Json) -> None:
        self.client = docker.from_env(version="auto", timeout=600)
        self.wanted: list[Json] = description["containers"]
        self.network: str = description["network"]["Name"]
        self.started: bool = description["started"]

    def apply(self) -> None:
        """From nothing."""
        self.client.networks.create(self.network)
        for one in self.wanted:
            self._make(one)

    def _make(self, one: Json) -> None:
        api, body = self.client.api, one["body"]
        aliases = body["NetworkingConfig"]["EndpointsConfig"][self.network]["Aliases"]
        alias = api.create_endpoint_config(aliases=aliases)
        made = api.create_container(
            body["Image"],
            body["Cmd"],
            name=one["name"],
            environment=body["Env"],
            labels=body["Labels"],
            host_config=api.create_host_config(
                restart_policy=body["HostConfig"]["RestartPolicy"], network_mode=self.network
            ),
            # types-docker takes this for the settings of one network
            networking_config=api.create_networking_config({self.network: alias}),  # type: ignore[arg-type]
        )
        if self.started:
            self.client.containers.get(made["Id"]).start()

    def plan(self) -> list[tuple[Json, Any]]:
        """The containers that aren't as described; `list` inspects each."""
        found = {one.name: one for one in self.client.containers.list(all=True)}
        return [
            (one, found[one["name"]])
            for one in self.wanted
            if not set(one["body"]["Env"]) <= set(found[one["name"]].attrs["Config"]["Env"])
        ]

    def replace(self) -> None:
        """What differs is taken away and made anew."""
        for one, old in self.plan():
            self._remove(old)
            self._make(one)

    def destroy(self) -> None:
        """Every container, then the network."""
        for one in self.client.containers.list(all=True):
            self._remove(one)
        self.client.networks.get(self.network).remove()

    def _remove(self, container: Any) -> None:
        if self.started:
            container.stop(timeout=0)
        container.remove()


def main(arguments: Sequence[str]) -> None:
    """Do one work."""
    naive = Naive(json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    {"apply": naive.apply, "plan": naive.plan, "replace": naive.replace, "destroy": naive.destroy}[arguments[1]]()


if __name__ == "__main__":
    main(sys.argv[1:])
