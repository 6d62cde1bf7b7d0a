"""What a scenario looks at after a step. Each check is made from what is expected, and reads the engine.

A check takes a scenario and raises AssertionError; it never asks the program. What takes a moment on the engine's
side (an answer on a port, health, a log line) is waited for with a deadline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.support.engine_api import Json
from tests.support.engine_state import read_state
from tests.support.eventually import eventually
from tests.support.scenario import Check, Scenario

UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def running(key: str) -> Check:
    """The container has a process."""
    return state(key, "running")


def state(key: str, expected: str) -> Check:
    """The container's state in the engine's word: created, running, paused, exited."""

    def check(s: Scenario) -> None:
        found = s.container(key)["State"]["Status"]
        assert found == expected, f"container.{key} is {found}, not {expected}"

    return check


def named(key: str, name: str) -> Check:
    """The container's name on the engine."""

    def check(s: Scenario) -> None:
        assert s.container(key)["Name"] == f"/{name}"

    return check


def healthy(key: str) -> Check:
    """The container's health check passes, or does so shortly."""
    return _health(key, "healthy")


def unhealthy(key: str) -> Check:
    """The container's health check has failed as often as counts, or does so shortly."""
    return _health(key, "unhealthy")


def _health(key: str, expected: str) -> Check:
    def check(s: Scenario) -> None:
        eventually(lambda: _equal(s.container(key)["State"]["Health"]["Status"], expected, f"health of {key}"))

    return check


def same_container(key: str) -> Check:
    """The last run neither replaced nor restarted the container."""

    def check(s: Scenario) -> None:
        earlier, now = _earlier(s, key), s.container(key)
        assert earlier["Id"] == now["Id"], f"container.{key} was replaced"
        started = earlier["State"]["StartedAt"], now["State"]["StartedAt"]
        assert started[0] == started[1], f"container.{key} was restarted: started {started[0]}, then {started[1]}"

    return check


def kept(key: str) -> Check:
    """The last run did not replace the container; it may have stopped or started it."""

    def check(s: Scenario) -> None:
        assert _earlier(s, key)["Id"] == s.container(key)["Id"], f"container.{key} was replaced"

    return check


def replaced(key: str) -> Check:
    """The last run put another container in the place of the one that stood."""

    def check(s: Scenario) -> None:
        assert _earlier(s, key)["Id"] != s.container(key)["Id"], f"container.{key} is still the same"

    return check


def memory(key: str, limit: str) -> Check:
    """The container's memory limit: "64m"."""

    def check(s: Scenario) -> None:
        _equal(s.container(key)["HostConfig"]["Memory"], _bytes(limit), f"memory of {key}")

    return check


def environment(key: str, **expected: str | None) -> Check:
    """Variables that the container was made with; None for one that must not be there."""

    def check(s: Scenario) -> None:
        pairs: Mapping[str, str] = dict(line.split("=", 1) for line in s.container(key)["Config"]["Env"] if "=" in line)
        _equal({name: pairs.get(name) for name in expected}, expected, f"environment of {key}")

    return check


def mounted(key: str, target: str, *, source: str | None = None) -> Check:
    """Something is mounted at `target`: the volume of key `source`, or the host path `source`."""

    def check(s: Scenario) -> None:
        mounts = {m["Destination"]: m for m in s.container(key)["Mounts"]}
        assert target in mounts, f"nothing is mounted at {target} in {key}, only at {sorted(mounts)}"
        found = {mounts[target].get("Name"), mounts[target].get("Source")}
        assert source is None or found & {f"{s.project}_{source}", source}, f"{target} of {key} is {found}"

    return check


def file_content(key: str, path: str, text: str) -> Check:
    """A file as a process in the running container reads it, volumes and tmpfs included."""

    def check(s: Scenario) -> None:
        _equal(s.engine.docker("exec", s.container(key)["Id"], "cat", path), text, f"{path} in {key}")

    return check


def log(key: str, text: str) -> Check:
    """The container has written `text`, or does so shortly."""

    def check(s: Scenario) -> None:
        def look() -> None:
            written = s.engine.docker("logs", s.container(key)["Id"])
            assert text in written, f"the log of {key} has no {text!r}: {written[-500:]!r}"

        eventually(look)

    return check


def http_ok(port: int, *, text: str = "", path: str = "/") -> Check:
    """A published port answers 200 with `text` in it, or does so shortly."""

    def check(s: Scenario) -> None:
        def look() -> None:
            answer = s.engine.http(port, path)
            assert answer.status == 200 and text in answer.text, f"port {port} answers {answer}"

        eventually(look)

    return check


def network_attached(key: str, network: str, *, alias: str | None = None) -> Check:
    """The container is on the network of that key (or of that engine name), under `alias` where one is given."""

    def check(s: Scenario) -> None:
        attached = s.container(key)["NetworkSettings"]["Networks"]
        endpoint = attached.get(f"{s.project}_{network}") or attached.get(network)
        assert endpoint, f"container.{key} is not on {network}, only on {sorted(attached)}"
        assert alias is None or alias in (endpoint["Aliases"] or []), f"{key} has the aliases {endpoint['Aliases']}"

    return check


def uses_image(key: str, reference: str) -> Check:
    """The container was made from the image that `reference` means now."""

    def check(s: Scenario) -> None:
        wanted = s.engine.api("GET", f"/images/{reference}/json")["Id"]
        _equal(s.container(key)["Image"], wanted, f"image of {key}")

    return check


def absent(address: str) -> Check:
    """Nothing has that address, nor the name that it would have on the engine; an image: no such reference."""

    def check(s: Scenario) -> None:
        now = read_state(s.engine)
        kind, _, key = address.partition(".")
        if kind == "image":
            tags = {tag for image in now.images.values() for tag in image["RepoTags"] or []}
            assert key not in tags, f"the image {key} is still there"
            return
        name = f"{s.project}{'-' if kind == 'container' else '_'}{key}"
        labelled = now.find(s.project, address)
        assert labelled is None and f"{kind} {name}" not in now.names(), f"{address} is still there"

    return check


def present(address: str) -> Check:
    """Something of the project has that address."""

    def check(s: Scenario) -> None:
        assert read_state(s.engine).find(s.project, address), f"there is no {address}"

    return check


def says(pattern: str) -> Check:
    """The last run printed something that matches. For where the output itself is the promise."""

    def check(s: Scenario) -> None:
        output = f"{s.last.stdout}\n{s.last.stderr}"
        assert re.search(pattern, output), f"no {pattern!r} in:\n{s.last}"

    return check


def _earlier(s: Scenario, key: str) -> Json:
    found = s.before.find(s.project, f"container.{key}")
    assert found, f"there was no container.{key} before the last run"
    return found


def _equal(found: object, expected: object, what: str) -> None:
    assert found == expected, f"{what}: {found!r}, expected {expected!r}"


def _bytes(size: str) -> int:
    number = size.rstrip("bkmg")
    return int(number) * UNITS[size[len(number) :]]
