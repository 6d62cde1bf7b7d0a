"""Calls on containers. Takes and gives raw Engine API JSON; decides nothing."""

from __future__ import annotations

import base64
import io
import json
import struct
from collections.abc import Mapping, Sequence

from dockerdecl.engine.answers import Json, found
from dockerdecl.engine.client import ANSWER_SECONDS, Engine, filter_parameter, segment
from dockerdecl.engine.errors import NOT_FOUND
from dockerdecl.errors import DockerdeclError

ALL = "/containers/json?all=1"
"""Where all of them are read."""


def list_containers(
    engine: Engine,
    *,
    all: bool = True,  # noqa: A002  # the API's own word
    filters: Mapping[str, Sequence[str]] | None = None,
) -> list[Json]:
    """The containers, stopped ones too if `all`, that `filters` let through."""
    return engine.request(
        "GET", "/containers/json", params={"all": all, "filters": filter_parameter(filters)}
    ).json_list()


def inspect_container(engine: Engine, container: str) -> Json:
    """All that the engine knows about a container. Raises `not-found`."""
    return engine.request("GET", f"/containers/{segment(container)}/json").json_object()


def inspect_containers(engine: Engine, containers: Sequence[str]) -> dict[str, Json]:
    """All that the engine knows about each of these, fast where they are many; those that are gone are left out."""
    answers = engine.read_each([f"/containers/{segment(container)}/json" for container in containers])
    return {name: answer for name, answer in zip(containers, map(found, answers), strict=True) if answer is not None}


def create_container(engine: Engine, name: str, body: Json, platform: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Make a container; gives its id and the engine's warnings. Raises `name-in-use`, `not-found` for its image."""
    params = {"name": name, "platform": platform}
    answer = engine.request("POST", "/containers/create", params=params, body=body).json_object()
    return str(answer["Id"]), tuple(answer.get("Warnings") or ())


def start(engine: Engine, container: str) -> None:
    """Start a container; one that runs is left as it is."""
    _post(engine, container, "start")


def stop(engine: Engine, container: str, timeout: int | None = None) -> None:
    """Stop a container, and kill it after `timeout` seconds (None: its own StopTimeout, -1: never).

    One that doesn't run is left as it is. Waits for as long as it takes.
    """
    # Its own StopTimeout isn't known here, so the engine may be silent for any time.
    silence = ANSWER_SECONDS + timeout if timeout is not None and timeout >= 0 else None
    path = f"/containers/{segment(container)}/stop"
    engine.request("POST", path, params={"t": timeout}, timeout=silence)


def kill(engine: Engine, container: str, signal: str = "SIGKILL") -> None:
    """Send a signal to a container's main process. Raises `not-running`."""
    engine.request("POST", f"/containers/{segment(container)}/kill", params={"signal": signal})


def pause(engine: Engine, container: str) -> None:
    """Freeze a running container; one that is paused is left as it is."""
    _post(engine, container, "pause", already="already-paused")


def unpause(engine: Engine, container: str) -> None:
    """Let a paused container go on; one that isn't paused is left as it is."""
    _post(engine, container, "unpause", already="not-paused")


def rename(engine: Engine, container: str, name: str) -> None:
    """Give a container another name. Raises `name-in-use`; its own name is left as it is."""
    try:
        engine.request("POST", f"/containers/{segment(container)}/rename", params={"name": name})
    except DockerdeclError as error:
        if error.code != "name-unchanged":
            raise


def update(engine: Engine, container: str, body: Json) -> tuple[str, ...]:
    """Change limits and restart policy in place; gives the engine's warnings.

    The engine ignores what it can't change without a word, so read the container again. Raises `update-conflict`.
    """
    answer = engine.request("POST", f"/containers/{segment(container)}/update", body=body).json_object()
    return tuple(answer.get("Warnings") or ())


def remove(
    engine: Engine, container: str, *, volumes: bool = False, force: bool = False, missing_ok: bool = False
) -> None:
    """Remove a container, with its anonymous volumes if `volumes`, and even if it runs with `force`.

    Raises `running`, and `not-found` unless `missing_ok`.
    """
    params = {"v": volumes, "force": force}
    try:
        engine.request("DELETE", f"/containers/{segment(container)}", params=params)
    except DockerdeclError as error:
        if not (missing_ok and error.code == NOT_FOUND):
            raise


def put_archive(engine: Engine, container: str, path: str, tar: bytes) -> None:
    """Unpack a tar into the folder `path` of a container, running or not, modes and owners kept.

    Raises `file-not-found` when there is no such folder, `mount-read-only`.
    """
    where = f"/containers/{segment(container)}/archive"
    headers = {"Content-Type": "application/x-tar"}
    engine.request("PUT", where, params={"path": path}, data=io.BytesIO(tar), headers=headers)


def get_archive(engine: Engine, container: str, path: str) -> bytes | None:
    """A file or folder of a container as a tar, None when it has none there. Raises `not-found`."""
    try:
        return engine.request(
            "GET", f"/containers/{segment(container)}/archive", params={"path": path}, stream=True
        ).content()
    except DockerdeclError as error:
        if error.code == "file-not-found":
            return None
        raise


def stat_archive(engine: Engine, container: str, path: str) -> Json | None:
    """Name, size, mode (Go's), mtime and linkTarget of a path; None when it, or the container, is missing."""
    try:
        answer = engine.request("HEAD", f"/containers/{segment(container)}/archive", params={"path": path})
    except DockerdeclError as error:
        # The answer to a HEAD has no body, so the engine can't say which of the two is missing.
        if error.code == NOT_FOUND:
            return None
        raise
    stat: Json = json.loads(base64.b64decode(answer.header("X-Docker-Container-Path-Stat")))
    return stat


def logs_tail(engine: Engine, container: str, lines: int) -> str:
    """The last lines that a container wrote to stdout and stderr, in the order that the engine kept.

    Raises `not-found`, and `logs-unreadable` for a log driver that can't be read.
    """
    path = f"/containers/{segment(container)}/logs"
    params = {"stdout": True, "stderr": True, "tail": lines}
    answer = engine.request("GET", path, params=params)
    content = answer.content()
    kind = answer.header("Content-Type")
    if "multiplexed-stream" in kind:
        raw = False
    elif "raw-stream" in kind and engine.api_version != "1.41":
        raw = True
    else:
        # Engines before API 1.42 don't say which it is.
        raw = bool(inspect_container(engine, container)["Config"]["Tty"])
    return (content if raw else demultiplex(content)).decode(errors="replace")


def demultiplex(content: bytes) -> bytes:
    """What the frames of a multiplexed stream hold, stdout and stderr in the order they came."""
    parts, at = [], 0
    while at + 8 <= len(content):
        (length,) = struct.unpack_from(">L", content, at + 4)
        parts.append(content[at + 8 : at + 8 + length])
        at += 8 + length
    return b"".join(parts)


def _post(engine: Engine, container: str, verb: str, already: str | None = None) -> None:
    try:
        engine.request("POST", f"/containers/{segment(container)}/{verb}")
    except DockerdeclError as error:
        if error.code != already:
            raise


def processes(engine: Engine, container: str, arguments: str | None = None) -> Json:
    """What runs in a container, as the host's `ps` shows it with these arguments: `Titles` and `Processes`.

    Raises `not-running`, and what `ps` objects to.
    """
    path = f"/containers/{segment(container)}/top"
    return engine.request("GET", path, params={"ps_args": arguments}).json_object()


def restart(engine: Engine, container: str, timeout: int | None = None) -> None:
    """Stop a container, as `stop` does, and start it again; one that doesn't run is started."""
    silence = ANSWER_SECONDS + timeout if timeout is not None and timeout >= 0 else None
    path = f"/containers/{segment(container)}/restart"
    engine.request("POST", path, params={"t": timeout}, timeout=silence)
