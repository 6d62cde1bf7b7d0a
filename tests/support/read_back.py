"""What an engine shows of what it was asked to make. Takes creation requests, gives inspections; keeps nothing.

The rules are those measured on 20.10.24 and 26.1.5: an image's configuration beneath the request, what each engine
fills in where nothing was said, and what it drops without a word.
"""

from __future__ import annotations

import ipaddress
import posixpath
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from dockerdecl.resources.rows import Raw, version_key

API_VERSIONS = {"20.10": "1.41", "26.1": "1.45"}

_HOST_KEYS = ("HostConfig", "NetworkingConfig", "Image")
_HEALTH_KEYS = ("Test", "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries")


@dataclass(frozen=True, slots=True)
class Release:
    """An engine release, and what its daemon was configured to fill in."""

    version: str = "26.1"
    log_driver: str = "json-file"
    log_options: Mapping[str, str] = field(default_factory=dict)
    shm_size: int = 64 * 2**20
    ipc: str = "private"
    cgroup: str = "host"
    runtime: str = "runc"
    ulimits: tuple[tuple[str, int], ...] = ()
    swap: bool = True

    @property
    def api_version(self) -> str:
        """The newest API version it speaks."""
        return API_VERSIONS[self.version]

    def speaks(self, version: str) -> bool:
        """Whether it knows what came with this API version."""
        return version_key(self.api_version) >= version_key(version)


def container_config(body: Mapping[str, Any], image: Mapping[str, Any], release: Release) -> Raw:
    """`Config` of a container: the request, the image's beneath it (moby's `merge`)."""
    config: Raw = {key: deepcopy(value) for key, value in body.items() if key not in _HOST_KEYS}
    config["Image"] = body.get("Image", "")
    for key in ("User", "StopSignal"):
        config[key] = config.get(key) or image.get(key) or ""
    working_dir = config.get("WorkingDir") or image.get("WorkingDir") or ""
    config["WorkingDir"] = posixpath.normpath(working_dir) if working_dir else ""
    given = list(config.get("Env") or ())
    names = {entry.partition("=")[0] for entry in given}
    config["Env"] = given + [entry for entry in image.get("Env") or () if entry.partition("=")[0] not in names]
    config["Labels"] = {**(image.get("Labels") or {}), **(config.get("Labels") or {})}
    for key in ("ExposedPorts", "Volumes"):
        config[key] = {**(config.get(key) or {}), **(image.get(key) or {})} or None
    _program(config, image)
    endpoints = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    given_mac = next((e["MacAddress"] for e in endpoints.values() if e.get("MacAddress")), None)
    config["MacAddress"] = (given_mac if release.speaks("1.44") else None) or config.get("MacAddress") or ""
    health = _health(config.pop("Healthcheck", None), image.get("Healthcheck"), release)
    return {**config, **({} if health is None else {"Healthcheck": health})}


def _program(config: Raw, image: Mapping[str, Any]) -> None:
    entrypoint = config.get("Entrypoint")
    if not entrypoint:
        config["Cmd"] = list(config.get("Cmd") or image.get("Cmd") or ()) or None
        entrypoint = image.get("Entrypoint") if entrypoint is None else entrypoint
    config["Entrypoint"] = None if entrypoint == [""] else entrypoint
    config.setdefault("Cmd", None)


def _health(given: Raw | None, image: Mapping[str, Any] | None, release: Release) -> Raw | None:
    if given is None:
        return dict(image) if image else None
    known = {key: given[key] for key in _HEALTH_KEYS if given.get(key)}
    if not release.speaks("1.44"):
        known.pop("StartInterval", None)
    return {**(image or {}), **known}


def host_config(body: Mapping[str, Any], release: Release) -> Raw:
    """`HostConfig` of a container, with what the engine and its daemon's configuration fill in."""
    given: Raw = deepcopy(dict(body.get("HostConfig") or {}))
    host: Raw = {**_bare(release), **given}
    host["NetworkMode"] = given.get("NetworkMode") or ("default" if release.version == "20.10" else "bridge")
    host["RestartPolicy"] = given.get("RestartPolicy") or _bare(release)["RestartPolicy"]
    for key in ("IpcMode", "CgroupnsMode", "Runtime", "ShmSize"):
        host[key] = given.get(key) or _bare(release)[key]
    if host["Memory"] and not host["MemorySwap"]:
        host["MemorySwap"] = 2 * host["Memory"]
    if host["Memory"] and not release.swap:
        host["MemorySwap"] = -1
    host["PidsLimit"] = host["PidsLimit"] if (host["PidsLimit"] or 0) > 0 else None
    host["LogConfig"] = _logging(given.get("LogConfig") or {}, release)
    if given.get("Privileged") or "host" in (given.get("PidMode"), given.get("IpcMode")):
        own = [text for text in given.get("SecurityOpt") or () if text.partition("=")[0] == "label"]
        host["SecurityOpt"] = [*(given.get("SecurityOpt") or ()), *(() if own else ("label=disable",))]
    limited = {limit["Name"] for limit in host["Ulimits"] or ()}
    more = [{"Name": name, "Hard": n, "Soft": n} for name, n in release.ulimits if name not in limited]
    host["Ulimits"] = [*(host["Ulimits"] or ()), *more] or None
    if not release.speaks("1.43"):
        host.pop("Annotations", None)
    host["Mounts"] = [_known_mount(mount, release) for mount in host["Mounts"] or ()] or host["Mounts"]
    return host


def _bare(release: Release) -> Raw:
    numbers = ("Memory", "MemorySwap", "MemoryReservation", "NanoCpus", "CpuShares", "OomScoreAdj", "CpuQuota")
    lists = ("Binds", "Mounts", "Links", "CapAdd", "CapDrop", "SecurityOpt", "Devices", "GroupAdd", "ExtraHosts")
    return {
        **dict.fromkeys(numbers, 0),
        **dict.fromkeys((*lists, "VolumesFrom", "Ulimits", "PidsLimit", "Init", "PortBindings", "Tmpfs")),
        **dict.fromkeys(("CpusetCpus", "PidMode", "UTSMode", "UsernsMode", "CgroupParent"), ""),
        **{"Dns": [], "DnsSearch": [], "DnsOptions": [], "Sysctls": None, "Privileged": False, "ReadonlyRootfs": False},
        "RestartPolicy": {"Name": "" if release.version == "20.10" else "no", "MaximumRetryCount": 0},
        "IpcMode": release.ipc,
        "CgroupnsMode": release.cgroup,
        "Runtime": release.runtime,
        "ShmSize": release.shm_size,
    }


def _logging(given: Mapping[str, Any], release: Release) -> Raw:
    driver = given.get("Type") or release.log_driver
    options = dict(given.get("Config") or {})
    return {"Type": driver, "Config": {**release.log_options, **options} if driver == release.log_driver else options}


def _known_mount(mount: Raw, release: Release) -> Raw:
    known = {key: value for key, value in mount.items() if value or key == "Target"}
    if not release.speaks("1.45") and "Subpath" in known.get("VolumeOptions", {}):
        known["VolumeOptions"] = {k: v for k, v in known["VolumeOptions"].items() if k != "Subpath"}
    if not release.speaks("1.42") and "CreateMountpoint" in known.get("BindOptions", {}):
        known["BindOptions"] = {k: v for k, v in known["BindOptions"].items() if k != "CreateMountpoint"}
    return known


def endpoint(given: Mapping[str, Any] | None, release: Release) -> Raw:
    """An endpoint of a container that has not started: only what was given."""
    keys = ["IPAMConfig", "Links", "Aliases", "DriverOpts"]
    keys += ["MacAddress"] if release.speaks("1.44") else []
    keys += ["GwPriority"] if release.speaks("1.48") else []
    return {**{key: deepcopy((given or {}).get(key)) for key in keys}, "NetworkID": "", "IPAddress": ""}


def started_endpoint(held: Raw, network_id: str, container_id: str, hostname: str, release: Release) -> Raw:
    """The endpoint once the container has started; before API 1.45 its short id and host name join the aliases."""
    derived = [container_id[:12], *([hostname] if hostname != container_id[:12] else [])]
    aliases = held["Aliases"]
    if not release.speaks("1.45"):
        aliases = [*(held["Aliases"] or ()), *(name for name in derived if name not in (held["Aliases"] or ()))]
    return {**held, "NetworkID": network_id, "IPAddress": "172.21.0.2", "Aliases": aliases}


def network(body: Mapping[str, Any], network_id: str, pool: str, release: Release) -> Raw:
    """The inspection of a network; `pool` is the subnet that the engine assigns where none was asked for."""
    ipam = body.get("IPAM") or {}
    raw: Raw = {
        "Name": body["Name"],
        "Id": network_id,
        "Scope": "local",
        "Driver": None if body.get("ConfigOnly") else body.get("Driver") or "bridge",
        **{key: bool(body.get(key)) for key in ("EnableIPv6", "Internal", "Attachable", "ConfigOnly")},
        "ConfigFrom": {"Network": (body.get("ConfigFrom") or {}).get("Network") or ""},
        "IPAM": {
            "Driver": ipam.get("Driver") or "default",
            "Options": ipam.get("Options"),
            "Config": _pools(ipam.get("Config") or (), pool, release),
        },
        "Options": dict(body.get("Options") or {}),
        "Labels": dict(body.get("Labels") or {}),
    }
    return {**raw, **({"EnableIPv4": body.get("EnableIPv4") is not False} if release.speaks("1.48") else {})}


def _pools(given: Iterable[Raw], assigned: str, release: Release) -> list[Raw]:
    pools = [{key: value for key, value in deepcopy(pool).items() if value} for pool in given]
    pools.sort(key=_is_v6)
    if any(not _is_v6(pool) for pool in pools):
        return pools
    own = {"Subnet": assigned, "Gateway": str(next(ipaddress.ip_network(assigned).hosts()))}
    return [own, *pools] if release.version == "20.10" else [*pools, own]


def _is_v6(pool: Raw) -> bool:
    return ":" in str(pool.get("Subnet"))


def volume(body: Mapping[str, Any]) -> Raw:
    """The inspection of a volume: what was not given is null."""
    given = {"Labels": body.get("Labels"), "Options": body.get("DriverOpts")}
    return {"Name": body["Name"], "Driver": body.get("Driver") or "local", **deepcopy(given)}
