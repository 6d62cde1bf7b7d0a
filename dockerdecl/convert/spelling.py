"""Values as a manifest writes them. Takes what a lens reads, in normal form; gives the shortest words that mean it.

A field without an entry here is written as it is read. What concerns other things by name (networks, links, shared
namespaces, volumes of others) is spelled elsewhere, where the names are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Spell = Callable[[Any], Any]


def ports(value: Mapping[str, tuple[str, ...]]) -> list[str]:
    """`127.0.0.1:8080:80`, as the short form has it."""
    found = []
    for target, bindings in value.items():
        inside = target.removesuffix("/tcp")
        for text in bindings:
            host, _, published = text.rpartition(":")
            parts = (host, "" if published == "(any)" else published) if host else (published,)
            outside = ":".join(parts)
            found.append(inside if text == "(any)" else f"{outside}:{inside}")
    return found


def mounts(value: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """Each mount, in the short form where that can say it."""
    return [_mount(target, mount) for target, mount in value.items()]


_SHORT = frozenset(("type", "source", "read_only", "propagation", "selinux", "nocopy"))
_OPTIONS = MappingProxyType(
    {
        "bind": ("propagation", "selinux", "recursive", "create_host_path"),
        "volume": ("nocopy", "subpath", "labels", "driver", "driver_opts"),
        "image": ("subpath",),
    }
)


def _mount(target: str, mount: Mapping[str, Any]) -> Any:
    kind, source = mount["type"], mount.get("source")
    if mount.keys() <= _SHORT and ":" not in f"{source or ''}{target}" and kind in ("bind", "volume"):
        options = ["ro"] if mount.get("read_only") else []
        options += [mount[word] for word in ("selinux", "propagation") if word in mount]
        options += ["nocopy"] if mount.get("nocopy") else []
        if source or not options:
            return ":".join([*([source] if source else []), target, *([",".join(options)] if options else [])])
    found: dict[str, Any] = {"type": kind, **({"source": source} if source else {}), "target": target}
    found |= {word: mount[word] for word in ("read_only", "consistency") if word in mount}
    below = {word: mount[word] for word in _OPTIONS.get(kind, ()) if word in mount}
    return {**found, kind: below} if below else found


def tmpfs(value: Mapping[str, str]) -> list[str]:
    """`/run:size=64m`."""
    return [f"{target}:{options}" if options else target for target, options in value.items()]


def _short_ulimits(value: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    return {name: limit["soft"] if limit["soft"] == limit["hard"] else dict(limit) for name, limit in value.items()}


def _devices(value: tuple[str, ...]) -> list[str]:
    found = []
    for text in value:
        source, target, permissions = text.split(":")
        tail = f":{permissions}" if permissions != "rwm" else ""
        found.append(f"{source}:{target}{tail}" if source != target or tail else source)
    return found


def _device_requests(value: tuple[Mapping[str, Any], ...]) -> list[dict[str, Any]]:
    found = []
    for request in value:
        words = dict(request)
        if "capabilities" in words:
            words["capabilities"] = list(words["capabilities"][0])
        if words.get("count") == -1:
            words["count"] = "all"
        found.append({word: list(part) if isinstance(part, tuple) else part for word, part in words.items()})
    return found


def _blkio(value: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for word, part in value.items():
        if isinstance(part, Mapping):
            key = "weight" if word == "weight_device" else "rate"
            found[word] = [{"path": path, key: number} for path, number in part.items()]
        else:
            found[word] = part
    return found


def _logging(value: Mapping[str, Any]) -> dict[str, Any]:
    return {word: part for word, part in value.items() if part}


def _protocol_left_out(value: tuple[str, ...]) -> list[str]:
    return [text.removesuffix("/tcp") for text in value]


def _credential_spec(value: str) -> dict[str, str]:
    word, _, place = value.partition("://")
    return {word: place}


def _hosts(value: tuple[str, ...]) -> list[str]:
    return [text.replace(":", "=", 1) for text in value]


SPELLED: Mapping[str, Spell] = MappingProxyType(
    {
        "ports": ports,
        "volumes": mounts,
        "tmpfs": tmpfs,
        "expose": _protocol_left_out,
        "ulimits": _short_ulimits,
        "devices": _devices,
        "gpus": _device_requests,
        "blkio_config": _blkio,
        "logging": _logging,
        "credential_spec": _credential_spec,
        "extra_hosts": _hosts,
    }
)


def plain(value: Any) -> Any:
    """Lists and maps of a value as a manifest has them."""
    match value:
        case Mapping():
            return {key: plain(part) for key, part in value.items()}
        case tuple() | list():
            return [plain(part) for part in value]
    return value
