"""Calls on images, with their streams of progress. Takes and gives raw Engine API JSON; decides nothing.

An engine answers a pull, a push, a load or a build with 200 and tells in the stream whether it worked: an error there
is raised like any other.
"""

from __future__ import annotations

import io
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO
from urllib.parse import quote

from dockerdecl.engine.answers import Answer, Json, found
from dockerdecl.engine.client import Engine, Query, filter_parameter
from dockerdecl.engine.credentials import RegistryAuth
from dockerdecl.engine.errors import NOT_FOUND, from_message
from dockerdecl.engine.progress import Layers, OnProgress, Progress
from dockerdecl.engine.references import named_reference
from dockerdecl.errors import DockerdeclError, fail

_BLOCK_BYTES = 1 << 18
_OUTPUT_LINES = 10
# The classic builder, which leaves the containers of a failed step behind unless it is told not to.
_BUILD_DEFAULTS: Mapping[str, str] = {"version": "1", "rm": "1", "forcerm": "1"}
_NO_AUTH = "e30="  # {} in base64: a push without the header is refused by some engines, even where none is needed

ALL = "/images/json"
"""Where all of them are read."""


def list_images(engine: Engine, *, filters: Mapping[str, Sequence[str]] | None = None) -> list[Json]:
    """The images that `filters` let through, without the intermediate ones of builds."""
    return engine.request("GET", "/images/json", params={"filters": filter_parameter(filters)}).json_list()


def inspect_image(engine: Engine, image: str) -> Json | None:
    """All that the engine knows about an image, given by reference or id; None when it hasn't got it."""
    try:
        return engine.request("GET", f"/images/{_path(image)}/json").json_object()
    except DockerdeclError as error:
        if error.code == NOT_FOUND:
            return None
        raise


def inspect_images(engine: Engine, images: Sequence[str]) -> list[Json]:
    """All that the engine knows about each of these, fast where they are many; those it hasn't got are left out."""
    answers = engine.read_each([f"/images/{_path(image)}/json" for image in images])
    return [raw for raw in map(found, answers) if raw is not None]


def tag(engine: Engine, image: str, reference: str) -> None:
    """Give an image one more name; whatever had that name loses it. Raises `not-found`."""
    name = named_reference(reference)
    params = {"repo": name.familiar_name, "tag": name.tag or "latest"}
    engine.request("POST", f"/images/{_path(image)}/tag", params=params)


def remove_image(engine: Engine, image: str, *, force: bool = False, missing_ok: bool = False) -> list[Json]:
    """Take a name from an image, and the image away with its last one; gives what was `Untagged` and `Deleted`.

    Raises `image-in-use`, `image-has-children`, `image-has-more-names`, and `not-found` unless `missing_ok`.
    """
    try:
        return engine.request("DELETE", f"/images/{_path(image)}", params={"force": force}).json_list()
    except DockerdeclError as error:
        if missing_ok and error.code == NOT_FOUND:
            return []
        raise


def distribution_digest(engine: Engine, reference: str, auth: RegistryAuth | None = None) -> str:
    """The digest that a reference has in its registry now, `sha256:...`; nothing is pulled.

    Raises `image-not-in-registry`, `registry-auth`, `registry-unreachable` and the like.
    """
    path = f"/distribution/{_path(reference)}/json"
    with of_registry(named_reference(reference).registry):
        answer = engine.request("GET", path, headers=_auth_header(auth)).json_object()
    return str(answer["Descriptor"]["digest"])


def pull(
    engine: Engine,
    reference: str,
    auth: RegistryAuth | None = None,
    on_progress: OnProgress | None = None,
    platform: str | None = None,
) -> None:
    """Fetch an image from its registry; `latest` where the reference names neither tag nor digest.

    Raises `image-not-in-registry`, `registry-auth`, `registry-unreachable`, `platform-mismatch` and the like.
    """
    name = named_reference(reference)
    params = {"fromImage": name.familiar_name, "tag": name.digest or name.tag, "platform": platform}
    layers = Layers()
    with of_registry(name.registry):
        answer = engine.request(
            "POST", "/images/create", params=params, headers=_auth_header(auth), stream=True, timeout=None
        )
        for message in _messages(answer):
            _tell(on_progress, layers.told(message))


def push(
    engine: Engine, reference: str, auth: RegistryAuth | None = None, on_progress: OnProgress | None = None
) -> str:
    """Send an image to its registry; gives the digest it has there.

    Raises `tag-missing`, `registry-auth`, `registry-unreachable` and the like.
    """
    name = named_reference(reference)
    layers, digest = Layers(), ""
    with of_registry(name.registry):
        answer = engine.request(
            "POST",
            f"/images/{_path(name.familiar_name)}/push",
            params={"tag": name.tag or "latest"},
            headers=_auth_header(auth) or {"X-Registry-Auth": _NO_AUTH},
            stream=True,
            timeout=None,
        )
        for message in _messages(answer):
            digest = str((message.get("aux") or {}).get("Digest") or digest)
            _tell(on_progress, layers.told(message))
    return digest


def load(engine: Engine, archive: BinaryIO, on_progress: OnProgress | None = None) -> tuple[str, ...]:
    """Load what `docker save` wrote, as it is or compressed with gzip, bzip2 or xz.

    Gives the references loaded, ids where an image has none. Raises what the engine objects to.
    """
    answer = _upload(engine, "/images/load", {"quiet": True}, archive, on_progress=on_progress)
    loaded: list[str] = []
    for message in _messages(answer):
        loaded += re.findall(r"^Loaded image(?: ID)?: (\S+)$", str(message.get("stream", "")), re.MULTILINE)
    return tuple(loaded)


def import_image(
    engine: Engine,
    root: BinaryIO,
    reference: str,
    *,
    changes: Sequence[str] = (),
    message: str | None = None,
    platform: str | None = None,
    on_progress: OnProgress | None = None,
) -> str:
    """Make an image of a root file system's tar and give its id.

    `changes` are Dockerfile instructions (CMD, ENV ...), `message` is kept as the image's comment. Every import makes a
    new image, even of the same tar. Raises `refused` for an instruction that the engine doesn't take here.
    """
    name = named_reference(reference)
    params = {
        "fromSrc": "-",
        "repo": name.familiar_name,
        "tag": name.tag or "latest",
        "message": message,
        "changes": list(changes),
        "platform": platform,
    }
    answer = _upload(engine, "/images/create", params, root, on_progress=on_progress)
    *_, last = ({}, *_messages(answer))
    return str(last.get("status", ""))


def build(
    engine: Engine,
    context: BinaryIO,
    params: Mapping[str, Any],
    on_progress: OnProgress | None = None,
    registry_config: str | None = None,
) -> str:
    """Build an image with the classic builder and give its id.

    `context` is the build context's tar; `params` are the API's own (`t`, `dockerfile`, `buildargs` ...), those that it
    wants as JSON given as mappings or lists. `registry_config` is the header of `credentials.registry_config`. Raises
    `build-failed` with the last lines that the build printed, or what the registry of a base image objected to.
    """
    headers = {"X-Registry-Config": registry_config} if registry_config else {}
    query = {**_BUILD_DEFAULTS, **{key: _build_parameter(value) for key, value in params.items()}}
    answer = _upload(engine, "/build", query, context, on_progress=on_progress, headers=headers)
    layers, output, image = Layers(), deque[str](maxlen=_OUTPUT_LINES), ""
    try:
        for message in _messages(answer):
            image = str((message.get("aux") or {}).get("ID") or image)
            printed = [line for line in str(message.get("stream", "")).splitlines() if line.strip()]
            output.extend(printed)
            if printed:
                _tell(on_progress, Progress(printed[-1].strip()))
            elif "status" in message:
                _tell(on_progress, layers.told(message))
    except DockerdeclError as error:
        raise _build_failed(error, tuple(output)) from error
    return image


def _build_failed(error: DockerdeclError, output: tuple[str, ...]) -> DockerdeclError:
    if error.code != "engine-failed" or not output:
        return error
    printed = "\n".join(f"  {line}" for line in output)
    return fail("build-failed", f"{error.problems[0].message}\n{printed}", hint=error.problems[0].hint)


def _build_parameter(value: object) -> str | bool | int | None:
    match value:
        case None | str() | bool() | int():
            return value
        case _:
            return json.dumps(value)


def _path(image: str) -> str:
    return quote(image, safe="/:@")


def _auth_header(auth: RegistryAuth | None) -> dict[str, str]:
    return {"X-Registry-Auth": auth.header} if auth else {}


@contextmanager
def of_registry(registry: str) -> Iterator[None]:
    """What to do about a registry is said of any; within the block it is known which."""
    try:
        yield
    except DockerdeclError as error:
        named = (
            replace(p, hint=p.hint.replace("REGISTRY", registry)) if p.hint and p.code.startswith("registry-") else p
            for p in error.problems
        )
        raise DockerdeclError(*named, exit_code=error.exit_code) from error


def _messages(answer: Answer) -> Iterator[Json]:
    for message in answer.lines():
        error = (message.get("errorDetail") or {}).get("message") or message.get("error")
        if error:
            answer.close()
            raise from_message(answer.status, str(error))
        yield message


def _tell(on_progress: OnProgress | None, progress: Progress) -> None:
    if on_progress:
        on_progress(progress)


def _upload(
    engine: Engine,
    path: str,
    params: Query,
    source: BinaryIO,
    *,
    on_progress: OnProgress | None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    return engine.request(
        "POST",
        path,
        params=params,
        data=_blocks(source, on_progress),
        headers={"Content-Type": "application/x-tar", **(headers or {})},
        stream=True,
        timeout=None,
    )


def _blocks(source: BinaryIO, on_progress: OnProgress | None) -> Iterator[bytes]:
    total, sent = _size(source), 0
    while block := source.read(_BLOCK_BYTES):
        yield block
        sent += len(block)
        _tell(on_progress, Progress("sending", sent, total))


def _size(source: BinaryIO) -> int:
    try:
        here = source.tell()
        end = source.seek(0, io.SEEK_END)
        source.seek(here)
    except (OSError, ValueError):
        return 0
    return end - here
