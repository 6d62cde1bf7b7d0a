"""One engine's actual state, read: a list a kind, and one inspection for each own container and each image that
matters. Takes an engine and what a project needs to know; gives `Actual`. Changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from dockerdecl.engine.answers import Json
from dockerdecl.engine.calls import containers, images, networks, volumes
from dockerdecl.engine.client import Engine
from dockerdecl.engine.credentials import registry_auth
from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.resources import podman
from dockerdecl.resources.actual import Actual, EngineFacts, LiveContainer, LiveImage, LiveNetwork, LiveVolume
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import BUILD, PROJECT, recorded_labels

_WORKERS = 8

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def read_actual(
    engine: Engine,
    project: str,
    references: Iterable[str],
    ask_registry: Mapping[str, int],
    environ: Mapping[str, str],
    *,
    untagged: bool = False,
    others: Others | None = None,
) -> Actual:
    """What is on the engine, as far as `project` is concerned.

    `references` are the images whose inspection matters beside those of own containers, by reference or id; with
    `untagged` so do all that lost their tags. Others' containers are inspected where `others` says so. For
    `ask_registry` the registry is asked what a pull would bring, where the image is so many seconds old or more. Raises
    DockerdeclError where the engine can't be read.
    """
    with ThreadPoolExecutor(_WORKERS) as pool:
        lists = [
            pool.submit(call, engine)
            for call in (containers.list_containers, networks.list_networks, volumes.list_volumes, images.list_images)
        ]

        def ask(names: Iterable[str]) -> dict[str, Future[str | Problem]]:
            return {name: pool.submit(_registry_digest, engine, name, environ) for name in sorted(names)}

        digests = ask(name for name, seconds in ask_registry.items() if not seconds)
        listed, nets, vols, listed_images = (future.result() for future in lists)
        recorded = recorded_labels({v["Name"]: v.get("Labels") or {} for v in vols}, project)

        def wanted_of(name: str, labels: Mapping[str, str]) -> bool:
            return labels.get(PROJECT) == project or (others is not None and others(name, labels))

        live = [
            c for c in _each(pool, lambda raw: _container(engine, raw, wanted_of, recorded), listed) if c is not None
        ]
        ids = {reference: image["Id"] for image in listed_images for reference in _references(image)}
        wanted = {ids.get(parse(name).listed, name) for name in references} & {image["Id"] for image in listed_images}
        wanted |= {c.image_id for c in live if c.raw}
        wanted |= {image["Id"] for image in listed_images if _may_be_known(image, untagged=untagged)}
        inspected = {
            raw["Id"]: raw for raw in _each(pool, lambda i: images.inspect_image(engine, i), sorted(wanted)) if raw
        }
        later = {name: seconds for name, seconds in ask_registry.items() if seconds}
        now = engine.clock() if later else 0
        digests |= ask(n for n, s in later.items() if _is_older(inspected.get(ids.get(parse(n).listed, "")), now - s))
        swap = _limits_swap(engine, live)
        return Actual(
            EngineFacts(engine.host, engine.server_version, engine.api_version, swap, engine.system, engine.product),
            images={
                raw["Id"]: _image(raw, inspected.get(raw["Id"]), recorded)
                for raw in _with_missing(listed_images, inspected)
            },
            references=ids,
            networks=tuple(LiveNetwork(n["Id"], n["Name"], _labels(n, n["Id"], recorded), n) for n in nets),
            volumes={v["Name"]: LiveVolume(v["Name"], _labels(v, v["Name"], recorded), v) for v in vols},
            containers=tuple(sorted(live, key=lambda c: c.name)),
            registry_digests={name: future.result() for name, future in digests.items()},
        )


def _is_older(image: Json | None, then: int) -> bool:
    "whether an image was tagged at `then` or before; not every engine notes a pull, so what it doesn't know may be old"
    text = ((image or {}).get("Metadata") or {}).get("LastTagTime") or ""
    try:
        return datetime.fromisoformat(re.sub(r"\.\d+", "", text)).timestamp() <= then
    except (ValueError, OverflowError):
        return image is not None


def _each(pool: ThreadPoolExecutor, call: Callable[[_In], _Out], items: Iterable[_In]) -> list[_Out]:
    return list(pool.map(call, items))


def _registry_digest(engine: Engine, reference: str, environ: Mapping[str, str]) -> str | Problem:
    try:
        return images.distribution_digest(engine, reference, registry_auth(reference, environ))
    except DockerdeclError as error:
        return error.problems[0]


def _may_be_known(image: Json, *, untagged: bool) -> bool:
    "what was built says so in its labels; what was imported or loaded only in its inspection"
    tags = [text for text in image.get("RepoTags") or () if "<none>" not in text]
    return BUILD in (image.get("Labels") or {}) or (untagged and not tags)


def _references(image: Json) -> Iterator[str]:
    "20.10 writes <none> where others write nothing"
    for text in (*(image.get("RepoTags") or ()), *(image.get("RepoDigests") or ())):
        if "<none>" not in text:
            yield parse(text).listed


def _with_missing(listed: list[Json], inspected: Mapping[str, Json]) -> list[Json]:
    "an image that only a container holds may not be listed, such as a child of a multi-platform one"
    known = {raw["Id"] for raw in listed}
    return [*listed, *(raw for image_id, raw in inspected.items() if image_id not in known)]


def _image(listed: Json, inspected: Json | None, recorded: Recorded) -> LiveImage:
    raw = inspected or {}
    config = raw.get("Config") or {}
    built = {name: text for name, text in recorded.get(listed["Id"], {}).items() if name == BUILD}
    return LiveImage(
        listed["Id"],
        references=tuple(sorted(text for text in listed.get("RepoTags") or () if "<none>" not in text)),
        digests=tuple(sorted(text for text in listed.get("RepoDigests") or () if "<none>" not in text)),
        layers=tuple((raw.get("RootFS") or {}).get("Layers") or ()),
        config={**config, "Labels": {**(config.get("Labels") or {}), **built}} if built else config,
        comment=raw.get("Comment") or "",
        platform="/".join(filter(None, (raw.get("Os"), raw.get("Architecture"), raw.get("Variant")))),
    )


def _limits_swap(engine: Engine, live: Iterable[LiveContainer]) -> bool:
    "asked only where a container shows what engines without swap limits show: the answer takes the engine a while"
    unlimited = any((c.raw.get("HostConfig") or {}).get("MemorySwap") == -1 for c in live if c.raw)
    return not unlimited or engine.request("GET", "/info").json_object().get("SwapLimit") is not False


Recorded = Mapping[str, Mapping[str, str]]
Others = Callable[[str, Mapping[str, str]], bool]
"""Whether a container of this name and with these labels is to be inspected though it is not the project's."""


def _labels(raw: Json, identity: str, recorded: Recorded) -> dict[str, str]:
    return {**(raw.get("Labels") or {}), **recorded.get(identity, {})}


def _container(engine: Engine, listed: Json, inspected: Others, recorded: Recorded) -> LiveContainer | None:
    "own containers are inspected; one that goes away meanwhile is gone"
    labels = _labels(listed, listed["Id"], recorded)
    name = min(listed.get("Names") or [listed["Id"]], key=lambda text: text.count("/"))
    raw: Json = {}
    if inspected(name.lstrip("/"), labels):
        try:
            raw = containers.inspect_container(engine, listed["Id"])
            raw = podman.as_docker(raw) if engine.product == podman.PODMAN else raw
        except DockerdeclError as error:
            if error.code == "not-found":
                return None
            raise
    return LiveContainer(
        listed["Id"],
        (raw.get("Name") or name).lstrip("/"),
        (raw.get("State") or {}).get("Status") or listed.get("State") or "",
        raw.get("Image") or listed.get("ImageID") or "",
        (raw.get("Config") or {}).get("Image") or listed.get("Image") or "",
        labels,
        tuple(sorted((listed.get("NetworkSettings") or {}).get("Networks") or {})),
        tuple(sorted(_volume_names(listed))),
        raw,
        tuple(sorted(text.lstrip("/") for text in listed.get("Names") or () if text.count("/") > 1)),
    )


def _volume_names(listed: Json) -> Iterator[str]:
    for mount in listed.get("Mounts") or ():
        if mount.get("Type") == "volume" and mount.get("Name"):
            yield mount["Name"]
