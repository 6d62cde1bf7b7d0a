"""One container in the words of a manifest, as few as mean the same.

Takes its inspection and what is around it, gives the words and what can't be told of it. Each field is read by its own
lens; what its image or its engine supplies is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from dockerdecl.convert.credentials import Variables
from dockerdecl.convert.found import Found
from dockerdecl.convert.keys import Keys, attached, labels_of, name_of
from dockerdecl.convert.spelling import SPELLED, plain
from dockerdecl.resources.adopted import COMPOSE_SERVICE, is_compose_link, plain_labels
from dockerdecl.resources.container.lenses.networks import DEFAULT_BRIDGE
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.resolve import DEFAULT_NETWORK
from dockerdecl.resources.rows import Context, Raw, Row, look_up, rows
from dockerdecl.values import dataclass

_SHM_SIZE = 64 << 20
_ALWAYS_MASKED = "/proc/kcore"
_ALWAYS_READ_ONLY = "/proc/sys"
_EMPTIED = frozenset(("masked_paths", "readonly_paths"))
_ELSEWHERE = frozenset(("networks", "network_mode", "links", "volumes_from", "pid", "ipc", "command", "entrypoint"))
_STATES = {"created": "created", "exited": "stopped", "dead": "stopped", "paused": "paused"}
_ADDED = "label=disable"
_DEPENDS_ON = "com.docker.compose.depends_on"


@dataclass(slots=True)
class Written:
    """The words of a container, and what has to be said beside them."""

    words: dict[str, Any] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Writer:
    """What all containers of one manifest are written with."""

    found: Found
    keys: Keys
    variables: Variables

    def written(self, raw: Raw, image: str) -> Written:
        """The words of a container that is made from `image`."""
        result = Written({"image": image})
        name = self.keys.fixed_name(raw)
        result.words |= {"container_name": name} if name else {}
        status = str(look_up(raw, "State.Status"))
        result.words |= {"state": _STATES[status]} if status in _STATES else {}
        result.words |= self._fields(raw)
        result.words |= self._around(raw)
        if "environment" in result.words:
            key = self.keys.containers[raw["Id"]]
            result.words["environment"] = self.variables.map(result.words["environment"], key)
        result.comments += _untold(raw)
        return result

    def context(self, raw: Raw) -> Context:
        """What lenses need to know of this container and its engine."""
        image = self.found.images.get(raw["Image"])
        return Context(
            image=(image.get("Config") or {}) if image else raw.get("Config") or {},
            container_names=self.found.everyone,
            api_version=self.found.api_version,
            limits_swap=self.found.info.get("SwapLimit") is not False,
        )

    def _fields(self, raw: Raw) -> dict[str, Any]:
        context = self.context(raw)
        spec = Container(image="any")
        found = self._process(raw, spec, context)
        for row in rows(Container):
            if row.name in _ELSEWHERE:
                continue
            value, supplied = row.lens.read(raw, context), row.lens.effective(None, spec, context)
            if row.name == "labels":
                value = plain_labels(value, None, (context.image or {}).get("Labels"))
            if value != supplied and not (row.from_daemon and self._is_the_daemon_s(row.name, value)):
                words = self._words(row, value, supplied, raw)
                emptied = row.name in _EMPTIED and not look_up(raw, "HostConfig.Privileged")
                found |= {} if words in (None, {}, []) and not emptied else {row.name: words}
        return found

    def _process(self, raw: Raw, spec: Container, context: Context) -> dict[str, Any]:
        "a declared entrypoint takes the image's command away"
        lenses = {row.name: row.lens for row in rows(Container)}
        live = {word: tuple(lenses[word].read(raw, context)) for word in ("entrypoint", "command")}
        image = {word: tuple(lenses[word].effective(None, spec, context)) for word in ("entrypoint", "command")}
        key = self.keys.containers[raw["Id"]]
        found: dict[str, Any] = {}
        without = bool(not live["command"] and image["command"])
        if live["entrypoint"] != image["entrypoint"] or without:
            found["entrypoint"] = self.variables.words(live["entrypoint"], key)
        if live["command"] and (live["command"] != image["command"] or "entrypoint" in found):
            found["command"] = self.variables.words(live["command"], key)
        return found

    def _words(self, row: Row, value: Any, supplied: Any, raw: Raw) -> Any:
        key = self.keys.containers[raw["Id"]]
        match row.name:
            case "environment" | "labels":
                return plain({word: part for word, part in value.items() if supplied.get(word, self) != part})
            case "healthcheck":
                changed = {word: part for word, part in value.items() if supplied.get(word) != part}
                return plain(changed) if value else {"disable": True}
            case "volumes":
                own = {target: self._mount(mount) for target, mount in value.items() if supplied.get(target) != mount}
                return SPELLED["volumes"](own)
            case "security_opt":
                return [*_security_options(raw)]
            case "logging":
                return {**SPELLED["logging"](value), **self._options(value, key)}
        spell = SPELLED.get(row.name) or row.show
        return spell(value) if spell else plain(value)

    def _options(self, value: Mapping[str, Any], key: str) -> dict[str, Any]:
        return {"options": self.variables.map(value["options"], key)} if value.get("options") else {}

    def _mount(self, mount: Mapping[str, Any]) -> dict[str, Any]:
        source = mount.get("source")
        return (
            {**mount, "source": self.keys.volumes.get(str(source), source)} if mount["type"] == "volume" else {**mount}
        )

    def _is_the_daemon_s(self, name: str, value: Any) -> bool:
        "whether it is what the engine gives who asks for nothing"
        info = self.found.info
        match name:
            case "shm_size":
                return bool(value == _SHM_SIZE)
            case "cgroup":
                return bool(value == ("private" if str(info.get("CgroupVersion") or "1") == "2" else "host"))
            case "runtime":
                return bool(value == info.get("DefaultRuntime"))
            case "logging":
                return bool(value["driver"] == info.get("LoggingDriver") and not value["options"])
            case "masked_paths":
                return _ALWAYS_MASKED in value
            case "readonly_paths":
                return _ALWAYS_READ_ONLY in value
        return value in (None, {}, ())

    def _around(self, raw: Raw) -> dict[str, Any]:
        "what names other things"
        context = self.context(raw)
        read = {row.name: row.lens.read(raw, context) for row in rows(Container) if row.name in _ELSEWHERE}
        found = self._networks(raw, read["network_mode"], read["networks"])
        links = self._links(raw, read["links"])
        sources = [self._source(raw, name, mode) for name, mode in read["volumes_from"].items()]
        found |= links | ({"volumes_from": sources} if sources else {})
        for word in ("pid", "ipc"):
            mode = read[word]
            if mode and not (word == "ipc" and mode == "private"):
                found[word] = self._namespace(mode)
        return found | self._dependencies(raw)

    def _networks(self, raw: Raw, mode: str | None, networks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        on = [name for name in attached(raw) if name in networks]
        if mode is not None and not (mode == DEFAULT_BRIDGE and len(on) > 1):
            return {"network_mode": self._namespace(mode)}
        dropped = {self.keys.containers[raw["Id"]], name_of(raw)}
        written = {
            self.keys.networks[name]: self._attachment(networks[name], attached(raw)[name], dropped) for name in on
        }
        if not written:
            return {"network_mode": "none"}
        if [*written] == [DEFAULT_NETWORK] and not written[DEFAULT_NETWORK]:
            return {}
        return {"networks": written if any(written.values()) else [*written]}

    def _attachment(self, read: Mapping[str, Any], raw: Raw, dropped: set[str]) -> dict[str, Any]:
        found = {word: part for word, part in read.items() if word != "aliases"}
        aliases = [alias for alias in read.get("aliases", ()) if alias not in dropped]
        address = str(raw.get("IPAddress") or "")
        made = ":".join(f"{number:02x}" for number in (2, 66, *map(int, address.split(".")))) if address else None
        newer = int(self.found.version.partition(".")[0] or 0) >= 28
        if found.get("mac_address") == made or newer or not address:
            found.pop("mac_address", None)
        words: dict[str, Any] = plain({**({"aliases": aliases} if aliases else {}), **found})
        return words

    def _links(self, raw: Raw, links: Mapping[str, str]) -> dict[str, Any]:
        composed = COMPOSE_SERVICE in labels_of(raw)
        wanted = {a: t for a, t in sorted(links.items()) if not (composed and is_compose_link(t, a))}
        inside = {a: self.keys.by_name[t] for a, t in wanted.items() if self._runs(t)}
        outside = [t if a == t else f"{t}:{a}" for a, t in wanted.items() if a not in inside]
        own = [key if alias == key else f"{key}:{alias}" for alias, key in inside.items()]
        return {**({"links": own} if own else {}), **({"external_links": outside} if outside else {})}

    def _source(self, raw: Raw, name: str, mode: str) -> str:
        tail = "" if mode == "rw" else f":{mode}"
        key = self.keys.by_name.get(name)
        other = self._by_name(name)
        shareable = other is not None and not any(
            mount["Type"] in ("tmpfs", "image") for mount in look_up(other, "HostConfig.Mounts") or ()
        )
        return f"{key}{tail}" if key and shareable else f"container:{name}{tail}"

    def _namespace(self, mode: str) -> str:
        kind, colon, name = mode.partition(":")
        if not colon:
            return mode
        return f"service:{self.keys.by_name[name]}" if self._runs(name) else f"{kind}:{name}"

    def _dependencies(self, raw: Raw) -> dict[str, Any]:
        "as Compose's label has them: an engine knows of none"
        services = {labels_of(one).get(COMPOSE_SERVICE): one for one in self.found.containers}
        found: dict[str, Any] = {}
        for entry in filter(None, (labels_of(raw).get(_DEPENDS_ON) or "").split(",")):
            service, _, rest = entry.partition(":")
            condition, _, restart = rest.partition(":")
            other = services.get(service)
            if other is None or self.keys.containers[other["Id"]] != service or not self._runs(name_of(other)):
                continue
            if condition in ("", "service_started", "service_healthy"):
                words = {"condition": condition} if condition == "service_healthy" else {}
                found[service] = words | ({"restart": True} if restart == "true" else {})
        if not found:
            return {}
        return {"depends_on": found if any(found.values()) else [*found]}

    def _by_name(self, name: str) -> Raw | None:
        return next((raw for raw in self.found.containers if name_of(raw) == name), None)

    def _runs(self, name: str) -> bool:
        "whether it is among the chosen, and runs: only then can others need it to"
        other = self._by_name(name)
        return other is not None and look_up(other, "State.Status") in ("running", "restarting", "paused")


def _security_options(raw: Raw) -> Iterator[str]:
    "a seccomp profile is written whole"
    host = raw.get("HostConfig") or {}
    added = host.get("Privileged") or "host" in (host.get("PidMode"), host.get("IpcMode"))
    for text in host.get("SecurityOpt") or ():
        if not (added and text == _ADDED) and not text.startswith("credentialspec="):
            yield text if "=" in text or ":" in text else f"{text}=true"


def _untold(raw: Raw) -> Iterator[str]:
    if look_up(raw, "HostConfig.AutoRemove"):
        yield "It was run with --rm, which a manifest can't say: the engine removes it when it ends."
    if look_up(raw, "State.Status") == "restarting":
        yield "It ends and is restarted again and again."
