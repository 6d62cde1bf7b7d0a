"""What the daemon's own configuration adds to containers and networks is never a difference; what was declared is.

One engine whose daemon.json has every default that an inspection may show; then other defaults, on the same data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.checks import file_content, running
from tests.support.engines import PrivateEngine
from tests.support.scenario import MANIFEST, Scenario, differing

DEFAULTS: Mapping[str, object] = {
    "log-driver": "local",
    "log-opts": {"max-size": "5m", "max-file": "2"},
    "runtimes": {"second": {"path": "runc"}},
    "default-runtime": "second",
    "default-ulimits": {
        "nofile": {"Name": "nofile", "Hard": 2048, "Soft": 1024},
        "core": {"Name": "core", "Hard": 0, "Soft": 0},
    },
    "default-address-pools": [{"base": "10.203.0.0/16", "size": 26}],
    "live-restore": True,
    "init": True,
    "mtu": 1400,
    "default-shm-size": "128M",
    "default-ipc-mode": "shareable",
    "default-cgroupns-mode": "private",
    "dns": ["10.201.0.53"],
    "dns-search": ["example.org"],
    "dns-opts": ["ndots:2"],
    "no-new-privileges": True,
    "experimental": True,
    "ipv6": True,
    "fixed-cidr-v6": "fd00:201::/64",
    "ip": "127.0.0.1",
    "icc": False,
    "ip-masq": False,
    "userland-proxy": False,
    "host-gateway-ip": "10.201.0.1",
}
NETWORK_DEFAULTS = {"bridge": {"com.docker.network.driver.mtu": "1350", "com.docker.network.bridge.enable_icc": "true"}}
OTHERS: Mapping[str, object] = {
    "log-driver": "json-file",
    "log-opts": {"max-size": "1m", "labels": "team"},
    "runtimes": {"second": {"path": "runc"}},
    "default-ulimits": {
        "nofile": {"Name": "nofile", "Hard": 4096, "Soft": 4096},
        "nproc": {"Name": "nproc", "Hard": 512, "Soft": 512},
    },
    "default-address-pools": [{"base": "10.204.0.0/16", "size": 24}],
    "mtu": 1300,
    "default-shm-size": "32M",
    "default-ipc-mode": "private",
    "default-cgroupns-mode": "host",
    "dns": ["10.201.0.54"],
}

SHAPES = """
networks:
  plain: {}
  options: {driver_opts: {com.docker.network.bridge.enable_ip_masquerade: "true"}}
  subnet: {ipam: {config: [{subnet: 10.99.1.0/24}]}}
  gateway: {ipam: {config: [{subnet: 10.99.2.0/24, gateway: 10.99.2.9, ip_range: 10.99.2.128/25}]}}
  both: {enable_ipv6: true, ipam: {config: [{subnet: 10.99.3.0/24}, {subnet: "fd00:99::/64"}]}}
  inner: {internal: true}
volumes: {data: {}}
x-made: &made {image: busybox:1, state: created}
containers:
  up: {image: busybox:1, command: sleep 9999, stop_signal: KILL, restart: always, networks: [plain, options]}
  once: {image: busybox:1, command: "true", state: completed}
  bare: *made
  bridged: {<<: *made, network_mode: bridge, ports: ["80", "127.0.0.1::81"]}
  alone: {<<: *made, network_mode: none}
  host: {<<: *made, network_mode: host, ipc: host, pid: host, uts: host, cgroup: host}
  on-networks:
    <<: *made
    networks: {subnet: {ipv4_address: 10.99.1.7}, gateway: {}, both: {ipv6_address: "fd00:99::7"}, inner: {}}
  privileged: {<<: *made, privileged: true}
  shared: {<<: *made, network_mode: "service:up", ipc: "service:up", pid: "service:up"}
  names: {<<: *made, dns: [10.1.1.1], dns_search: [example.com], dns_opt: ["ndots:1"], extra_hosts: [a=host-gateway]}
  log-options: {<<: *made, logging: {options: {max-file: "3"}}}
  log-driver: {<<: *made, logging: {driver: json-file}}
  no-log: {<<: *made, logging: {driver: none}}
  limits: {<<: *made, ulimits: {nofile: 512, nproc: {soft: 10, hard: 20}}, shm_size: 16m, init: false}
  secure: {<<: *made, security_opt: ["seccomp=unconfined", "no-new-privileges=false"], cap_drop: [ALL]}
  inside: {<<: *made, init: true, ipc: private, cgroup: private, runtime: runc, cgroup_parent: /dockerdecl-inside}
  mounted: {<<: *made, volumes: ["data:/data", "/anonymous", {type: tmpfs, target: /t}], tmpfs: [/run], read_only: true}
"""

CLAIMED = """
networks:
  plain:
    driver_opts: {com.docker.network.driver.mtu: "1234", com.docker.network.bridge.enable_icc: "false"}
    ipam: {config: [{subnet: 10.99.9.0/24, gateway: 10.99.9.9}]}
x-made: &made {image: busybox:1, state: created, networks: [plain]}
containers:
  whole:
    <<: *made
    logging: {driver: json-file, options: {max-size: 2m, max-file: "4"}}
    ulimits: {nofile: 512, nproc: 100}
    shm_size: 16m
    init: false
    ipc: private
    cgroup: host
    runtime: runc
  part:
    <<: *made
    logging: {options: {max-size: 2m, max-file: "4"}}
    ulimits: {nofile: 512, nproc: 100}
"""
TAKEN_OUT = """
networks:
  plain: {driver_opts: {com.docker.network.bridge.enable_icc: "false"}, ipam: {config: [{subnet: 10.99.9.0/24}]}}
x-made: &made {image: busybox:1, state: created, networks: [plain]}
containers:
  whole: *made
  part:
    <<: *made
    logging: {options: {max-file: "4"}}
    ulimits: {nproc: 100}
"""


@pytest.fixture
def settled(engine: PrivateEngine, tmp_path: Path) -> Iterator[Scenario]:
    """A project on an engine of its own that has all the defaults."""
    profile = tmp_path / "seccomp.json"
    profile.write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "architectures": [], "syscalls": []}))
    settings = {**DEFAULTS, "seccomp-profile": str(profile)}
    if not engine.version.startswith("20."):
        settings["default-network-opts"] = NETWORK_DEFAULTS
    with PrivateEngine(engine.binaries, settings) as own:
        folder = tmp_path / "project"
        folder.mkdir()
        yield Scenario(own, "defaults", folder)


def test_what_the_daemon_adds_is_no_difference_and_what_was_declared_is(settled: Scenario) -> None:
    """No default of the daemon may show, nor a change of the defaults; a field taken out must be seen, once."""
    s = settled.start_from(SHAPES).apply()
    _assert_shown(s)
    s.engine.restart(settings={**OTHERS, "cgroup-parent": f"/{s.engine.folder.name}/elsewhere"})
    s.plan({})
    s.write(MANIFEST, HEADER + CLAIMED).apply()
    s.write(MANIFEST, HEADER + TAKEN_OUT).plan()
    assert differing(s.last.json()) == {
        "network.plain": {"driver_opts.com.docker.network.driver.mtu", "ipam.config.10.99.9.0/24.gateway"},
        "container.whole": {"logging", "ulimits.nofile", "ulimits.nproc", *WHOLE},
        "container.part": {"logging.options.max-size", "ulimits.nofile"},
    }
    s.apply()


HEADER = "apiVersion: dockerdecl/v1\nproject: defaults\n"
WHOLE = ("shm_size", "init", "ipc", "cgroup", "runtime")


def _assert_shown(s: Scenario) -> None:
    "the engine took the settings: without this, the test could not fail"
    made = s.container("bare")["HostConfig"]
    assert made["LogConfig"] == {"Type": "local", "Config": {"max-size": "5m", "max-file": "2"}}
    assert {limit["Name"] for limit in made["Ulimits"]} == {"nofile", "core"}
    assert (made["ShmSize"], made["IpcMode"], made["CgroupnsMode"]) == (128 << 20, "shareable", "private")
    assert s.container("up")["HostConfig"]["Runtime"] == "second"
    network = s.engine.api("GET", "/networks/defaults_plain")
    assert network["IPAM"]["Config"][0]["Subnet"].startswith("10.203.")
    expected = {} if s.engine.version.startswith("20.") else NETWORK_DEFAULTS["bridge"]
    assert network["Options"] == expected


REMAPPED = """
volumes: {data: {}}
secrets: {password: {content: correct horse}}
x-made: &made {image: busybox:1, state: created}
containers:
  up:
    image: busybox:1
    command: sleep 9999
    stop_signal: KILL
    volumes: ["data:/data", {type: tmpfs, target: /t}]
    secrets: [{source: password, uid: "1000", mode: "0400"}]
  hosts: {<<: *made, userns_mode: host, network_mode: host, pid: host, privileged: true}
  shared: {<<: *made, network_mode: "service:up"}
"""


def test_remapped_users_are_no_difference(engine: PrivateEngine, tmp_path: Path) -> None:
    """An engine that maps root in containers to another user must take the same manifest and show nothing of it."""
    ids = dict.fromkeys(("subuid", "subgid"), "nobody:100000:65536\n")
    with PrivateEngine(engine.binaries, {"userns-remap": "nobody:nogroup"}, etc=ids) as own:
        s = Scenario(own, "remapped", tmp_path).start_from(REMAPPED)
        s.apply(running("up"), file_content("up", "/run/secrets/password", "correct horse"))
        assert "name=userns" in own.api("GET", "/info")["SecurityOptions"]
        s.edit(old="userns_mode: host, network_mode: host, pid: host, privileged: true", new="network_mode: none")
        s.plan()
        assert differing(s.last.json()) == {"container.hosts": {"userns_mode", "network_mode", "pid", "privileged"}}
