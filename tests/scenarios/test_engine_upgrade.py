"""An engine's data read by the next version's engine: the same project, and nothing to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checks import file_content, http_ok, mounted, replaced, running, same_container, state
from tests.support.engines import PrivateEngine, available_engines, why_not
from tests.support.eventually import eventually
from tests.support.scenario import Scenario

VERSIONS = ("20.10", "26.1", "28.5")
REQUIRED = VERSIONS[:2]  # the newest is read where there is one

PROJECT = """
networks:
  plain: {}
  subnet: {ipam: {config: [{subnet: 10.99.1.0/24}]}}
  gateway: {ipam: {config: [{subnet: 10.99.2.0/24, gateway: 10.99.2.9, ip_range: 10.99.2.128/25}]}}
  both: {enable_ipv6: true, ipam: {config: [{subnet: 10.99.3.0/24}, {subnet: "fd00:99::/64"}]}}
  inner: {internal: true, driver_opts: {com.docker.network.driver.mtu: "1400"}}
volumes:
  data: {}
  memory: {driver_opts: {type: tmpfs, device: tmpfs, o: size=1m}}
secrets: {password: {content: correct horse}}
configs: {motd: {content: hello}}
x-made: &made {image: busybox:1, state: created}
x-up: &up {image: busybox:1, command: sleep 9999, stop_signal: KILL, restart: always}
containers:
  web:
    image: www:1
    stop_signal: KILL
    restart: always
    ports: ["127.0.0.1:8080:80", "81"]
    networks: {subnet: {ipv4_address: 10.99.1.7, aliases: [front]}, both: {ipv6_address: "fd00:99::7"}, inner: {}}
    secrets: [{source: password, uid: "1000", mode: "0400"}]
    configs: [{source: motd, target: /etc/motd}]
    volumes: ["data:/data", /anonymous]
  unless: {<<: *up, restart: unless-stopped, mem_limit: 32m, cpus: 0.5, pids_limit: 50, networks: [gateway, plain]}
  once: {image: busybox:1, command: "true", state: completed}
  stopped: {image: busybox:1, state: stopped}
  linked: {<<: *made, network_mode: bridge, links: [bridged]}
  bridged: {<<: *made, network_mode: bridge, mac_address: "02:42:ac:11:00:05", hostname: bridged}
  default: {<<: *made, volumes_from: [web], depends_on: [web]}
  alone:
    <<: *made
    network_mode: none
    read_only: true
    tmpfs: [/run]
    shm_size: 16m
    init: true
    volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1m}}]
  host:
    <<: *made
    network_mode: host
    ipc: host
    pid: host
    privileged: true
    volumes: ["memory:/m", "/tmp:/h:ro"]
  shared: {<<: *made, network_mode: "service:web", ipc: shareable}
  limits:
    <<: *made
    logging: {driver: json-file, options: {max-size: 1m}}
    ulimits: {nofile: 512}
    healthcheck: {test: [CMD, "true"], interval: 5s}
    sysctls: {net.core.somaxconn: 1024}
    cap_add: [NET_ADMIN]
    cap_drop: [all]
    security_opt: ["no-new-privileges:true"]
    devices: [/dev/null]
    extra_hosts: [a=10.1.1.1]
    dns: [10.1.1.1]
    networks: [plain]
"""


@pytest.fixture
def oldest(tmp_path: Path) -> Iterator[PrivateEngine]:
    """An engine of the oldest version, to be started again as the later ones."""
    reasons = [reason for version in REQUIRED if (reason := why_not(version))]
    if reasons and os.environ.get("CI") == "true":
        pytest.fail(reasons[0], pytrace=False)
    if reasons:
        pytest.skip(reasons[0])
    with PrivateEngine(available_engines()[VERSIONS[0]]) as engine:
        yield engine


@pytest.mark.engine
def test_an_upgrade_of_the_engine_changes_no_plan(oldest: PrivateEngine, tmp_path: Path) -> None:
    """What an older engine made must be as declared for each later one, run again there, and take changes."""
    s = Scenario(oldest, "upgraded", tmp_path).start_from(PROJECT).apply(http_ok(8080))
    for version in VERSIONS[1:]:
        if version in available_engines():
            oldest.restart(binaries=available_engines()[version])
            eventually(lambda: s.check(running("web"), running("unless")))
            s.plan({}).check(http_ok(8080), state("once", "exited"), state("stopped", "created"))
            s.check(
                file_content("web", "/run/secrets/password", "correct horse"), mounted("web", "/data", source="data")
            )
    s.edit(old="mem_limit: 32m", new="mem_limit: 64m").edit(old="init: true", new="init: false")
    s.edit(old="aliases: [front]", new="aliases: [back]").edit(old="[NET_ADMIN]", new="[NET_RAW]")
    s.apply(same_container("web"), same_container("unless"), replaced("alone"), replaced("limits"))
