"""Traps 30 to 44: the same thing in other words is the same, and another thing in nearly the same words is not."""

from __future__ import annotations

import ipaddress
import platform

from tests.support.scenario import ScenarioMaker
from tests.support.traps import Forms, Found, trap

RUNNING = "state: running, command: sleep 99999, stop_grace_period: 0s"
KERNELS_WORD = platform.machine()
OWN, ANOTHER = {"x86_64": ("amd64", "arm64"), "aarch64": ("arm64", "amd64")}[KERNELS_WORD]
OURS = "--label dockerdecl.project=traps --label dockerdecl.format=1 --label dockerdecl.address="


@trap(
    powers=Forms(
        "cap_add: [NET_ADMIN, SYS_TIME]",
        again="cap_add: [cap_sys_time, net_admin, NET_ADMIN]",
        changed="cap_add: [NET_ADMIN]",
    ),
    powers_of_others=Forms(
        "cap_add: NET_ADMIN, cap_drop: [mknod]",
        changed="cap_add: [NET_ADMIN, NET_RAW]",
        made={"HostConfig": {"CapAdd": ["cap_net_admin", "NET_ADMIN"], "CapDrop": ["CAP_MKNOD"]}},
    ),
    every_power=Forms("cap_add: [ALL, NET_ADMIN]", again="cap_add: [all]", changed=""),
)
def test_trap_30_capabilities_are_a_set_without_prefix_and_case(found: Found) -> None:
    """The engine keeps them as sent, and clients send them in many ways; `ALL` holds every other one.

    moby/moby#48551; kreuzwerker/terraform-provider-docker#76
    """
    assert found.live("powers_of_others", "HostConfig/CapAdd") == ["cap_net_admin", "NET_ADMIN"]
    found.changes(
        powers={"cap_add": (["NET_ADMIN", "SYS_TIME"], ["NET_ADMIN"])},
        powers_of_others={"cap_add": (["NET_ADMIN"], ["NET_ADMIN", "NET_RAW"]), "cap_drop": (["MKNOD"], None)},
        every_power={"cap_add": (["ALL"], None)},
    )


@trap(
    everywhere=Forms(
        f'{RUNNING}, ports: ["8131:80"]',
        again=f"{RUNNING}, ports: [{{target: 80, published: 8131}}]",
        changed=f'{RUNNING}, ports: ["0.0.0.0:8131:80"]',
    ),
    loopback=Forms(
        'ports: ["[::1]:8132:80"]', again='ports: [{target: 80, published: 8132, host_ip: "0:0:0:0:0:0:0:1"}]'
    ),
    loopback_of_others=Forms(
        'ports: ["[::1]:8132:80"]',
        made={
            "ExposedPorts": {"80/tcp": {}},
            "HostConfig": {"PortBindings": {"80/tcp": [{"HostIp": "0:0:0:0:0:0:0:1", "HostPort": "8132"}]}},
        },
    ),
)
def test_trap_31_no_host_address_is_every_address(found: Found) -> None:
    """A running container shows its port under the addresses it got, but was asked for none; `0.0.0.0` leaves IPv6 out.

    hashicorp/terraform-provider-docker#128; ansible-collections/community.docker#1192
    """
    assert found.live("everywhere", "HostConfig/PortBindings/80|tcp") == [{"HostIp": "", "HostPort": "8131"}]
    assert "0.0.0.0" in [entry["HostIp"] for entry in found.live("everywhere", "NetworkSettings/Ports/80|tcp")]
    found.changes(everywhere={"ports.80/tcp": (["8131"], ["0.0.0.0:8131"])})


@trap(
    stopped=Forms(f'{RUNNING}, ports: ["8133:80"]'),
    created=Forms('ports: ["8133:80"]', changed='ports: ["8134:80"]'),
    by_hand=["docker stop -t 0 traps-stopped"],
)
def test_trap_32_a_stopped_container_keeps_its_ports(found: Found) -> None:
    """It shows none where a running one shows them; it is to be started, not made anew.

    hashicorp/terraform-provider-docker#211; hashicorp/terraform#19294
    """
    assert not found.live("created", "NetworkSettings/Ports")
    found.changes(created={"ports.80/tcp": (["8133"], ["8134"])})
    assert found.action("stopped") == "start"


@trap(
    several=Forms(
        'ports: ["8153:53/udp", "8153:53", "3000-3002:3000-3002", "80"]',
        again='ports: [{target: 80, published: ""}, {target: "53", published: 8153, protocol: UDP}, "3002:3002", '
        '"3000-3001:3000-3001/tcp", "8153:53/tcp", "3000:3000"]',
        changed='ports: ["8153:53", "3000-3002:3000-3002", "80"]',
    ),
    several_of_others=Forms(
        'ports: ["8180:80"], expose: [9000-9002]',
        changed='ports: ["8180:80"], expose: [9000-9001]',
        made={
            "ExposedPorts": {"9000-9002/tcp": {}},
            "HostConfig": {"PortBindings": {"80": [{"HostIp": "", "HostPort": "8180"}]}},
        },
    ),
)
def test_trap_33_ports_are_a_set_of_single_ones(found: Found) -> None:
    """Order, ranges, texts and an implied protocol mean nothing; two protocols of one number are two ports.

    hashicorp/terraform-provider-docker#115, #274; ansible-collections/community.docker#1192
    """
    assert found.live("several_of_others", "Config/ExposedPorts") == {"9000-9002/tcp": {}}
    exposed = ["9000/tcp", "9001/tcp", "9002/tcp"]
    found.changes(several={"ports.53/udp": (["8153"], None)}, several_of_others={"expose": (exposed, exposed[:2])})


@trap(
    assigned=Forms(
        f'{RUNNING}, ports: ["80"]',
        again=f"{RUNNING}, ports: [{{target: 80, published: 0}}]",
        changed=f'{RUNNING}, ports: ["8135:80"]',
    ),
    assigned_of_others=Forms('ports: ["80"]', made={"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "0"}]}}}),
)
def test_trap_34_an_assigned_port_is_nobodys(found: Found) -> None:
    """The engine chooses one at every start and shows it; what was asked for is any.

    The engine API's changelog for 1.52
    """
    (entry, *_) = found.live("assigned", "NetworkSettings/Ports/80|tcp")
    assert int(entry["HostPort"])
    found.changes(assigned={"ports.80/tcp": (["(any)"], ["8135"])})


@trap(
    owner=Forms("ipc: shareable"),
    sharer=Forms(
        "network_mode: service:owner, ipc: service:owner",
        again="network_mode: container:traps-owner, ipc: container:traps-owner",
        changed="network_mode: service:owner, ipc: service:owner",
    ),
    by_hand=[
        "docker rm -f traps-owner",
        f"docker create --name traps-owner {OURS}container.owner --ipc shareable busybox:1",
    ],
)
def test_trap_35_a_shared_namespace_is_held_by_id(found: Found) -> None:
    """The name is told for the id as long as the id is there; when its owner was made anew, the id leads nowhere.

    ansible/ansible#45829; docker/compose#6626, #10263
    """
    held = found.live("sharer", "HostConfig/NetworkMode")
    assert len(held) == len("container:") + 64
    found.changes(sharer={"network_mode": (held, "service:owner"), "ipc": (held, "service:owner")})


@trap(
    networks={"alpha": Forms(), "beta": Forms(), "inner": Forms("internal: true"), "gone": Forms()},
    on_two=Forms("networks: [beta, alpha]", again="networks: {alpha: , beta: {}}", changed="networks: [beta]"),
    on_inner=Forms(f'{RUNNING}, networks: [inner], ports: ["8136:80"]'),
    on_gone=Forms(f"{RUNNING}, networks: [gone]"),
    by_hand=[
        "docker stop -t 0 traps-on_gone",
        "docker network rm traps_gone",
        f"docker network create {OURS}network.gone traps_gone",
    ],
)
def test_trap_36_networks_are_a_set_of_ids(found: Found) -> None:
    """Their order means nothing; one made anew under the same name is another one, and is joined without a replacement.

    docker/compose#8539, #12897; kreuzwerker/terraform-provider-docker#319, #648
    """
    assert list(found.live("on_two", "NetworkSettings/Networks")) == ["traps_alpha", "traps_beta"]
    found.changes(
        on_two={"networks.alpha": ({"aliases": ["on_two"]}, None)},
        on_gone={"networks.gone": ("(one that is gone)", "(the declared one)")},
    )
    assert (found.action("on_two"), found.action("on_gone")) == ("update", "update")


@trap(
    networks={"called": Forms()},
    aliased=Forms(
        f"{RUNNING}, hostname: named, networks: {{called: {{aliases: [db, cache]}}}}",
        again=f"{RUNNING}, hostname: named, networks: {{called: {{aliases: [cache, db, cache, aliased]}}}}",
        changed=f"{RUNNING}, hostname: named, networks: {{called: {{aliases: [db]}}}}",
    ),
)
def test_trap_37_derived_aliases_are_nobodys(found: Found) -> None:
    """Engines below API 1.45 add the short id and the host name; order and repetitions mean nothing.

    The engine API's changelog for 1.44 and 1.45
    """
    shown = set(found.live("aliased", "NetworkSettings/Networks/traps_called/Aliases"))
    derived = {found.live("aliased", "Id")[:12], "named"} if found.engine.version.startswith("20.") else set()
    assert shown == {"aliased", "cache", "db"} | derived
    found.changes(aliased={"networks.called.aliases": (["aliased", "cache", "db"], ["aliased", "db"])})


@trap(
    networks={"wired": Forms()},
    generated_mac=Forms(RUNNING),
    own_mac=Forms(
        "mac_address: 02-42-AC-11-00-09",
        again='mac_address: "02:42:ac:11:00:09"',
        changed="mac_address: 02-42-AC-11-00-0A",
    ),
    mac_on_network=Forms(
        f"{RUNNING}, networks: [wired], mac_address: 02-42-AC-11-00-19", changed=f"{RUNNING}, networks: [wired]"
    ),
)
def test_trap_38_a_generated_mac_address_is_nobodys(found: Found) -> None:
    """A running container has one; a declared one is kept as sent, at a place that depends on the API version.

    ansible-collections/community.docker#933; moby/moby#48192, #48082, #47211; docker/compose#12364, #10796, #9076
    """
    assert found.live("generated_mac", "NetworkSettings/Networks/bridge/MacAddress")
    assert found.live("mac_on_network", "NetworkSettings/Networks/traps_wired/MacAddress") == "02:42:ac:11:00:19"
    found.changes(
        own_mac={"mac_address": ("02:42:ac:11:00:09", "02:42:ac:11:00:0a")},
        mac_on_network={"mac_address": ("02:42:ac:11:00:19", None)},
    )


@trap(
    networks={
        "six": Forms(
            "enable_ipv6: true, ipam: {config: [{subnet: 10.139.0.0/24}, {subnet: 'FD39:0:0::/64'}]}",
            again="enable_ipv6: true, ipam: {config: [{subnet: 'fd39::/64'}, {subnet: 10.139.0.0/24}]}",
        ),
        "four": Forms("ipam: {config: [{subnet: 10.140.0.0/24}]}", changed="ipam: {config: [{subnet: 10.141.0.0/24}]}"),
    },
    addressed=Forms(
        "networks: {six: {ipv6_address: 'FD39:0::0:9', ipv4_address: 10.139.0.9}}",
        again="networks: {six: {ipv6_address: 'fd39::9', ipv4_address: 10.139.0.9}}",
        changed="networks: {six: {ipv6_address: 'fd39::a', ipv4_address: 10.139.0.9}}",
    ),
)
def test_trap_39_addresses_are_compared_as_addresses(found: Found) -> None:
    """Engines to 28 keep the text they are given, 29 tells it in its canonical form.

    ansible-collections/community.docker#1192, #1201; kreuzwerker/terraform-provider-docker#10
    """
    kept = found.live("addressed", "NetworkSettings/Networks/traps_six/IPAMConfig/IPv6Address")
    assert ipaddress.ip_address(kept) == ipaddress.ip_address("fd39::9")
    before, after = "10.140.0.0/24", "10.141.0.0/24"
    moved = {f"ipam.config.{before}": ({"subnet": before}, None), f"ipam.config.{after}": (None, {"subnet": after})}
    found.changes(addressed={"networks.six.ipv6_address": ("fd39::9", "fd39::a")}, four=moved)


@trap(
    checked=Forms(
        "healthcheck: {test: wget -q x, interval: 90s, timeout: 1.5s}",
        again="healthcheck: {test: [CMD-SHELL, wget -q x], interval: 1m30s, timeout: 1500ms}",
        changed="healthcheck: {test: [CMD, wget, -q, x], interval: 91s, timeout: 1.5s}",
    )
)
def test_trap_40_a_check_may_be_a_string_and_a_duration_has_many_spellings(found: Found) -> None:
    """The engine keeps `CMD-SHELL` and nanoseconds.

    ansible-collections/community.docker#85
    """
    assert found.live("checked", "Config/Healthcheck/Interval") == 90 * 10**9
    found.changes(
        checked={
            "healthcheck.test": (["CMD-SHELL", "wget -q x"], ["CMD", "wget", "-q", "x"]),
            "healthcheck.interval": ("1m30s", "1m31s"),
        }
    )


def test_trap_40_a_start_interval_is_refused_where_the_engine_would_drop_it(scenario: ScenarioMaker) -> None:
    """Engines below API 1.44 drop it without a word, and it would differ for ever.

    The engine API's changelog for 1.44
    """
    text = "containers: {one: {image: 'busybox:1', state: created, healthcheck: {test: x, start_interval: 1s}}}\n"
    s = scenario("interval", text)
    if s.engine.version.startswith("20."):
        s.run("plan", expect=1)
        assert "start_interval" in s.last.stderr
        assert "1.44" in s.last.stderr
    else:
        s.apply()


@trap(
    device=Forms(
        "devices: [/dev/null]", again='devices: ["/dev/null:/dev/null:rwm"]', changed='devices: ["/dev/null:r"]'
    ),
    device_of_others=Forms(
        "devices: [/dev/null]",
        changed="",
        made={
            "HostConfig": {
                "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/null", "CgroupPermissions": ""}]
            }
        },
    ),
)
def test_trap_41_a_device_has_defaults(found: Found) -> None:
    """Path in the container and permissions are filled in on both sides; none is null.

    kreuzwerker/terraform-provider-docker#603
    """
    found.changes(
        device={"devices": (["/dev/null:/dev/null:rwm"], ["/dev/null:/dev/null:r"])},
        device_of_others={"devices": (["/dev/null:/dev/null:rwm"], None)},
    )


@trap(
    every_gpu=Forms(
        "gpus: all", again="gpus: [{count: -1, device_ids: [], options: {}}]", changed="gpus: [{count: 1}]"
    ),
    gpus_of_others=Forms(
        "gpus: all",
        made={"HostConfig": {"DeviceRequests": [{"Count": -1, "Capabilities": [["gpu"]], "Options": {}}]}},
    ),
)
def test_trap_42_gpus_have_defaults(found: Found) -> None:
    """Null, empty and left out are one in a request for devices.

    kreuzwerker/terraform-provider-docker#895
    """
    assert found.live("every_gpu", "HostConfig/DeviceRequests")[0]["Capabilities"] == [["gpu"]]
    every = {"count": -1, "capabilities": [["gpu"]]}
    found.changes(every_gpu={"gpus": ([every], [{**every, "count": 1}])})


@trap(
    images={
        "own": Forms(
            f"ref: full:1, platform: linux/{OWN}",
            again=f"ref: full:1, platform: Linux/{KERNELS_WORD}",
            changed=f"ref: full:1, platform: linux/{ANOTHER}",
        )
    },
    native=Forms(
        f"image: own, platform: linux/{OWN}",
        again=f"image: own, platform: Linux/{KERNELS_WORD}",
        changed=f"image: own, platform: linux/{ANOTHER}",
    ),
)
def test_trap_43_a_platform_is_the_images(found: Found) -> None:
    """No container shows it; it is the image's, in the words of the kernel or of Go, and a part may be left out.

    ansible-collections/community.docker#654, #705
    """
    found.changes(
        own={"platform": (f"linux/{OWN}", f"linux/{ANOTHER}")},
        native={"image": (found.live("native", "Image")[:19], "(known when it is there)")},
    )


@trap(
    source=Forms(),
    other_source=Forms(),
    linked=Forms(
        "links: [source, 'other_source:database']",
        again="links: ['other_source:database', 'source:source']",
        changed="links: ['other_source:db']",
    ),
    link_kept=Forms("links: ['renamed:it']"),
    renamed=Forms(),
    anew=Forms(),
    link_lost=Forms("links: [anew]"),
    by_hand=[
        "docker rename traps-renamed traps-another",
        "docker rm -f traps-anew",
        f"docker create --name traps-anew {OURS}container.anew busybox:1",
    ],
)
def test_trap_44_links_are_told_by_alias_and_target(found: Found) -> None:
    """The engine shows absolute names of both sides, in an order of its own, by the names that they have now.

    It shows them too where the target was made anew, and the link leads nowhere.

    ansible/ansible#44669; community.docker's `normalize_links`
    """
    assert set(found.live("linked", "HostConfig/Links")) == {
        "/traps-source:/traps-linked/source",
        "/traps-other_source:/traps-linked/database",
    }
    found.changes(
        linked={
            "links.source": ("source", None),
            "links.database": ("other_source", None),
            "links.db": (None, "other_source"),
        },
        renamed={"container_name": ("traps-another", "traps-renamed")},
        link_lost={"links.anew": ("(one that is gone)", "(the declared one)")},
    )
