"""Values for every field of a container, in the manifest's words: strategies that know each field's grammar.

A value is a small manifest of its own, since some fields need others beside them (a swap limit needs a memory limit).
What no engine takes on any machine is left out; what a test engine refuses for its kernel's sake is named in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from dockerdecl.resources.container.lenses.process import clean_path
from dockerdecl.resources.container.spec import Container

Values = dict[str, Any]

_name = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
_word = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
_text = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
_label = st.from_regex(r"[a-z][a-z0-9.-]{0,10}", fullmatch=True)
_folder = st.from_regex(r"(/[a-z][a-z0-9._-]{0,6}){1,3}", fullmatch=True)
_written_folder = st.builds(lambda path, end: path + end, _folder, st.sampled_from(("", "/", "/.", "//", "/x/..")))
_host = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True)
_ip = st.one_of(st.ip_addresses(v=4).map(str), st.sampled_from(("::1", "2001:db8::7", "2001:0DB8:0::0007")))
_size = st.one_of(
    st.integers(6, 512).map(lambda n: f"{n}m"),
    st.sampled_from(("6291456", "1g", "0.5g", "65536k", "64MB", "128 mib")),
)
_flag = st.sampled_from((True, "true", False, "false"))
_duration = st.one_of(
    st.integers(1, 5000).map(lambda n: f"{n}ms"), st.sampled_from(("1s", "1m30s", "1.5s", "2h", "90s", "0"))
)
_signal = st.sampled_from(("TERM", "SIGTERM", "15", "sigusr1", "KILL", "9", "SIGRTMIN+3", "quit"))


@st.composite
def _range(draw: st.DrawFn, longest: int = 4) -> tuple[int, int]:
    first = draw(st.integers(1, 65000))
    return first, first + draw(st.integers(0, longest))


def _spelled(span: tuple[int, int]) -> str:
    return str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"


@st.composite
def _port(draw: st.DrawFn) -> Any:
    target = draw(_range())
    length = target[1] - target[0]
    protocol = draw(st.sampled_from(("", "/tcp", "/udp", "/UDP", "/sctp")))
    host = draw(st.sampled_from(("", "127.0.0.1:", "0.0.0.0:", "[::1]:")))
    first = draw(st.integers(1, 60000))
    published = draw(st.sampled_from((_spelled((first, first + length)), "")))
    if length == 0:
        published = draw(st.sampled_from((published, f"{first}-{first + 9}")))
    if draw(st.booleans()):
        return f"{host}{published}:{_spelled(target)}{protocol}" if host or published else _spelled(target) + protocol
    long = {
        "target": _spelled(target),
        "published": published,
        "host_ip": host.strip("[]:") if host != "[::1]:" else "::1",
    }
    return long | ({"protocol": protocol[1:]} if protocol else {})


_health = st.fixed_dictionaries(
    {},
    optional={
        "test": st.sampled_from(("true", ["CMD", "true"], ["CMD-SHELL", "exit 0"], ["NONE"])),
        "interval": st.sampled_from(("1ms", "5s", "1m30s", "0")),
        "timeout": st.sampled_from(("2s", "500ms")),
        "start_period": st.sampled_from(("1s", "0")),
        "retries": st.integers(1, 9),
    },
)

_mount = st.one_of(
    st.builds(
        lambda target, mode: f"lens-data:{target}{mode}",
        _written_folder,
        st.sampled_from(("", ":ro", ":rw", ":nocopy")),
    ),
    _written_folder,
    st.builds(
        lambda target, mode: f"/tmp:{target}{mode}",
        _written_folder,
        st.sampled_from(("", ":ro", ":z", ":ro,Z", ":rprivate")),
    ),
    st.builds(
        lambda target, ro: {"type": "volume", "source": "lens-data", "target": target, "read_only": ro},
        _written_folder,
        _flag,
    ),
    st.builds(lambda target: {"type": "volume", "target": target, "volume": {"nocopy": True}}, _written_folder),
    st.builds(
        lambda target, size, mode: {"type": "tmpfs", "target": target, "tmpfs": {"size": size, "mode": mode}},
        _written_folder,
        _size,
        st.sampled_from(("1777", "0700", 0o755)),
    ),
    st.builds(
        lambda target, recursive, ro: {
            "type": "bind",
            "source": "/tmp",
            "target": target,
            "read_only": ro,
            "bind": {"recursive": recursive},
        },
        _written_folder,
        st.sampled_from(("enabled", "disabled", "writable", "readonly")),
        _flag,
    ),
    st.builds(
        lambda target, options: {"type": "volume", "target": target, "volume": options},
        _written_folder,
        st.fixed_dictionaries(
            {},
            optional={
                "labels": st.just({"team": "shop"}),
                "driver": st.just("local"),
                "driver_opts": st.just({"type": "tmpfs", "device": "tmpfs"}),
            },
        ),
    ),
    st.builds(
        lambda target, consistency: {"type": "bind", "source": "/tmp", "target": target, "consistency": consistency},
        _written_folder,
        st.sampled_from(("default", "cached", "delegated", "consistent")),
    ),
    st.builds(
        lambda target, options: {"type": "tmpfs", "target": target, "tmpfs": {"options": options}},
        _written_folder,
        st.lists(st.sampled_from(("noexec", "nosuid")), unique=True),
    ),
    st.builds(
        lambda target, options: {"type": "image", "source": "lens-bare:1", "target": target, "image": options},
        _written_folder,
        st.sampled_from((None, {"subpath": "bin"})),
    ),
    st.builds(
        lambda target, made: {"type": "bind", "source": "/tmp", "target": target, "bind": {"create_host_path": made}},
        _written_folder,
        _flag,
    ),
)


def _distinct_targets(mounts: list[Any]) -> bool:
    targets = [clean_path(mount.target) for mount in Container.model_validate({"volumes": mounts}).volumes]
    return len({*targets}) == len(targets) and "/" not in targets


def _one(field: str, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Values]:
    return strategy.map(lambda value: {field: value})


_maps = st.dictionaries(_label, _text, max_size=3)
_capabilities = st.lists(
    st.sampled_from(("NET_ADMIN", "CAP_NET_ADMIN", "net_raw", "ALL", "all", "cap_chown", "SYS_TIME")), max_size=3
)
_commands = st.one_of(
    st.lists(_word, min_size=1, max_size=3), st.sampled_from(("sleep 99", "sh -c 'echo a  b'", "[]", 'echo "x y"'))
)

FIELDS: Mapping[str, st.SearchStrategy[Values]] = {
    "entrypoint": st.builds(
        lambda entrypoint, command: {"entrypoint": entrypoint, "command": command},
        st.one_of(_commands, st.just([])),
        st.one_of(st.lists(_word, min_size=1, max_size=2)),
    ),
    "command": _one("command", _commands),
    "environment": _one(
        "environment",
        st.one_of(
            st.dictionaries(_name, st.one_of(st.none(), _text), max_size=4),
            st.lists(st.builds(lambda n, t: f"{n}={t}", _name, _text), max_size=3),
            st.just({"PATH": "/x", "FROM_IMAGE": None}),
        ),
    ),
    "labels": _one("labels", st.one_of(_maps, st.lists(st.builds(lambda n, t: f"{n}={t}", _label, _text), max_size=3))),
    "user": _one("user", st.sampled_from(("root", "0", "1000:1000", "app", 1000))),
    "working_dir": _one("working_dir", _written_folder),
    "hostname": _one("hostname", st.one_of(_host, st.just("h1.example.org"))),
    "domainname": _one("domainname", st.just("example.org")),
    "tty": _one("tty", _flag),
    "stdin_open": _one("stdin_open", _flag),
    "stop_signal": _one("stop_signal", _signal),
    "stop_grace_period": _one("stop_grace_period", _duration),
    "healthcheck": _one("healthcheck", st.one_of(_health, st.just({"disable": True}))),
    "ports": _one("ports", st.lists(_port(), max_size=3)),
    "expose": _one(
        "expose",
        st.lists(st.builds(lambda span, p: _spelled(span) + p, _range(), st.sampled_from(("", "/tcp", "/udp")))),
    ),
    "network_mode": _one("network_mode", st.sampled_from(("bridge", "host", "none", "default"))),
    "networks": _one(
        "networks",
        st.fixed_dictionaries(
            {
                "lens-net": st.fixed_dictionaries(
                    {},
                    optional={
                        "aliases": st.lists(_host, max_size=3),
                        "ipv4_address": st.integers(2, 250).map(lambda n: f"10.99.0.{n}"),
                        "driver_opts": st.just({"com.docker.network.endpoint.x": "1"}),
                        "mac_address": st.sampled_from(("02:42:AC:11:00:0B", "02-42-ac-11-00-0c")),
                        "interface_name": st.sampled_from(("eth0", "back")),
                    },
                )
            }
        ),
    ),
    "links": st.just({"network_mode": "bridge", "links": ["lens-target:db", "lens-target"]}),
    "dns": _one("dns", st.lists(st.sampled_from(("1.1.1.1", "8.8.8.8", "9.9.9.9")), max_size=3)),
    "dns_search": _one("dns_search", st.lists(st.sampled_from(("a.org", "b.org", ".")), max_size=2)),
    "dns_opt": _one("dns_opt", st.lists(st.sampled_from(("ndots:1", "timeout:3")), max_size=2)),
    "extra_hosts": _one(
        "extra_hosts",
        st.one_of(
            st.lists(st.builds(lambda h, c, a: f"{h}{c}{a}", _host, st.sampled_from("=:"), _ip), max_size=3),
            st.dictionaries(_host, _ip, max_size=2),
            st.just(["gate=host-gateway"]),
        ),
    ),
    "volumes": _one("volumes", st.lists(_mount, max_size=4).filter(_distinct_targets)),
    "tmpfs": _one(
        "tmpfs",
        st.one_of(
            _written_folder,
            st.lists(
                st.builds(lambda f, o: f + o, _folder, st.sampled_from(("", ":size=1m,mode=700", ":mode=700,size=1m")))
            ).map(lambda texts: list({text.partition(":")[0]: text for text in texts}.values())),
        ),
    ),
    "volumes_from": _one("volumes_from", st.sampled_from((["container:lens-target"], ["container:lens-target:ro"]))),
    "volume_driver": _one("volume_driver", st.just("local")),
    "read_only": _one("read_only", _flag),
    "restart": _one("restart", st.sampled_from(("no", "always", "unless-stopped", "on-failure", "on-failure:3"))),
    "mem_limit": _one("mem_limit", _size),
    "memswap_limit": st.sampled_from((("64m", "64m"), ("64m", "128m"), ("64m", "-1"), ("64m", "96m"))).map(
        lambda pair: {"mem_limit": pair[0], "memswap_limit": pair[1]}
    ),
    "mem_reservation": _one("mem_reservation", st.sampled_from(("6m", "32m"))),
    "cpus": _one("cpus", st.sampled_from(("0.1", "0.25", "1", "1.5", 0.5, "2.0", ".5"))),
    "cpu_shares": _one("cpu_shares", st.sampled_from((2, 512, 1024, "2048"))),
    "cpuset": _one("cpuset", st.sampled_from(("0", "0-1", "0,1"))),
    "pids_limit": _one("pids_limit", st.sampled_from((-1, 0, 100, "200"))),
    "oom_score_adj": _one("oom_score_adj", st.integers(-1000, 1000)),
    "shm_size": _one("shm_size", _size),
    "ulimits": _one(
        "ulimits",
        st.fixed_dictionaries({}, optional={"nofile": st.just({"soft": 1024, "hard": 2048}), "core": st.just(0)}),
    ),
    "privileged": _one("privileged", _flag),
    "cap_add": _one("cap_add", _capabilities),
    "cap_drop": _one("cap_drop", _capabilities),
    "security_opt": _one(
        "security_opt",
        st.lists(
            st.sampled_from(("no-new-privileges", "no-new-privileges:true", "seccomp=unconfined", "label=disable")),
            max_size=2,
            unique=True,
        ),
    ),
    "devices": _one(
        "devices",
        st.lists(st.sampled_from(("/dev/null", "/dev/null:/dev/n", "/dev/zero:/dev/z:r", "/dev/full:rw")), unique=True),
    ),
    "group_add": _one("group_add", st.lists(st.sampled_from(("audio", 1001, "0")), max_size=3)),
    "init": _one("init", _flag),
    "pid": _one("pid", st.sampled_from(("host", "container:lens-target"))),
    "ipc": _one("ipc", st.sampled_from(("host", "private", "shareable", "none", "container:lens-target"))),
    "uts": _one("uts", st.just("host")),
    "userns_mode": _one("userns_mode", st.just("host")),
    "cgroup": _one("cgroup", st.sampled_from(("host", "private"))),
    "cgroup_parent": _one("cgroup_parent", st.just("/lens")),
    "runtime": _one("runtime", st.sampled_from(("runc", "io.containerd.runc.v2"))),
    "logging": _one(
        "logging",
        st.sampled_from(
            (
                {"driver": "json-file", "options": {"max-size": "1m", "max-file": 3}},
                {"driver": "none"},
                {"driver": "local"},
                {"options": {"max-size": "1m"}},
            )
        ),
    ),
    "sysctls": _one("sysctls", st.sampled_from(({"net.core.somaxconn": 1024}, ["net.core.somaxconn=512"]))),
    "cpu_period": _one("cpu_period", st.sampled_from((50000, "100000", "20ms"))),
    "cpu_quota": _one("cpu_quota", st.sampled_from((25000, "10ms", -1))),
    "cpu_rt_period": _one("cpu_rt_period", st.sampled_from((1000000, "1s"))),
    "cpu_rt_runtime": st.just({"cpu_rt_period": 1000000, "cpu_rt_runtime": "950ms"}),
    "cpu_count": _one("cpu_count", st.integers(1, 2)),
    "cpu_percent": _one("cpu_percent", st.integers(1, 99)),
    "mem_swappiness": _one("mem_swappiness", st.integers(-1, 100)),
    "oom_kill_disable": _one("oom_kill_disable", _flag),
    "blkio_config": _one(
        "blkio_config",
        st.fixed_dictionaries(
            {},
            optional={
                "weight": st.integers(10, 1000),
                "weight_device": st.just([{"path": "/dev/null", "weight": 400}]),
                "device_read_bps": st.just([{"path": "/dev/zero", "rate": "12mb"}]),
                "device_write_iops": st.just([{"path": "/dev/zero", "rate": 30}]),
            },
        ),
    ),
    "device_cgroup_rules": _one("device_cgroup_rules", st.lists(st.sampled_from(("c 1:3 mr", "a 7:* rmw")))),
    "gpus": _one(
        "gpus",
        st.sampled_from(
            ("all", [{"driver": "nvidia", "count": 2}], [{"device_ids": ["0", "1"], "capabilities": ["compute"]}])
        ),
    ),
    "cpuset_mems": _one("cpuset_mems", st.just("0")),
    "stdin_once": _one("stdin_once", _flag),
    "shell": _one("shell", st.sampled_from((["/bin/sh", "-c"], ["/bin/bash", "-e", "-c"], []))),
    "publish_all_ports": _one("publish_all_ports", _flag),
    "masked_paths": _one("masked_paths", st.lists(st.sampled_from(("/proc/kcore", "/sys/firmware")))),
    "readonly_paths": _one("readonly_paths", st.lists(st.sampled_from(("/proc/sys", "/proc/bus")))),
    "mac_address": _one("mac_address", st.sampled_from(("02:42:AC:11:00:09", "02-42-ac-11-00-0a"))),
    "storage_opt": _one("storage_opt", st.just({})),
    "isolation": _one("isolation", st.just("default")),
    "annotations": _one("annotations", _maps),
}
