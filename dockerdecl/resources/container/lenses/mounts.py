"""Mounts: volumes, bind mounts, tmpfs and what comes from other containers.

Declared mounts become a map from their target to what is mounted there. They are read from `HostConfig` (`Binds`,
`Mounts`, `Tmpfs`) and `Config.Volumes`, whichever notation was used, never from the resolved `Mounts`, which also
holds what the host and other containers supply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dockerdecl.resources.container.lenses.files import carriers
from dockerdecl.resources.container.lenses.process import clean_path
from dockerdecl.resources.rows import Context, Raw, look_up
from dockerdecl.resources.words import show_mode, show_size

if TYPE_CHECKING:
    from dockerdecl.resources.container.parts import Mount
    from dockerdecl.resources.container.spec import Container

_PROPAGATIONS = ("private", "rprivate", "shared", "rshared", "slave", "rslave")
_ANONYMOUS = re.compile(r"[0-9a-f]{64}")


def is_anonymous(name: str | None) -> bool:
    """Whether a volume's name is one that the engine made up."""
    return not name or _ANONYMOUS.fullmatch(name) is not None


def split_mount(value: Any) -> Any:
    """The long form of a short mount `SOURCE:TARGET:OPTIONS`; anything that isn't text as it is."""
    if not isinstance(value, str):
        return value
    match value.split(":"):
        case [target] if target:
            return {"type": "volume", "target": target}
        case [source, target] if source and target:
            return _short(source, target, ())
        case [source, target, options] if source and target:
            return _short(source, target, options.split(","))
    raise ValueError(f"{value!r} is no mount; write VOLUME:/path, ./host/path:/path or /path, with :ro for read-only")


def _short(source: str, target: str, options: Iterable[str]) -> dict[str, Any]:
    kind = "bind" if source.startswith(("/", ".", "~")) else "volume"
    long: dict[str, Any] = {"type": kind, "source": source, "target": target}
    for option in options:
        match option:
            case "ro" | "readonly":
                long["read_only"] = True
            case "rw" | "":
                pass
            case "nocopy" if kind == "volume":
                long["volume"] = {"nocopy": True}
            case "z" | "Z" if kind == "bind":
                long.setdefault("bind", {})["selinux"] = option
            case word if kind == "bind" and word in _PROPAGATIONS:
                long.setdefault("bind", {})["propagation"] = option
            case _:
                raise ValueError(f"{option!r} is no option of a {kind} mount; there are ro, rw, {_options_of(kind)}")
    return long


def _options_of(kind: str) -> str:
    return "nocopy" if kind == "volume" else "z, Z, " + ", ".join(_PROPAGATIONS)


def anonymous() -> dict[str, Any]:
    """What an anonymous volume is in normal form: where its data lies is no difference."""
    return {"type": "volume", "source": None}


def normal_mount(mount: Mount) -> dict[str, Any]:
    """A declared mount with only what departs from a plain one."""
    sources = {"tmpfs": None, "bind": clean_path(mount.source)}
    found: dict[str, Any] = {"type": mount.type, "source": sources.get(mount.type, mount.source)}
    if mount.read_only:
        found["read_only"] = True
    if mount.type == "volume" and mount.volume:
        found |= {"nocopy": True} if mount.volume.nocopy else {}
        found |= {"subpath": mount.volume.subpath} if mount.volume.subpath else {}
    if mount.type == "bind" and mount.bind:
        found |= {"propagation": mount.bind.propagation} if mount.bind.propagation else {}
        found |= {"selinux": mount.bind.selinux} if mount.bind.selinux else {}
        found |= {} if mount.bind.create_host_path else {"create_host_path": False}
    if mount.type == "tmpfs" and mount.tmpfs:
        found |= {"size": show_size(mount.tmpfs.size)} if mount.tmpfs.size else {}
        found |= {"mode": show_mode(mount.tmpfs.mode)} if mount.tmpfs.mode is not None else {}
    return found


@dataclass(frozen=True, slots=True)
class VolumesLens:
    """`{"/data": {"type": "volume", "source": "shop_data"}}`, with the image's `VOLUME`s and the carriers of files."""

    def write(self, value: tuple[Mount, ...], body: Raw, spec: Container, context: Context) -> None:
        host = body.setdefault("HostConfig", {})
        for mount in value:
            if mount.type == "bind" and _fits_a_bind(mount):
                host.setdefault("Binds", []).append(_bind_text(mount))
            else:
                host.setdefault("Mounts", []).append(_mount_request(mount))
        for folder in carriers(spec):
            host.setdefault("Mounts", []).append({"Type": "volume", "Target": folder})

    def read(self, live: Raw, context: Context) -> dict[str, dict[str, Any]]:
        found = {target: anonymous() for target in _clean(look_up(live, "Config.Volumes") or ())}
        for text in look_up(live, "HostConfig.Binds") or ():
            target, mount = _read_bind(text)
            found[target] = mount
        for raw in look_up(live, "HostConfig.Mounts") or ():
            found[clean_path(raw["Target"]) or "/"] = _read_mount(raw)
        return found

    def effective(
        self, value: tuple[Mount, ...] | None, spec: Container, context: Context
    ) -> dict[str, dict[str, Any]]:
        found = {target: anonymous() for target in _clean((context.image or {}).get("Volumes") or ())}
        found |= {target: anonymous() for target in carriers(spec)}
        return found | {clean_path(mount.target) or "/": normal_mount(mount) for mount in value or ()}


def _clean(targets: Iterable[str]) -> list[str]:
    return [clean_path(target) or "/" for target in targets]


def _fits_a_bind(mount: Mount) -> bool:
    "the only notation that makes a missing host path on every engine; it has no way to write a colon"
    return (mount.bind is None or mount.bind.create_host_path) and ":" not in f"{mount.source}{mount.target}"


def _bind_text(mount: Mount) -> str:
    options = ["ro"] if mount.read_only else []
    if mount.bind:
        options += [word for word in (mount.bind.selinux, mount.bind.propagation) if word]
    return ":".join([str(mount.source), clean_path(mount.target) or "/", *([",".join(options)] if options else [])])


def _mount_request(mount: Mount) -> Raw:
    raw: Raw = {"Type": mount.type, "Target": clean_path(mount.target)}
    if mount.source and mount.type != "tmpfs":
        raw["Source"] = mount.source
    if mount.read_only:
        raw["ReadOnly"] = True
    if mount.type == "volume" and mount.volume:
        options = {"NoCopy": mount.volume.nocopy, "Subpath": mount.volume.subpath}
        raw["VolumeOptions"] = {key: given for key, given in options.items() if given}
    if mount.type == "bind" and mount.bind:
        raw["BindOptions"] = {
            **({"Propagation": mount.bind.propagation} if mount.bind.propagation else {}),
            **({"CreateMountpoint": True} if mount.bind.create_host_path else {}),
        }
    if mount.type == "tmpfs" and mount.tmpfs:
        limits = {"SizeBytes": mount.tmpfs.size, "Mode": mount.tmpfs.mode}
        raw["TmpfsOptions"] = {key: given for key, given in limits.items() if given}
    return raw


def _read_bind(text: str) -> tuple[str, dict[str, Any]]:
    parts = text.split(":")
    if len(parts) == 1:
        return clean_path(text) or "/", anonymous()
    source, target, options = parts[0], parts[1], parts[2].split(",") if len(parts) > 2 else []
    kind = "bind" if source.startswith("/") else "volume"
    mount: dict[str, Any] = {"type": kind, "source": clean_path(source) if kind == "bind" else _name(source)}
    for option in options:
        if option == "ro":
            mount["read_only"] = True
        elif option == "nocopy":
            mount["nocopy"] = True
        elif option in _PROPAGATIONS:
            mount["propagation"] = option
        elif option in ("z", "Z") and kind == "bind":
            mount["selinux"] = option
    return clean_path(target) or "/", mount


def _read_mount(raw: Mapping[str, Any]) -> dict[str, Any]:
    kind = raw["Type"]
    source = raw.get("Source") or None
    mount: dict[str, Any] = {"type": kind, "source": clean_path(source) if kind == "bind" else _name(source)}
    if raw.get("ReadOnly"):
        mount["read_only"] = True
    volume, bind, tmpfs = (raw.get(f"{name}Options") or {} for name in ("Volume", "Bind", "Tmpfs"))
    mount |= {word: volume[key] for word, key in (("nocopy", "NoCopy"), ("subpath", "Subpath")) if volume.get(key)}
    mount |= {"propagation": bind["Propagation"]} if bind.get("Propagation") else {}
    if kind == "bind" and not bind.get("CreateMountpoint") and ":" not in f"{source}{raw['Target']}":
        mount["create_host_path"] = False
    mount |= {"size": show_size(tmpfs["SizeBytes"])} if tmpfs.get("SizeBytes") else {}
    mount |= {"mode": show_mode(tmpfs["Mode"])} if tmpfs.get("Mode") else {}
    return mount


def _name(source: str | None) -> str | None:
    return None if is_anonymous(source) else source


@dataclass(frozen=True, slots=True)
class TmpfsLens:
    """`{"/run": "mode=1777,size=64m"}`; the order of the options means nothing."""

    def write(self, value: tuple[str, ...], body: Raw, spec: Container, context: Context) -> None:
        body.setdefault("HostConfig", {})["Tmpfs"] = _tmpfs(value)

    def read(self, live: Raw, context: Context) -> dict[str, str]:
        found = look_up(live, "HostConfig.Tmpfs") or {}
        return _tmpfs(f"{target}:{options}" for target, options in found.items())

    def effective(self, value: tuple[str, ...] | None, spec: Container, context: Context) -> dict[str, str]:
        return _tmpfs(value or ())


def _tmpfs(texts: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        target, _, options = text.partition(":")
        found[clean_path(target) or "/"] = ",".join(sorted(option for option in options.split(",") if option))
    return found


@dataclass(frozen=True, slots=True)
class VolumesFromLens:
    """`{"shop-store": "rw"}`, by container name: the engine keeps what it was given."""

    def write(self, value: tuple[str, ...], body: Raw, spec: Container, context: Context) -> None:
        sources = self.effective(value, spec, context)
        texts = [name if mode == "rw" else f"{name}:{mode}" for name, mode in sources.items()]
        body.setdefault("HostConfig", {})["VolumesFrom"] = texts

    def read(self, live: Raw, context: Context) -> dict[str, str]:
        pairs = (text.partition(":") for text in look_up(live, "HostConfig.VolumesFrom") or ())
        return {context.container_names.get(name, name): mode or "rw" for name, _, mode in pairs}

    def effective(self, value: tuple[str, ...] | None, spec: Container, context: Context) -> dict[str, str]:
        pairs = (text.partition(":") for text in value or ())
        return {name: mode or "rw" for name, _, mode in pairs}
