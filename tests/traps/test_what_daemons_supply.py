"""Traps 9 to 28: what a daemon fills in from its configuration, or in a form of its own, is nobody's change.

The engine has a configuration in which every default that a daemon.json can move is moved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest

from tests.support.engines import PrivateEngine
from tests.support.traps import Forms, Found, trap

SETTINGS = {
    "log-driver": "local",
    "log-opts": {"max-size": "7m"},
    "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 2048, "Hard": 4096}},
    "default-shm-size": "32m",
    "default-ipc-mode": "shareable",
    "default-cgroupns-mode": "private",
    "runtimes": {"other": {"path": "runc"}},
    "default-runtime": "other",
    "init": True,
    "dns": ["10.9.9.9"],
}
PROFILE = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ERRNO"}]}
DIGEST = hashlib.sha256(json.dumps(PROFILE, sort_keys=True).encode()).hexdigest()[:12]
FILES = {"profile.json": json.dumps(PROFILE, indent=2)}


@pytest.fixture(scope="module")
def trap_engine(engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """An engine of the same version with settings of its own."""
    with PrivateEngine(engine.binaries, SETTINGS) as configured:
        yield configured


@trap(
    daemon_log=Forms(changed="logging: {driver: json-file}"),
    own_log=Forms("logging: {driver: json-file, options: {max-size: 1m}}", changed=""),
    options_alone=Forms(
        "logging: {options: {max-size: 3m}}",
        again="logging: {driver: local, options: {max-size: 3m}}",
        changed="logging: {options: {max-size: 4m}}",
    ),
    option_taken=Forms(
        "logging: {driver: json-file, options: {max-size: 1m, max-file: 3}}",
        changed="logging: {driver: json-file, options: {max-size: 1m}}",
    ),
)
def test_trap_09_the_log_driver_may_be_the_daemons(found: Found) -> None:
    """Driver and options are copied into the container when it is made; only what was declared is claimed.

    kreuzwerker/terraform-provider-docker#473, #888; hashicorp/terraform-provider-docker#270; ansible/ansible#44669
    """
    assert found.live("daemon_log", "HostConfig/LogConfig") == {"Type": "local", "Config": {"max-size": "7m"}}
    found.changes(
        daemon_log={"logging.driver": ("local", "json-file")},
        own_log={"logging": ({"driver": "json-file", "options": {"max-size": "1m"}}, None)},
        options_alone={"logging.options.max-size": ("3m", "4m")},
        option_taken={"logging.options.max-file": ("3", None)},
    )


@trap(
    networks={"front": Forms(), "rear": Forms()},
    on_the_bridge=Forms("network_mode: bridge", again="network_mode: default", changed="network_mode: none"),
    bridge_of_others=Forms(made={"HostConfig": {}}, again="network_mode: default"),
    bridge_named=Forms("network_mode: default", made={"HostConfig": {"NetworkMode": "bridge"}}),
    on_networks=Forms("networks: [front]", changed="network_mode: bridge"),
)
def test_trap_10_the_default_network_has_several_names(found: Found) -> None:
    """Nothing, `default` and `bridge` are one; engines to 25 show `default` where those from 26.1 show `bridge`.

    kreuzwerker/terraform-provider-docker#603, #723; hashicorp/consul#21043; ansible-collections/community.docker#934;
    moby/moby#47431, #48008
    """
    shown = "default" if found.engine.version.startswith("20.") else "bridge"
    assert found.live("bridge_of_others", "HostConfig/NetworkMode") == shown
    assert found.live("on_networks", "HostConfig/NetworkMode") == "traps_front"
    found.changes(
        on_the_bridge={"network_mode": ("bridge", "none")},
        on_networks={"network_mode": (None, "bridge"), "networks.front": ({"aliases": ["on_networks"]}, None)},
    )


@trap(
    daemon_ipc=Forms(again="ipc: shareable", changed="ipc: private"),
    own_ipc=Forms("ipc: private", changed=""),
    ipc_from_before=Forms(made={"HostConfig": {"IpcMode": "private"}}),
)
def test_trap_11_the_ipc_namespace_may_be_the_daemons(found: Found) -> None:
    """Filled in when the container is made, from a default that another daemon, or another day, has otherwise.

    The engine API's changelog for 1.40; moby's `adaptContainerSettings`
    """
    assert found.live("daemon_ipc", "HostConfig/IpcMode") == "shareable"
    found.changes(daemon_ipc={"ipc": ("shareable", "private")}, own_ipc={"ipc": ("private", None)})


@trap(
    daemon_cgroup=Forms(again="cgroup: private", changed="cgroup: host"),
    own_cgroup=Forms("cgroup: host", changed=""),
)
def test_trap_12_the_cgroup_namespace_may_be_the_daemons(found: Found) -> None:
    """Private on cgroup v2, the host's on v1, or as the daemon is told: one manifest, several hosts, no difference.

    The engine API's changelog for 1.41; moby's `adaptContainerSettings`
    """
    assert found.live("daemon_cgroup", "HostConfig/CgroupnsMode") == "private"
    found.changes(daemon_cgroup={"cgroup": ("private", "host")}, own_cgroup={"cgroup": ("host", None)})


@trap(
    daemon_runtime=Forms(again="runtime: other", changed="runtime: runc"),
    own_runtime=Forms("runtime: runc", changed=""),
    runtime_from_before=Forms(made={"HostConfig": {"Runtime": "runc"}}),
)
def test_trap_13_the_runtime_may_be_the_daemons(found: Found) -> None:
    """The default runtime is filled in when the container is made, and stays there when the daemon has another one.

    No thread; measured: the default's name stands in `HostConfig.Runtime` (moby's `verifyPlatformContainerSettings`).
    """
    assert found.live("daemon_runtime", "HostConfig/Runtime") == "other"
    found.changes(daemon_runtime={"runtime": ("other", "runc")}, own_runtime={"runtime": ("runc", None)})


@trap(
    daemon_shm=Forms(again="shm_size: 32m", changed="shm_size: 64m"),
    own_shm=Forms("shm_size: 64m", again="shm_size: 67108864", changed=""),
)
def test_trap_14_the_size_of_shared_memory_may_be_the_daemons(found: Found) -> None:
    """Always filled in, in bytes.

    hashicorp/terraform-provider-docker#242
    """
    assert found.live("daemon_shm", "HostConfig/ShmSize") == 32 << 20
    found.changes(daemon_shm={"shm_size": ("32m", "64m")}, own_shm={"shm_size": ("64m", None)})


@trap(
    memory=Forms("mem_limit: 64m", again="mem_limit: 65536k, memswap_limit: 128m", changed="mem_limit: 96m"),
    swap=Forms("mem_limit: 64m, memswap_limit: -1", changed="mem_limit: 64m"),
)
def test_trap_15_the_swap_limit_follows_the_memory_limit(found: Found) -> None:
    """Twice the memory is filled in where none is given; a higher memory limit is an update that has to send both.

    moby/moby#25460, #39541, #22167, #47874; containerd/nerdctl#1126; hashicorp/terraform-provider-docker#242;
    hashicorp/terraform#12045
    """
    assert found.live("memory", "HostConfig/MemorySwap") == 128 << 20
    found.changes(memory={"mem_limit": ("64m", "96m")}, swap={"memswap_limit": ("-1", None)})
    assert found.action("memory") == "update"


@trap(
    no_swappiness=Forms(again="mem_swappiness: -1", changed="mem_swappiness: 10"),
    old_swappiness=Forms(made={"HostConfig": {"MemorySwappiness": -1}}),
    own_swappiness=Forms("mem_swappiness: 0", changed=""),
)
def test_trap_16_no_swappiness_is_null_and_minus_one(found: Found) -> None:
    """Both mean that nothing was asked for, while 0 is a claim; `update` does not take it, so it is a replacement.

    podman-container-tools/podman#22712, #24126; containers/podman#23824; Finsys/dockhand#691
    """
    assert found.live("no_swappiness", "HostConfig/MemorySwappiness") is None
    found.changes(no_swappiness={"mem_swappiness": (None, 10)}, own_swappiness={"mem_swappiness": (0, None)})
    assert found.action("no_swappiness") == "replace"


@trap(
    killable=Forms(again="oom_kill_disable: false", changed="oom_kill_disable: true"),
    unkillable=Forms("mem_limit: 64m, oom_kill_disable: true", changed="mem_limit: 64m"),
)
def test_trap_17_false_and_null_are_one(found: Found) -> None:
    """`false` on cgroup v1, `null` on v2, where the engine drops a `true` with a warning.

    No thread; measured: 20.10 and 26.1 show `false` on cgroup v1 and keep a `true`.
    """
    assert found.live("killable", "HostConfig/OomKillDisable") is False
    found.changes(killable={"oom_kill_disable": (None, True)}, unkillable={"oom_kill_disable": (True, None)})


@trap(
    weighed=Forms("blkio_config: {weight: 300}", changed="blkio_config: {weight: 400}"),
    share=Forms("cpu_percent: 50"),
)
def test_trap_18_what_the_kernel_cannot_do_is_told_and_not_planned_for_ever(found: Found) -> None:
    """The engine drops it with a warning when the container is made; it is told, and planned again only when changed.

    The engine API's changelog for 1.42 and 1.52; moby's warnings. Measured on kernels without the weight: it is 0.
    `KernelMemory`, which engines from API 1.42 drop without a word, can't be declared.
    """
    assert found.live("weighed", "HostConfig/BlkioWeight") == 0
    assert [("blkio_config" in text) for text in found.notes("weighed")] == [True]
    assert [("cpu_percent" in text) for text in found.notes("share")] == [True]
    found.changes(weighed={"blkio_config.weight": (None, 400)})


@trap(
    never=Forms(again='restart: "no"', changed="restart: always"),
    never_in_yaml=Forms("restart: no", again=""),
    never_by_name=Forms(made={"HostConfig": {"RestartPolicy": {"Name": "no"}}}),
    never_by_nothing=Forms("restart: no", made={"HostConfig": {"RestartPolicy": {"Name": ""}}}),
    on_failure=Forms("restart: on-failure", again="restart: on-failure:0", changed="restart: on-failure:3"),
)
def test_trap_19_the_restart_policy_of_nothing_has_two_names(found: Found) -> None:
    """`no` and an empty name are one, `no` in YAML is the word, and a policy changes without a replacement.

    ansible/ansible#44669; docker/compose#11679
    """
    shown = "" if found.engine.version.startswith("20.") else "no"
    assert found.live("never", "HostConfig/RestartPolicy")["Name"] == shown
    found.changes(never={"restart": ("no", "always")}, on_failure={"restart": ("on-failure", "on-failure:3")})
    assert (found.action("never"), found.action("on_failure")) == ("update", "update")


@trap(
    generated_name=Forms(changed="hostname: own"),
    own_name=Forms("hostname: own", changed=""),
    name_of_host=Forms("network_mode: host", changed="network_mode: host, hostname: own"),
)
def test_trap_20_a_generated_host_name_is_nobodys(found: Found) -> None:
    """The short id, or the host's name with its network, was not asked for.

    kreuzwerker/terraform-provider-docker#28
    """
    assert found.live("generated_name", "Config/Hostname") == found.live("generated_name", "Id")[:12]
    assert found.live("name_of_host", "Config/Hostname") == "box"
    found.changes(generated_name={"hostname": (None, "own")}, own_name={"hostname": ("own", None)})


@trap(
    dotted=Forms("hostname: a.b.c", changed="hostname: a, domainname: b.c"),
    split=Forms("hostname: a, domainname: b.c", made={"Hostname": "a", "Domainname": "b.c", "HostConfig": {}}),
)
def test_trap_21_a_host_name_with_dots_is_not_split(found: Found) -> None:
    """Old command lines made a domain name of it; what is declared is taken as it stands.

    hashicorp/terraform-provider-docker#242
    """
    assert (found.live("dotted", "Config/Hostname"), found.live("dotted", "Config/Domainname")) == ("a.b.c", "")
    found.changes(dotted={"hostname": ("a.b.c", "a"), "domainname": (None, "b.c")})


@trap(
    no_resolver=Forms(again="dns: [], dns_search: [], dns_opt: []", changed="dns: 10.1.1.1"),
    empty_resolver=Forms(made={"HostConfig": {"Dns": [], "DnsSearch": [], "DnsOptions": []}}),
    resolver=Forms("dns: [10.1.1.1, 10.1.1.2]", changed="dns: [10.1.1.2, 10.1.1.1]"),
    resolver_taken=Forms("dns: [10.1.1.1], dns_search: [a.org], dns_opt: ['ndots:2']", changed=""),
)
def test_trap_22_no_name_server_is_null_and_empty(found: Found) -> None:
    """Null and an empty list are one, the daemon's own servers are not shown, and the order of servers counts.

    kreuzwerker/terraform-provider-docker#25, #28; hashicorp/terraform-provider-docker#272
    """
    assert not found.live("no_resolver", "HostConfig/Dns")
    found.changes(
        no_resolver={"dns": (None, ["10.1.1.1"])},
        resolver={"dns": (["10.1.1.1", "10.1.1.2"], ["10.1.1.2", "10.1.1.1"])},
        resolver_taken={"dns": (["10.1.1.1"], None), "dns_search": (["a.org"], None), "dns_opt": (["ndots:2"], None)},
    )


@trap(
    tenth=Forms("cpus: 0.1", again="cpus: .10", changed="cpus: 0.11"),
    nano=Forms("cpus: 0.3", made={"HostConfig": {"NanoCpus": 300_000_000}}),
    quota=Forms("cpu_period: 50ms, cpu_quota: 25000", again="cpu_period: 50000, cpu_quota: 25ms", changed="cpus: 0.5"),
    no_shares=Forms(again="cpu_shares: 1024", changed="cpu_shares: 512"),
)
def test_trap_23_cpus_are_decimals_and_exclude_a_quota(found: Found) -> None:
    """A tenth is exactly 100,000,000 nano CPUs; the engine refuses an update from a quota to CPUs, so that replaces.

    ansible-collections/community.docker's `_preprocess_cpus`; kreuzwerker/terraform-provider-docker#28
    """
    assert found.live("tenth", "HostConfig/NanoCpus") == 100_000_000
    found.changes(
        tenth={"cpus": ("0.1", "0.11")},
        quota={"cpus": (None, "0.5"), "cpu_period": (50000, None), "cpu_quota": (25000, None)},
        no_shares={"cpu_shares": (None, 512)},
    )
    assert (found.action("tenth"), found.action("quota")) == ("update", "replace")


@trap(
    daemon_limits=Forms(
        again="ulimits: {nofile: {soft: 2048, hard: 4096}}", changed="ulimits: {nofile: {soft: 1024, hard: 4096}}"
    ),
    own_limits=Forms(
        "ulimits: {core: 0, memlock: -1}",
        again="ulimits: {memlock: {soft: -1, hard: -1}, core: {soft: 0, hard: 0}}",
        changed="ulimits: {core: 0}",
    ),
    only_limit=Forms("ulimits: {core: 0}", changed=""),
)
def test_trap_24_the_daemons_limits_are_merged_in(found: Found) -> None:
    """An inspection shows the daemon's present default limits among the container's own; none of them is a claim.

    moby/moby#26326, #26405
    """
    assert [limit["Name"] for limit in found.live("daemon_limits", "HostConfig/Ulimits")] == ["nofile"]
    found.changes(
        daemon_limits={"ulimits.nofile.soft": (2048, 1024)},
        own_limits={"ulimits.memlock": ({"soft": -1, "hard": -1}, None)},
        only_limit={"ulimits.core": ({"soft": 0, "hard": 0}, None)},
    )


@trap(
    no_new=Forms("security_opt: ['no-new-privileges:true']", again="security_opt: [no-new-privileges]", changed=""),
    by_colon=Forms(
        "security_opt: [no-new-privileges, label=disable]",
        made={"HostConfig": {"SecurityOpt": ["label:disable", "no-new-privileges:true"]}},
    ),
    all_powers=Forms("privileged: true", again="privileged: true, security_opt: ['label=disable']", changed=""),
    host_processes=Forms("pid: host", again="pid: host, security_opt: ['label:disable']"),
    profile=Forms(
        "security_opt: ['seccomp:profile.json']",
        again="security_opt: [seccomp=./profile.json]",
        changed="security_opt: [seccomp=unconfined]",
        made={"HostConfig": {"SecurityOpt": [f"seccomp={json.dumps(PROFILE)}"]}},
    ),
)
def test_trap_25_security_options_are_added_to_and_inlined(found: Found) -> None:
    """Privileges and shared namespaces add `label=disable`, `:` is `=`, and a profile is shown as its JSON.

    No thread; measured: as told, on 20.10 and 26.1 (moby's `generateSecurityOpt` and `parseSecurityOpt`).
    """
    assert found.live("all_powers", "HostConfig/SecurityOpt") == ["label=disable"]
    assert found.live("host_processes", "HostConfig/SecurityOpt") == ["label=disable"]
    found.changes(
        no_new={"security_opt": (["no-new-privileges=true"], None)},
        all_powers={"privileged": (True, None)},
        profile={"security_opt": ([f"seccomp=(a profile, sha256:{DIGEST})"], ["seccomp=unconfined"])},
    )


@trap(
    kernel=Forms(
        "sysctls: {net.core.somaxconn: 1024}",
        again='sysctls: ["net.core.somaxconn=1024"]',
        changed="sysctls: {net.core.somaxconn: 512}",
    ),
    hosts=Forms(
        "extra_hosts: [db=10.0.0.5, db=10.0.0.6, gate=host-gateway]",
        again="extra_hosts: {gate: host-gateway, db: [10.0.0.6, 10.0.0.5]}",
        changed="extra_hosts: {gate: host-gateway, db: 10.0.0.6}",
    ),
    hosts_of_others=Forms(
        "extra_hosts: ['six=::1', db=10.0.0.5]", made={"HostConfig": {"ExtraHosts": ["db:10.0.0.5", "six:::1"]}}
    ),
)
def test_trap_26_numbers_lists_and_maps_become_one_map_of_texts(found: Found) -> None:
    """The engine keeps texts, and a list's order; neither is the user's, and one host may have two addresses.

    No thread; measured: `sysctls` reads back as texts, `extra_hosts` in the order given, `host-gateway` as written.
    """
    assert found.live("kernel", "HostConfig/Sysctls") == {"net.core.somaxconn": "1024"}
    assert found.live("hosts", "HostConfig/ExtraHosts") == ["db:10.0.0.5", "db:10.0.0.6", "gate:host-gateway"]
    fewer = ["db:10.0.0.6", "gate:host-gateway"]
    found.changes(
        kernel={"sysctls.net.core.somaxconn": ("1024", "512")},
        hosts={"extra_hosts": (["db:10.0.0.5", *fewer], fewer)},
    )


@trap(groups=Forms("group_add: [999, audio]", again='group_add: [audio, "999", audio]', changed="group_add: [999]"))
def test_trap_27_a_groups_number_is_a_text(found: Found) -> None:
    """The engine keeps texts in the order given.

    kreuzwerker/terraform-provider-docker#28
    """
    assert found.live("groups", "HostConfig/GroupAdd") == ["999", "audio"]
    found.changes(groups={"group_add": (["999", "audio"], ["999"])})


@trap(
    daemon_init=Forms(changed="init: false"),
    no_init=Forms("init: false", changed=""),
    own_init=Forms("init: true", changed=""),
    init_by_default=Forms("init: false", made={"HostConfig": {"Init": False}}),
)
def test_trap_28_no_init_and_the_daemons_init_are_two_things(found: Found) -> None:
    """Null is what the daemon does by default, `false` is none: where it says nothing, nothing is sent or claimed.

    community.docker's default `init: false`, later `container_default_behavior: no_defaults`
    """
    assert found.live("daemon_init", "HostConfig/Init") is None
    assert found.live("no_init", "HostConfig/Init") is False
    found.changes(
        daemon_init={"init": (None, False)},
        no_init={"init": (False, None)},
        own_init={"init": (True, None)},
    )
