"""What a manifest is to be written of: the chosen containers of an engine, and all that they are made of and on.

Takes an engine and containers, gives one value. Changes nothing, decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from dockerdecl.errors import DockerdeclError
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.rows import Raw, look_up
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine

_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """All that was read. `containers` are the inspections of the chosen ones in the order of their names; `everyone`
    has the name of every container by its id, `users` the ids of those on each network and with each volume.
    """

    info: Raw
    api_version: str
    version: str
    containers: tuple[Raw, ...]
    everyone: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    images: Mapping[str, Raw] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    networks: Mapping[str, Raw] = field(default_factory=dict)
    volumes: Mapping[str, Raw] = field(default_factory=dict)

    @property
    def chosen(self) -> frozenset[str]:
        """The ids of the chosen containers."""
        return frozenset(raw["Id"] for raw in self.containers)


def read_found(engine: Engine, ids: Iterable[str]) -> Found:
    """What the containers of these ids are, and what is around them. Raises DockerdeclError where it can't be read."""
    from dockerdecl.engine.calls import containers, images, networks, volumes

    with ThreadPoolExecutor(_WORKERS) as pool:
        lists = [
            pool.submit(call, engine)
            for call in (containers.list_containers, networks.list_networks, volumes.list_volumes, images.list_images)
        ]
        inspected = [one for one in pool.map(partial(_container, engine), ids) if one is not None]
        wanted = sorted({raw["Image"] for raw in inspected})
        made_from = dict(zip(wanted, pool.map(partial(images.inspect_image, engine), wanted), strict=True))
        listed, nets, vols, imgs = (future.result() for future in lists)
    references = {
        parse(text).listed: image["Id"]
        for image in imgs
        for text in (*(image.get("RepoTags") or ()), *(image.get("RepoDigests") or ()))
        if "<none>" not in text
    }
    return Found(
        engine.request("GET", "/info").json_object(),
        engine.api_version,
        engine.server_version,
        tuple(sorted(inspected, key=lambda raw: str(raw["Name"]))),
        {raw["Id"]: _name(raw) for raw in listed},
        _users(listed),
        {image_id: raw for image_id, raw in made_from.items() if raw},
        references,
        {raw["Name"]: raw for raw in nets},
        {raw["Name"]: raw for raw in vols},
    )


def _container(engine: Engine, identity: str) -> Raw | None:
    from dockerdecl.engine.calls.containers import inspect_container

    try:
        return inspect_container(engine, identity)
    except DockerdeclError as error:
        if error.code == "not-found":
            return None
        raise


def _name(listed: Raw) -> str:
    return str(min(listed.get("Names") or [listed["Id"]], key=lambda text: text.count("/"))).lstrip("/")


def _users(listed: Iterable[Raw]) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for raw in listed:
        for name in look_up(raw, "NetworkSettings.Networks") or {}:
            found.setdefault(("network", name), set()).add(raw["Id"])
        for mount in raw.get("Mounts") or ():
            if mount.get("Type") == "volume" and mount.get("Name"):
                found.setdefault(("volume", mount["Name"]), set()).add(raw["Id"])
    return {key: frozenset(ids) for key, ids in found.items()}
