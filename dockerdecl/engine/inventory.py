"""One engine's actual state, read: a list a kind, and one inspection for each own container and each image that
matters. Takes an engine and what a project needs to know; gives `Actual`. Changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dockerdecl.engine.answers import Json, accepted
from dockerdecl.engine.calls import containers, images, networks, volumes
from dockerdecl.engine.client import Engine
from dockerdecl.engine.credentials import registry_auth
from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.resources import podman
from dockerdecl.resources.actual import Actual, EngineFacts, LiveContainer, LiveImage, LiveNetwork, LiveVolume
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.ownership import BUILD, PROJECT, recorded_labels

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_WORKERS = 8


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
    with _Questions(engine, environ) as questions:
        questions.ask(name for name, seconds in ask_registry.items() if not seconds)
        listed, nets, vols, listed_images = _lists(engine)
        recorded = recorded_labels({v["Name"]: v.get("Labels") or {} for v in vols}, project)

        def wanted_of(name: str, labels: Mapping[str, str]) -> bool:
            return labels.get(PROJECT) == project or (others is not None and others(name, labels))

        live = _containers(engine, listed, wanted_of, recorded)
        ids = {reference: image["Id"] for image in listed_images for reference in _references(image)}
        wanted = {ids.get(parse(name).listed, name) for name in references} & {image["Id"] for image in listed_images}
        wanted |= {c.image_id for c in live if c.raw}
        wanted |= {image["Id"] for image in listed_images if _may_be_known(image, untagged=untagged)}
        inspected = {raw["Id"]: raw for raw in images.inspect_images(engine, sorted(wanted))}
        later = {name: seconds for name, seconds in ask_registry.items() if seconds}
        now = engine.clock() if later else 0
        questions.ask(n for n, s in later.items() if _is_older(inspected.get(ids.get(parse(n).listed, "")), now - s))
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
            registry_digests=questions.answers(),
        )


def _is_older(image: Json | None, then: int) -> bool:
    "whether an image was tagged at `then` or before; not every engine notes a pull, so what it doesn't know may be old"
    text = ((image or {}).get("Metadata") or {}).get("LastTagTime") or ""
    try:
        return datetime.fromisoformat(re.sub(r"\.\d+", "", text)).timestamp() <= then
    except (ValueError, OverflowError):
        return image is not None


class _Questions:
    """What registries are asked while the engine is read; without a question it costs nothing."""

    def __init__(self, engine: Engine, environ: Mapping[str, str]) -> None:
        self._engine = engine
        self._environ = environ
        self._asked: dict[str, Future[str | Problem]] = {}
        self._held = ExitStack()
        self._pool: ThreadPoolExecutor | None = None

    def ask(self, references: Iterable[str]) -> None:
        """Begin to ask what a pull of each would bring."""
        for reference in sorted(references):
            if self._pool is None:
                from concurrent.futures import ThreadPoolExecutor

                self._pool = self._held.enter_context(ThreadPoolExecutor(_WORKERS))
            self._asked[reference] = self._pool.submit(_registry_digest, self._engine, reference, self._environ)

    def answers(self) -> dict[str, str | Problem]:
        """What was answered, or why there is no answer."""
        return {reference: future.result() for reference, future in self._asked.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()


def _lists(engine: Engine) -> list[list[Json]]:
    "containers, networks, volumes, images"
    paths = (containers.ALL, networks.ALL, volumes.ALL, images.ALL)
    answers = [accepted(answer) for answer in engine.read_each(paths)]
    return [
        answer.json_object().get("Volumes") or [] if path == volumes.ALL else answer.json_list()
        for path, answer in zip(paths, answers, strict=True)
    ]


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


def _containers(engine: Engine, listed: Sequence[Json], wanted: Others, recorded: Recorded) -> list[LiveContainer]:
    "those that are wanted are inspected; one that goes away meanwhile is gone"
    labels = {one["Id"]: _labels(one, one["Id"], recorded) for one in listed}
    asked = [one["Id"] for one in listed if wanted(_listed_name(one), labels[one["Id"]])]
    inspected = containers.inspect_containers(engine, asked)
    gone = set(asked) - set(inspected)
    return [
        _container(one, labels[one["Id"]], _as_docker(engine, inspected.get(one["Id"], {})))
        for one in listed
        if one["Id"] not in gone
    ]


def _as_docker(engine: Engine, raw: Json) -> Json:
    return podman.as_docker(raw) if raw and engine.product == podman.PODMAN else raw


def _listed_name(listed: Json) -> str:
    return str(min(listed.get("Names") or [listed["Id"]], key=lambda text: text.count("/"))).lstrip("/")


def _container(listed: Json, labels: Mapping[str, str], raw: Json) -> LiveContainer:
    return LiveContainer(
        listed["Id"],
        str(raw.get("Name") or "").lstrip("/") or _listed_name(listed),
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
