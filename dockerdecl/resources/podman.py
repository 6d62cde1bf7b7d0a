"""Podman behind Docker's API: where it shows a thing in other words than Docker, and what it can't show at all.

Takes what Podman 5 answers, gives what Docker would answer; and says of a value that differs whether Podman only spells
it otherwise. Measured on Podman 5.4.2; docs/reference/engines.md lists what follows for its users.
"""

from __future__ import annotations

from typing import Any

from dockerdecl.resources.rows import Raw

PODMAN = "Podman"

_DEFAULT_NETWORK = "podman"
_SECOND = 10**9
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_NOTES = ("io.podman.", "io.container.", "org.opencontainers.", "org.systemd.")

_SUPPLIED: dict[tuple[str, ...], tuple[Any, ...]] = {
    ("environment", "container"): ("podman",),
    ("environment", "PATH"): (_PATH,),
    ("environment", "TERM"): ("xterm",),
    ("working_dir",): ("/",),
    ("pids_limit",): (2048,),
    ("mem_swappiness",): (0, -1),
    ("pid",): ("private",),
    ("uts",): ("private",),
    ("stop_grace_period",): (10 * _SECOND, 10),
    ("healthcheck", "interval"): ("30s",),
    ("healthcheck", "timeout"): ("30s",),
    ("healthcheck", "retries"): (3,),
    ("ipam", "options", "driver"): ("host-local",),
}
"""What it fills in where nothing was asked for."""

_UNTOLD = (
    *(
        (field,)
        for field in (
            "annotations",
            "attachable",
            "cgroup",
            "device_cgroup_rules",
            "domainname",
            "gpus",
            "driver_opts",
            "init",
            "links",
            "mac_address",
            "masked_paths",
            "memswap_limit",
            "readonly_paths",
            "shell",
            "stdin_once",
            "sysctls",
            "userns_mode",
            "volume_driver",
        )
    ),
    ("logging", "options"),
    ("ipam", "options"),
    ("ipam", "config", "*", "aux_addresses"),
    ("ipam", "config", "*", "ip_range"),
    ("networks", "*", "ipv4_address"),
    ("networks", "*", "ipv6_address"),
    ("networks", "*", "link_local_ips"),
    ("networks", "*", "driver_opts"),
    ("volumes", "*", "driver"),
    ("volumes", "*", "driver_opts"),
    ("volumes", "*", "labels"),
    ("volumes", "*", "nocopy"),
    ("volumes", "*", "propagation"),
)
"""What it takes, and shows nothing of."""


def as_docker(inspection: Raw) -> Raw:
    """A container's inspection in Docker's words."""
    config, host, settings = (dict(inspection.get(key) or {}) for key in ("Config", "HostConfig", "NetworkSettings"))
    networks = dict(settings.get("Networks") or {})
    if _DEFAULT_NETWORK in networks:
        networks["bridge"] = networks.pop(_DEFAULT_NETWORK)
    if host.get("NetworkMode") == "bridge" and networks and "bridge" not in networks:
        host["NetworkMode"] = next(iter(networks))
    if host.get("NanoCpus"):
        host["CpuQuota"] = host["CpuPeriod"] = 0
    if host.get("Privileged"):
        host["CapAdd"] = host["CapDrop"] = []
        host["SecurityOpt"] = [text for text in host.get("SecurityOpt") or () if text != "unmask=all"]
    if (host.get("Annotations") or {}).get("io.podman.annotations.publish-all") == "TRUE":
        host["PortBindings"], host["PublishAllPorts"] = {}, True
    if host.get("UTSMode") == "host":
        config["Hostname"] = ""
    host["Ulimits"] = [{**u, "Name": u["Name"].removeprefix("RLIMIT_").lower()} for u in host.get("Ulimits") or ()]
    settings["Networks"] = networks
    return {**inspection, "Config": config, "HostConfig": host, "NetworkSettings": settings}


def is_same(path: tuple[str, ...], live: Any, declared: Any) -> bool:
    """Whether a value that differs is one that Podman supplied, spells otherwise, or can't show."""
    match path[0]:
        case _ if declared is None:
            return _supplied(path, live)
        case "ports":
            return _same_ports(live, declared)
        case "tmpfs":  # with options of its own among the declared ones
            return live is not None and {*str(declared).split(",")} <= {*str(live).split(","), ""}
        case "cap_add" | "cap_drop" if "ALL" in declared:
            return bool(live)
        case "cap_drop":  # shown is what of it was there to drop
            return {*live} <= {*declared}
        case "runtime":
            return bool(live == "oci")
        case "devices":
            return bool(_without_permissions(live) == _without_permissions(declared))
        case "entrypoint":
            return not live and tuple(declared) == ("[]",)
    return not live and any(_matches(path, pattern) for pattern in _UNTOLD)


def _supplied(path: tuple[str, ...], live: Any) -> bool:
    added = path[-1] == "propagation" and live in ("private", "rprivate")
    unsure = path[0] == "tmpfs" or path == ("driver_opts", "SIZE")
    noted = path[0] == "annotations" and path[-1].startswith(_NOTES)
    supplied = path in (("environment", "HOME"), ("environment", "HOSTNAME")) or live in _SUPPLIED.get(path, ())
    return live is None or added or unsure or noted or supplied


def _without_permissions(devices: Any) -> list[str]:
    return sorted(text.rpartition(":")[0] for text in devices or ())


def _same_ports(live: Any, declared: Any) -> bool:
    "every address is spelled out, and a port that is left to the engine is chosen when the container is made"
    if not isinstance(live, tuple) or not isinstance(declared, tuple) or len(live) != len(declared):
        return False
    pairs = zip(sorted(live), sorted(declared), strict=True)
    return all(
        shown.rpartition(":")[0].removeprefix("0.0.0.0") == asked.rpartition(":")[0].removeprefix("0.0.0.0")
        and asked.rpartition(":")[2] in ("", "(any)", shown.rpartition(":")[2])
        for shown, asked in pairs
    )


def _matches(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(path) >= len(pattern) and all(part in ("*", own) for part, own in zip(pattern, path, strict=False))
