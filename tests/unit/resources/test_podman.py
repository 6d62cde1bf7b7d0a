"""Podman's words: what it shows of a plain container is no difference to Docker's, and a real difference stays one."""

from __future__ import annotations

from typing import Any

import pytest

from dockerdecl.planning.compare import differences
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.podman import PODMAN, as_docker
from dockerdecl.resources.rows import Context

SHOWN: dict[str, Any] = {  # of Podman 5.4.2, for a container that declares a network, limits and a port
    "Id": "aa2dd77c2c26" + "0" * 52,
    "Config": {
        "Hostname": "aa2dd77c2c26",
        "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container=podman", "HOME=/root"],
        "Cmd": ["sleep", "99"],
        "Entrypoint": [],
        "ExposedPorts": {"80/tcp": {}, "81/tcp": {}},
        "Healthcheck": {"Test": ["CMD", "true"], "Interval": 30 * 10**9, "Timeout": 30 * 10**9, "Retries": 3},
        "WorkingDir": "/",
        "StopSignal": "15",
        "StopTimeout": 10,
    },
    "HostConfig": {
        "NetworkMode": "bridge",
        "PortBindings": {
            "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}],
            "81/tcp": [{"HostIp": "0.0.0.0", "HostPort": "42733"}],
        },
        "Tmpfs": {"/run": "size=1m,rw,rprivate,nosuid,nodev,tmpcopyup"},
        "CapAdd": [],
        "PidMode": "private",
        "UTSMode": "private",
        "IpcMode": "shareable",
        "Runtime": "oci",
        "NanoCpus": 500000000,
        "CpuPeriod": 100000,
        "CpuQuota": 50000,
        "MemorySwappiness": 0,
        "PidsLimit": 2048,
        "Ulimits": [{"Name": "RLIMIT_NOFILE", "Hard": 5, "Soft": 5}],
        "Annotations": {"io.container.manager": "libpod"},
    },
    "NetworkSettings": {"Networks": {"shop_back": {"IPAMConfig": None, "Aliases": ["web", "aa2dd77c2c26"]}}},
}
DECLARED: dict[str, Any] = {
    "image": "app:1",
    "networks": {"shop_back": {"aliases": ["web"], "ipv4_address": "10.0.0.9"}},
    "healthcheck": {"test": ["CMD", "true"]},
    "ports": ["8080:80", "81"],
    "tmpfs": ["/run:size=1m"],
    "cpus": "0.5",
    "ulimits": {"nofile": 5},
    "sysctls": {"net.core.somaxconn": 1024},
}


def differing(declared: dict[str, Any]) -> set[str]:
    context = Context({"Cmd": ["sleep", "99"]}, product=PODMAN)
    found = differences(Container.model_validate(declared), as_docker(SHOWN), context, {})
    return {".".join(change.path) for change in found}


def test_what_podman_fills_in_spells_otherwise_or_never_shows_is_no_difference() -> None:
    assert differing(DECLARED) == set()


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"environment": {"HOME": "/srv"}}, {"environment.HOME"}),
        ({"working_dir": "/srv"}, {"working_dir"}),
        ({"pids_limit": 100}, {"pids_limit"}),
        ({"pid": "host"}, {"pid"}),
        ({"ports": ["8081:80", "81"]}, {"ports.80/tcp"}),
        ({"cpus": "0.6"}, {"cpus"}),
        ({"cap_add": ["NET_ADMIN"]}, {"cap_add"}),
        ({"healthcheck": {"test": ["CMD", "true"], "interval": "5s"}}, {"healthcheck.interval"}),
        ({"networks": {"shop_front": {"aliases": ["web"]}}}, {"networks.shop_back", "networks.shop_front"}),
    ],
)
def test_a_real_difference_stays_one(change: dict[str, Any], paths: set[str]) -> None:
    assert differing({**DECLARED, **change}) == paths
