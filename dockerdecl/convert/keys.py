"""What a generated manifest calls the things that it declares: by Compose's keys what is Compose's, else by their names
on the engine.

Takes what was found and the project, gives the keys. A container's key is one of its names on each network, so that
another name than that can't be its key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from dockerdecl.convert.found import Found
from dockerdecl.expressions import expression
from dockerdecl.resources.adopted import COMPOSE_NUMBER, COMPOSE_ONEOFF, COMPOSE_PROJECT, COMPOSE_SERVICE
from dockerdecl.resources.ownership import owner
from dockerdecl.resources.rows import Raw, look_up
from dockerdecl.values import dataclass

_NO_NETWORKS = frozenset(("host", "none", "bridge"))
_COMPOSE_KEYS = {"network": "com.docker.compose.network", "volume": "com.docker.compose.volume"}
_NOT_IN_A_KEY = expression(r"[^a-zA-Z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the chosen containers by id, and of networks and volumes by name; `external` are not theirs alone."""

    project: str
    containers: Mapping[str, str]
    by_name: Mapping[str, str]
    networks: Mapping[str, str]
    volumes: Mapping[str, str]
    external: frozenset[tuple[str, str]]

    def fixed_name(self, raw: Raw) -> str | None:
        """The name that must be written for a container to be found by it."""
        name, key, labels = name_of(raw), self.containers[raw["Id"]], labels_of(raw)
        found = {f"{self.project}-{key}"}
        if labels.get(COMPOSE_SERVICE) == key and labels.get(COMPOSE_PROJECT) == self.project:
            found |= {f"{self.project}-{key}-1", f"{self.project}_{key}_1"}
        return None if name in found else name


def name_of(raw: Raw) -> str:
    """A container's name."""
    return str(raw["Name"]).lstrip("/")


def labels_of(raw: Raw) -> Mapping[str, str]:
    """A container's labels."""
    return look_up(raw, "Config.Labels") or {}


def attached(raw: Raw) -> dict[str, Raw]:
    """The networks that a container is on, the one that it was created on first, with its settings there."""
    found = look_up(raw, "NetworkSettings.Networks") or {}
    mode = look_up(raw, "HostConfig.NetworkMode")
    mode = "bridge" if mode == "default" else mode
    first = [name for name, endpoint in found.items() if mode in (name, (endpoint or {}).get("NetworkID"))]
    return {name: found[name] or {} for name in (*first, *sorted(found.keys() - {*first}))}


def own_volumes(raw: Raw) -> set[str]:
    """The names of the volumes that a container asks for itself."""
    binds = (text.split(":")[0] for text in look_up(raw, "HostConfig.Binds") or () if ":" in text)
    mounts = (m.get("Source") for m in look_up(raw, "HostConfig.Mounts") or () if m["Type"] == "volume")
    return {name for name in (*binds, *mounts) if name and not name.startswith("/")}


def keys_of(found: Found, project: str) -> Keys:
    """The keys of all that the chosen containers are, are on, and have."""
    services = Counter(labels_of(raw).get(COMPOSE_SERVICE) for raw in found.containers)
    containers = {raw["Id"]: _container_key(raw, project, services) for raw in found.containers}
    twice = {key for key, count in Counter(containers.values()).items() if count > 1}
    names = {raw["Id"]: name_of(raw) for raw in found.containers}
    containers = {identity: names[identity] if key in twice else key for identity, key in containers.items()}
    networks = {name for raw in found.containers for name in attached(raw)} - {"host", "none"}
    volumes = {name for raw in found.containers for name in own_volumes(raw)} & found.volumes.keys()
    things = [("network", name, found.networks.get(name, {})) for name in sorted(networks)]
    things += [("volume", name, found.volumes[name]) for name in sorted(volumes)]
    return Keys(
        project,
        containers,
        {names[identity]: key for identity, key in containers.items()},
        {name: _key(kind, name, raw, project) for kind, name, raw in things if kind == "network"},
        {name: _key(kind, name, raw, project) for kind, name, raw in things if kind == "volume"},
        frozenset((kind, name) for kind, name, raw in things if _is_external(kind, name, raw, found, project)),
    )


def _container_key(raw: Raw, project: str, services: Counter[str | None]) -> str:
    labels = labels_of(raw)
    service = labels.get(COMPOSE_SERVICE)
    composed = service and labels.get(COMPOSE_PROJECT) == project and services[service] == 1
    once = labels.get(COMPOSE_ONEOFF, "False").lower() == "true" or labels.get(COMPOSE_NUMBER, "1") != "1"
    if not service or not composed or once:
        return name_of(raw)
    known = all(service in (e.get("Aliases") or ()) for n, e in attached(raw).items() if n not in _NO_NETWORKS)
    return service if known else name_of(raw)


def _key(kind: str, name: str, raw: Raw, project: str) -> str:
    labels = raw.get("Labels") or {}
    key = str(labels.get(_COMPOSE_KEYS[kind]) or "")
    if key and name == f"{project}_{key}":
        return key
    plain = _NOT_IN_A_KEY.sub("-", name).lstrip("_.-") or kind
    return f"{plain}-{kind}" if plain == "default" else plain


def _is_external(kind: str, name: str, raw: Raw, found: Found, project: str) -> bool:
    "what containers have that were not chosen is not theirs alone, nor is the engine's own, nor another project's"
    used_by_others = not found.users.get((kind, name), frozenset()) <= found.chosen
    predefined = kind == "network" and (name in _NO_NETWORKS or raw.get("Scope") not in ("local", None))
    return used_by_others or predefined or owner(raw.get("Labels")) not in (None, project) or not raw
