"""Everything that stands on an engine at one moment, and what of it belongs to others.

Takes an engine, gives its state as the engine's own JSON; the comparisons are pure. Ownership is read from labels as
the project documents them, never by the program's own code.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from tests.support.engine_api import EngineRefusedError, Json
from tests.support.engines import PrivateEngine

PROJECT = "dockerdecl.project"
TEMPORARY_FOR = "dockerdecl.temporary-for"
ADDRESS = "dockerdecl.address"
ADOPTED_FOR = "dockerdecl.adopted-for"
ADOPTED_ID = "dockerdecl.adopted-id"
OWN_VOLUMES = "dockerdecl."  # records and locks: volumes called dockerdecl.PROJECT.*
PACKED = "dockerdecl.record-body"
ANONYMOUS = re.compile(r"[0-9a-f]{64}")
TEMPORARY = (".dockerdecl-new", ".dockerdecl-old")
PREDEFINED_NETWORKS = frozenset({"bridge", "host", "none"})


@dataclass(frozen=True, slots=True)
class EngineState:
    """What exists, as inspected: containers, networks and images by id, volumes by name."""

    containers: Mapping[str, Json]
    networks: Mapping[str, Json]
    volumes: Mapping[str, Json]
    images: Mapping[str, Json]

    def find(self, project: str, address: str) -> Json | None:
        """What has that address in that project, by its label or a record, as inspected; None where nothing does."""
        for thing in self.labelled(project).values():
            if _labels(thing).get(ADDRESS) == address:
                return thing
        records = [found for found in self.all_labels().values() if found.get(ADOPTED_FOR) == project]
        ids = {record.get(ADOPTED_ID) for record in records if record.get(ADDRESS) == address}
        return next((thing for _, thing in self.things() if ids & {thing.get("Id"), thing["Name"]}), None)

    def labelled(self, project: str) -> Mapping[str, Json]:
        """All that says it belongs to the project: "container NAME", "network NAME", "volume NAME" to its JSON."""
        return {name: thing for name, thing in self.things() if _labels(thing).get(PROJECT) == project}

    def all_labels(self) -> Mapping[str, Mapping[str, str]]:
        """The labels of everything, images included; what is packed in one is shown unpacked."""
        images = {f"image {i}": _labels(image) for i, image in self.images.items()}
        every = {**{name: _labels(thing) for name, thing in self.things()}, **images}
        return {name: {key: _unpacked(key, text) for key, text in labels.items()} for name, labels in every.items()}

    def running(self) -> frozenset[str]:
        """The ids of the containers that have a process."""
        return frozenset(i for i, c in self.containers.items() if c["State"]["Pid"])

    def temporary_names(self) -> tuple[str, ...]:
        """Names of containers that only an unfinished replacement may have."""
        names = (c["Name"].lstrip("/") for c in self.containers.values())
        return tuple(name for name in names if any(mark in name for mark in TEMPORARY))

    def image_of(self) -> Mapping[str, str]:
        """The image id of each container id."""
        return {i: c["Image"] for i, c in self.containers.items()}

    def names(self) -> frozenset[str]:
        """All that is there but images: "container NAME", "network NAME", "volume NAME"."""
        return frozenset(name for name, _ in self.things())

    def things(self) -> Iterator[tuple[str, Json]]:
        """All that is there but images, by kind and name; of networks, engines before 25 may have two of one name."""
        yield from ((f"container {c['Name'].lstrip('/')}", c) for c in self.containers.values())
        named = Counter(n["Name"] for n in self.networks.values())
        for i, n in self.networks.items():
            yield f"network {n['Name']}" + (f" ({i[:12]})" if named[n["Name"]] > 1 else ""), n
        yield from ((f"volume {name}", v) for name, v in self.volumes.items())


def read_state(engine: PrivateEngine) -> EngineState:
    """The engine's state now; what vanishes while it is read is left out."""
    containers = _inspected(engine, "/containers/{}/json", [c["Id"] for c in _listed(engine, "/containers/json?all=1")])
    networks = {n["Id"]: n for n in _listed(engine, "/networks") if n["Name"] not in PREDEFINED_NETWORKS}
    volumes = {v["Name"]: v for v in engine.api("GET", "/volumes")["Volumes"] or []}
    images = _inspected(engine, "/images/{}/json", [i["Id"] for i in _listed(engine, "/images/json")])
    return EngineState(containers, networks, volumes, images)


def touched(before: EngineState, after: EngineState, project: str, own_images: frozenset[str]) -> tuple[str, ...]:
    """What of others was changed or removed between two states, one sentence each."""
    adopted = _adopted(before, project) | _adopted(after, project)
    earlier, later = _foreign(before, project, adopted), _foreign(after, project, adopted)
    found = [f"{name} is gone" for name in earlier if name not in later]
    for name in earlier.keys() & later.keys():
        differing = [facet for facet in earlier[name] if earlier[name][facet] != later[name][facet]]
        found += [f"{name}: {f} was {earlier[name][f]!r}, is {later[name][f]!r}" for f in differing]
    return (*found, *_touched_images(before, after, own_images))


def _adopted(state: EngineState, project: str) -> frozenset[str]:
    """The identities of what the project has adopted, which says so nowhere but in records of its own."""
    labels = (_labels(thing) for _, thing in state.things())
    return frozenset(found.get(ADOPTED_ID, "") for found in labels if found.get(ADOPTED_FOR) == project)


def _foreign(state: EngineState, project: str, adopted: frozenset[str]) -> dict[str, dict[str, Json]]:
    facts: dict[str, dict[str, Json]] = {}
    anonymous = _own_anonymous(state, project, adopted)
    for name, thing in state.things():
        own = project in (_labels(thing).get(PROJECT), _labels(thing).get(TEMPORARY_FOR))
        mine = own or name.startswith(f"volume {OWN_VOLUMES}{project}.")
        if not (mine or name in anonymous or {thing.get("Id"), thing["Name"]} & adopted):
            facts[name] = _facets(thing)
    return facts


def _own_anonymous(state: EngineState, project: str, adopted: frozenset[str]) -> frozenset[str]:
    """The anonymous volumes that only containers of the project have; they carry no label and go with them."""
    mounts = [
        (m.get("Name") or "", project if c["Id"] in adopted else _labels(c).get(PROJECT))
        for c in state.containers.values()
        for m in c["Mounts"]
    ]
    others = {name for name, owner in mounts if owner != project}
    return frozenset(f"volume {n}" for n, _ in mounts if n not in others and ANONYMOUS.fullmatch(n))


def _facets(thing: Json) -> dict[str, Json]:
    if "State" in thing:
        networks = {n: (e.get("EndpointID"), e.get("Aliases")) for n, e in thing["NetworkSettings"]["Networks"].items()}
        state = {"status": thing["State"]["Status"], "started": thing["State"]["StartedAt"], "networks": networks}
        host = {**thing["HostConfig"], **{key: _in_order(thing["HostConfig"].get(key)) for key in ("Links", "Ulimits")}}
        return {**state, **{facet: thing[facet] for facet in ("Id", "Image", "Config")}, "HostConfig": host}
    return {facet: thing.get(facet) for facet in ("Id", "CreatedAt", "Driver", "Options", "Labels", "IPAM")}


def _in_order(items: list[Json] | None) -> list[Json]:
    """Of some lists, the engine gives the items in another order from one time to the next."""
    return sorted(items or [], key=str)


def _touched_images(before: EngineState, after: EngineState, own_images: frozenset[str]) -> Iterator[str]:
    # a tag may go over to an image of the project, brought by this run or an earlier one; nothing else may take it away
    theirs = before.images.keys() - own_images
    brought = {tag for i, image in after.images.items() if i not in theirs for tag in image["RepoTags"] or []}
    for image_id in before.images.keys() - own_images:
        tags = set(before.images[image_id]["RepoTags"] or [])
        if image_id not in after.images:
            yield f"image {image_id[:19]} {sorted(tags)} is gone"
        elif lost := tags - set(after.images[image_id]["RepoTags"] or []) - brought:
            yield f"image {image_id[:19]} lost {sorted(lost)}"


def _labels(thing: Json) -> Mapping[str, str]:
    return thing.get("Config", thing).get("Labels") or {}


def _unpacked(key: str, text: str) -> str:
    return zlib.decompress(base64.b64decode(text)).decode() if key == PACKED else text


def _listed(engine: PrivateEngine, path: str) -> list[Json]:
    return list(engine.api("GET", path) or [])


def _inspected(engine: PrivateEngine, path: str, ids: list[str]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for one in ids:
        with suppress(EngineRefusedError):
            found[one] = engine.api("GET", path.format(quote(one)))
    return found
