"""Mounts: volumes, bind mounts, tmpfs and what comes from other containers.

Declared mounts become a map from their target to what is mounted there. They are read from `HostConfig` (`Binds`,
`Mounts`, `Tmpfs`) and `Config.Volumes`, whichever notation was used, never from the resolved `Mounts`, which also
holds what the host and other containers supply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dockerdecl.expressions import expression
from dockerdecl.resources.container.lenses.files import carriers
from dockerdecl.resources.container.lenses.process import clean_path
from dockerdecl.resources.rows import Context, Raw, look_up
from dockerdecl.resources.words import read_size, show_mode, show_size
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.resources.container.mount_parts import Mount
    from dockerdecl.resources.container.spec import Container

_PROPAGATIONS = ("private", "rprivate", "shared", "rshared", "slave", "rslave")
_ANONYMOUS = expression(r"[0-9a-f]{64}")
_ANONYMOUS_LABEL = "com.docker.volume.anonymous"  # engines from 24 on add it
_RECURSIVE = {"disabled": "NonRecursive", "writable": "ReadOnlyNonRecursive", "readonly": "ReadOnlyForceRecursive"}


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


def normal_mount(mount: Mount, context: Context) -> dict[str, Any]:
    """A declared mount with only what departs from a plain one."""
    sources = {
        "tmpfs": None,
        "bind": clean_path(mount.source),
        "image": context.image_ids.get(mount.source or "", mount.source),
    }
    bind, volume, tmpfs, image = mount.bind, mount.volume, mount.tmpfs, mount.image
    found: dict[str, Any] = {
        "read_only": mount.read_only,
        "consistency": None if mount.consistency == "default" else mount.consistency,
    }
    if volume:
        found |= {"nocopy": volume.nocopy, "subpath": volume.subpath, "labels": dict(volume.labels)}
        found |= {"driver": volume.driver, "driver_opts": dict(volume.driver_opts)}
    if bind:
        found |= {"propagation": bind.propagation, "selinux": bind.selinux}
        found |= {"recursive": None if bind.recursive == "enabled" else bind.recursive}
    if tmpfs:
        found |= {"size": show_size(tmpfs.size) if tmpfs.size else None, "options": tuple(sorted(tmpfs.options))}
        found |= {"mode": show_mode(tmpfs.mode) if tmpfs.mode else None}
    if image:
        found |= {"subpath": image.subpath}
    if bind and not bind.create_host_path and _tells_of_the_host_path(found, context):
        found["create_host_path"] = False
    kind = {"type": mount.type, "source": sources.get(mount.type, mount.source)}
    return kind | {word: value for word, value in found.items() if value or word == "create_host_path"}


def _tells_of_the_host_path(mount: Mapping[str, Any], context: Context) -> bool:
    "what only the notation can carry that makes host paths since API 1.42: an older engine drops that part of it"
    return context.speaks("1.42") or not (mount.get("recursive") or mount.get("consistency"))


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
            if raw["Type"] != "tmpfs":
                found[clean_path(raw["Target"]) or "/"] = _read_mount(raw, context)
        return found

    def effective(
        self, value: tuple[Mount, ...] | None, spec: Container, context: Context
    ) -> dict[str, dict[str, Any]]:
        found = {target: anonymous() for target in _clean((context.image or {}).get("Volumes") or ())}
        found |= {target: anonymous() for target in carriers(spec)}
        others = [mount for mount in value or () if mount.type != "tmpfs"]
        return found | {clean_path(mount.target) or "/": normal_mount(mount, context) for mount in others}


def _clean(targets: Iterable[str]) -> list[str]:
    return [clean_path(target) or "/" for target in targets]


def _fits_a_bind(mount: Mount) -> bool:
    "the only notation that makes a missing host path on every engine; it has no way to write a colon"
    plain = mount.bind is None or (mount.bind.create_host_path and mount.bind.recursive in (None, "enabled"))
    return plain and not mount.consistency and ":" not in f"{mount.source}{mount.target}"


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
    if mount.consistency:
        raw["Consistency"] = mount.consistency
    options: Raw = {}
    if mount.type == "volume" and (volume := mount.volume):
        driver = {"Name": volume.driver, "Options": dict(volume.driver_opts)}
        options = {"NoCopy": volume.nocopy, "Subpath": volume.subpath, "Labels": dict(volume.labels)}
        options["DriverConfig"] = {key: given for key, given in driver.items() if given}
    elif mount.type == "bind":
        bind = mount.bind
        options = {_RECURSIVE[bind.recursive]: True} if bind and bind.recursive in _RECURSIVE else {}
        options["Propagation"] = bind.propagation if bind else None
        options["CreateMountpoint"] = bind is None or bind.create_host_path
    elif mount.type == "tmpfs" and (tmpfs := mount.tmpfs):
        options = {"SizeBytes": tmpfs.size, "Mode": tmpfs.mode}
        options["Options"] = [option.split("=", 1) for option in tmpfs.options]
    elif mount.type == "image" and mount.image:
        options = {"Subpath": mount.image.subpath}
    if given := {key: value for key, value in options.items() if value}:
        raw[f"{mount.type.capitalize()}Options"] = given
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


def _read_mount(raw: Mapping[str, Any], context: Context) -> dict[str, Any]:
    kind = raw["Type"]
    source = raw.get("Source") or None
    consistency = raw.get("Consistency")
    options = raw.get(f"{kind.capitalize()}Options") or {}
    driver = options.get("DriverConfig") or {}
    labels = {key: text for key, text in (options.get("Labels") or {}).items() if key != _ANONYMOUS_LABEL}
    found: dict[str, Any] = {
        "read_only": raw.get("ReadOnly"),
        "consistency": None if consistency == "default" else consistency,
        "nocopy": options.get("NoCopy"),
        "subpath": options.get("Subpath"),
        "labels": labels,
        "driver": driver.get("Name"),
        "driver_opts": dict(driver.get("Options") or {}),
        "propagation": options.get("Propagation"),
        "recursive": next((word for word, key in _RECURSIVE.items() if options.get(key)), None),
        "size": show_size(options["SizeBytes"]) if options.get("SizeBytes") else None,
        "mode": show_mode(options["Mode"]) if options.get("Mode") else None,
        "options": tuple(sorted("=".join(option) for option in options.get("Options") or ())),
    }
    mount = {word: value for word, value in found.items() if value}
    unmade = kind == "bind" and not options.get("CreateMountpoint") and ":" not in f"{source}{raw['Target']}"
    if unmade and _tells_of_the_host_path(found, context):
        mount["create_host_path"] = False
    return {"type": kind, "source": clean_path(source) if kind == "bind" else _name(source), **mount}


def _name(source: str | None) -> str | None:
    return None if is_anonymous(source) else source


@dataclass(frozen=True, slots=True)
class TmpfsLens:
    """`{"/run": "mode=1777,size=64m"}`; the order of the options means nothing.

    A mount of type tmpfs is the same in another notation (measured on 20.10, 26.1), so it is told here too.
    """

    def write(self, value: tuple[str, ...], body: Raw, spec: Container, context: Context) -> None:
        places = (text.partition(":") for text in value)
        body.setdefault("HostConfig", {})["Tmpfs"] = {clean_path(target) or "/": text for target, _, text in places}

    def read(self, live: Raw, context: Context) -> dict[str, str]:
        host = look_up(live, "HostConfig") or {}
        mounts = (_read_mount(raw, context) | {"target": raw["Target"]} for raw in host.get("Mounts") or ())
        found = {mount["target"]: _tmpfs_words(mount) for mount in mounts if mount["type"] == "tmpfs"}
        return _tmpfs(found | (host.get("Tmpfs") or {}))

    def effective(self, value: tuple[str, ...] | None, spec: Container, context: Context) -> dict[str, str]:
        mounts = (mount for mount in spec.volumes if mount.type == "tmpfs")
        found = {mount.target: _tmpfs_words(normal_mount(mount, context)) for mount in mounts}
        return _tmpfs(found | {target: text for target, _, text in (text.partition(":") for text in value or ())})


def _tmpfs_words(mount: Mapping[str, Any]) -> str:
    "the options of the long form, as the short one writes them"
    words = [f"{word}={mount[word]}" for word in ("size", "mode") if word in mount]
    return ",".join((*words, *mount.get("options", ()), *(("ro",) if mount.get("read_only") else ())))


def _tmpfs(found: Mapping[str, str]) -> dict[str, str]:
    options = {target: text.split(",") for target, text in found.items()}
    return {
        clean_path(target) or "/": ",".join(sorted({_normal_option(word) for word in words} - {"", "rw"}))
        for target, words in options.items()
    }


def _normal_option(option: str) -> str:
    "sizes are in any unit and modes octal, with or without a zero before them"
    name, _, value = option.partition("=")
    if name == "mode" and re.fullmatch("[0-7]+", value):
        return f"mode={int(value, 8):o}"
    if name == "size":
        try:
            return f"size={show_size(read_size(value))}"
        except ValueError:
            return option
    return option


@dataclass(frozen=True, slots=True)
class VolumesFromLens:
    """`{"shop-store": "rw"}`, by container name: the engine keeps what it was given."""

    only_at: ClassVar[str] = "HostConfig.VolumesFrom"

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
