"""Traps 94 to 102, and 45: API versions, order and units of what is read, scalars of YAML, and what is external."""

from __future__ import annotations

from typing import Any

from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.rows import Context, rows
from tests.support.checks import present
from tests.support.engine_api import Json
from tests.support.scenario import Scenario, ScenarioMaker
from tests.support.traps import Forms, Found, Mended, trap

STAYS = "command: sleep 9999, state: running, stop_signal: KILL"
SCALARS = "ON: {0}on{0}, YES: {0}yes{0}, NO: {0}no{0}, TIME: {0}22:22{0}, E: {0}1e3{0}, O: {0}0o17{0}, V: {0}1.10{0}"
UNORDERED = frozenset({"Mounts", "Binds", "CapAdd", "ExtraHosts", "80/tcp"})


def _without_labels(scenario: Scenario) -> None:
    scenario.engine.api("POST", "/networks/create", body={"Name": "others-net", "Labels": None})
    scenario.engine.api("POST", "/volumes/create", body={"Name": "others-data", "Labels": None})


def _a_page_more(scenario: Scenario) -> None:
    body = {"Memory": (64 << 20) + 4096, "MemorySwap": (128 << 20) + 8192}
    scenario.engine.api("POST", "/containers/traps-by_a_page/update", body=body)


def read(raw: Json, api_version: str) -> dict[str, Any]:
    """Every field of an inspected container in its normal form."""
    context = Context(api_version=api_version)
    return {row.name: row.lens.read(raw, context) for row in rows(Container)}


def turned(value: Any, key: str = "") -> Any:
    """The same JSON with the order of what has none turned round."""
    match value:
        case dict():
            return {k: turned(v, k) for k, v in reversed(value.items())}
        case list():
            items = [turned(item) for item in value]
            return items[::-1] if key in UNORDERED else items
    return value


@trap(
    networks={"wide": Forms("ipam: {config: [{subnet: 10.94.0.0/24}]}"), "narrow": Forms()},
    rich=Forms(
        f"{STAYS}, networks: {{wide: {{aliases: [x, y], ipv4_address: 10.94.0.9}}, narrow: {{}}}}, "
        'ports: ["8094:80", "8095:80", "9094:90/udp"], volumes: [/b, /a, "/tmp:/c"], cap_add: [SYS_TIME, NET_ADMIN], '
        "extra_hosts: [b=10.0.0.2, a=10.0.0.1], mem_limit: 64m, healthcheck: {test: [CMD, 'true'], interval: 900ms}",
    ),
)
def test_trap_94_any_api_version_reads_the_same(found: Found) -> None:
    """The version is the highest that both speak, and an older one shows a container as the same: aliases with and
    without the short id, an absent key for an empty one.

    containrrr/watchtower#2124; distribution/distribution-library-image#193; amir20/dozzle#4265
    """
    spoken = found.engine.api("GET", "/version")["ApiVersion"]
    assert found.seen.after_apply["engine"]["api"] == spoken
    found.changes()
    newest = read(found.engine.api("GET", f"/v{spoken}/containers/traps-rich/json"), spoken)
    for older in ("1.40", "1.41", "1.43"):
        if float(older) <= float(spoken):
            assert read(found.engine.api("GET", f"/v{older}/containers/traps-rich/json"), older) == newest, older


@trap(
    networks={"zeta": Forms(), "alpha": Forms()},
    ordered=Forms(
        f"{STAYS}, networks: [zeta, alpha]",
        again=f"{STAYS}, networks: [alpha, zeta]",
        changed=f"{STAYS}, networks: [zeta, alpha], environment: {{A: 1}}",
    ),
)
def test_trap_96_the_first_network_is_the_mode_and_their_order_no_difference(found: Found, mended: Mended) -> None:
    """An engine before API 1.44 takes one network at creation, and shows them by name; all of them are attached, also
    to a replacement.

    community.docker's `networks_cli_compatible`; docker/compose#10577
    """
    assert found.live("ordered", "HostConfig/NetworkMode") == "traps_zeta"
    found.changes(ordered={"environment.A": (None, "1")})
    assert not mended.kept("ordered")
    joined = mended.after["container.ordered"]["NetworkSettings"]["Networks"]
    assert joined.keys() == {"traps_alpha", "traps_zeta"}
    assert all(endpoint["IPAddress"] for endpoint in joined.values())


@trap(
    first=[_without_labels],
    networks={"unlabelled": Forms("external: true, name: others-net"), "own": Forms(again="labels: {}")},
    volumes={"unlabelled_data": Forms("external: true, name: others-data"), "own_data": Forms(again="labels: {}")},
    between=Forms(
        'networks: [unlabelled], volumes: ["unlabelled_data:/d"]',
        again='labels: {}, networks: [unlabelled], volumes: ["unlabelled_data:/d"]',
    ),
)
def test_trap_97_no_labels_are_none_whether_null_or_empty(found: Found) -> None:
    """What was made without labels reads back with null or with an empty map.

    community.docker changelog (docker_volume `has_different_config`)
    """
    found.changes()


@trap(
    scalars=Forms(
        f"restart: no, ports: [22:22], environment: {{{SCALARS.format('')}}}",
        again=f"restart: 'no', ports: ['22:22'], environment: {{{SCALARS.format(chr(34))}}}",
        changed=f"restart: always, ports: [22:22], environment: {{{SCALARS.format('')}}}",
    ),
)
def test_trap_98_a_scalar_is_the_text_that_was_written(found: Found) -> None:
    """`no`, `on`, `22:22`, `1e3` and `0o17` are words, quoted or not, and `1.10` keeps its zero.

    docker/compose#11679
    """
    assert found.live("scalars", "Config/Env") == [
        *("ON=on", "YES=yes", "NO=no", "TIME=22:22", "E=1e3", "O=0o17", "V=1.10", "PATH=/bin")
    ]
    found.changes(scalars={"restart": ("no", "always")})


@trap(
    checked=Forms(
        "healthcheck: {test: [CMD, 'true'], interval: 5s}", changed="healthcheck: {test: [CMD, 'true'], interval: 9s}"
    ),
    labelled=Forms("labels: {a: x}", changed="labels: {a: y}"),
    limited=Forms("ulimits: {nofile: 64}", changed="ulimits: {nofile: 65}"),
    swapping=Forms("mem_swappiness: 10", changed="mem_swappiness: 20"),
    grown=Forms("mem_limit: 64m, cpu_shares: 512", changed="mem_limit: 96m, cpu_shares: 256"),
)
def test_trap_99_an_update_that_the_engine_would_ignore_is_a_replacement(found: Found, mended: Mended) -> None:
    """Engines answer 200 to an update of what they can't update, and do nothing; what they can is read back.

    kreuzwerker/terraform-provider-docker#988; engine API changelog 1.55
    """
    found.changes(
        checked={"healthcheck.interval": ("5s", "9s")},
        labelled={"labels.a": ("x", "y")},
        limited={"ulimits.nofile.soft": (64, 65), "ulimits.nofile.hard": (64, 65)},
        swapping={"mem_swappiness": (10, 20)},
        grown={"mem_limit": ("64m", "96m"), "cpu_shares": (512, 256)},
    )
    for key in ("checked", "labelled", "limited", "swapping"):
        assert found.action(key) == "replace" and not mended.kept(key), key
    assert found.action("grown") == "update" and mended.kept("grown")
    assert mended.after["container.grown"]["HostConfig"]["Memory"] == 96 << 20


@trap(
    exact=Forms(
        "mem_limit: 64m, cpus: 0.5, stop_grace_period: 90s",
        again="mem_limit: 65536k, cpus: 0.50, stop_grace_period: 1m30s",
        changed="mem_limit: 67112960, cpus: 0.500000001, stop_grace_period: 91s",
    ),
    by_a_page=Forms("mem_limit: 64m"),
    by_hand=[_a_page_more],
)
def test_trap_100_quantities_are_compared_in_the_engines_own_units(found: Found) -> None:
    """Bytes, nanoseconds and nano CPUs: nothing is rounded before it is compared.

    kreuzwerker/terraform-provider-docker's `d.Set("memory", …/1024/1024)`
    """
    found.changes(
        exact={
            "mem_limit": ("64m", "65540k"),
            "cpus": ("0.5", "0.500000001"),
            "stop_grace_period": ("1m30s", "1m31s"),
        },
        by_a_page={"mem_limit": ("65540k", "64m")},
    )


@trap(
    piled=Forms(
        'volumes: [/b, /a, "/tmp:/c", "/usr:/d:ro"], ports: ["8101:80", "8102:80", "9101:90/udp"], '
        "cap_add: [SYS_TIME, NET_ADMIN], extra_hosts: [b=10.0.0.2, a=10.0.0.1], labels: {x: 1, y: 2}"
    )
)
def test_trap_101_lists_that_an_engine_orders_as_it_likes_have_no_order(found: Found) -> None:
    """Mounts, ports and networks come in another order from one inspection to the next.

    rschlaefli/devrouter release v0.0.55
    """
    found.changes()
    spoken = found.seen.after_apply["engine"]["api"]
    raw = found.seen.inspected["container.piled"]
    assert turned(raw)["HostConfig"]["Binds"] == raw["HostConfig"]["Binds"][::-1] != raw["HostConfig"]["Binds"]
    assert read(turned(raw), spoken) == read(raw, spoken)


def test_trap_102_what_is_external_is_not_ours_whatever_its_labels_say(scenario: ScenarioMaker) -> None:
    """A network and a volume that the project made once, and that are declared external since, stay when it goes.

    docker/compose#9145, #9281, #9172
    """
    s = scenario("external", "networks: {net: {name: kept-net}}\nvolumes: {data: {name: kept-data}}\n")
    s.run("apply", "--yes").edit(old="name: kept-net", new="name: kept-net, external: true")
    s.edit(old="name: kept-data", new="name: kept-data, external: true").plan({})
    s.run("destroy", "--yes", "--volumes").check(present("network.net"), present("volume.data"))


@trap(
    written=Forms(
        "logging: {driver: json-file, options: {max-file: 3, compress: false}}, "
        "labels: {version: 1.10, exponent: 1e3, flag: true, word: yes}, environment: {PORT: 0080, WHEN: 2024-01-01}",
        again='logging: {driver: json-file, options: {max-file: "3", compress: "false"}}, '
        'labels: {version: "1.10", exponent: 1e3, flag: "true", word: yes}, environment: [WHEN=2024-01-01, PORT=0080]',
        changed="logging: {driver: json-file, options: {max-file: 3, compress: false}}, "
        "labels: {version: 1.1, exponent: 1000, flag: True, word: yes}, environment: {PORT: 80, WHEN: 2024-01-01}",
    )
)
def test_trap_45_a_scalar_keeps_its_text(found: Found) -> None:
    """What YAML calls a number, a boolean or a date is the text that was written.

    kreuzwerker/terraform-provider-docker#901
    """
    assert found.live("written", "HostConfig/LogConfig/Config") == {"max-file": "3", "compress": "false"}
    found.changes(
        written={
            "labels.version": ("1.10", "1.1"),
            "labels.exponent": ("1e3", "1000"),
            "labels.flag": ("true", "True"),
            "environment.PORT": ("0080", "80"),
        }
    )
