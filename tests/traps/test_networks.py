"""Traps 66 to 73: what an engine assigns to a network, what its words leave out, and networks that change or vanish."""

from __future__ import annotations

from tests.support.checks import says
from tests.support.engine_api import EngineRefusedError, Json
from tests.support.engines import PrivateEngine
from tests.support.scenario import MANIFEST, Scenario
from tests.support.traps import Forms, Found, Mended, trap

STAYS = "command: sleep 9999, state: running, stop_signal: KILL"


def _second_of_the_name(scenario: Scenario) -> None:
    "engines to 24 allow it, and name both alike"
    body = {"Name": "traps_twin", "CheckDuplicate": False, "Internal": True}
    try:
        scenario.engine.api("POST", "/networks/create", body=body)
    except EngineRefusedError as error:
        assert error.status == 409 and not scenario.engine.version.startswith("20."), error


def _network_of_others(scenario: Scenario) -> None:
    body = {"Name": "traps_taken", "Labels": {"com.docker.compose.network": "taken"}}
    scenario.engine.api("POST", "/networks/create", body=body)


def network(engine: PrivateEngine, key: str) -> Json:
    """A network of the module as the engine inspects it."""
    return engine.api("GET", f"/networks/traps_{key}")


def pool(subnet: str, more: str = "") -> str:
    """An `ipam` of one pool."""
    return f"ipam: {{config: [{{subnet: {subnet}{more}}}]}}"


@trap(
    networks={
        "assigned": Forms(changed="internal: true"),
        "subnet": Forms(pool("10.80.1.0/24"), changed=pool("10.80.2.0/24")),
        "gateway": Forms(
            pool("10.80.3.0/24", ", gateway: 10.80.3.1"), changed=pool("10.80.3.0/24", ", gateway: 10.80.3.9")
        ),
    },
)
def test_trap_66_an_assigned_subnet_or_gateway_is_no_claim(found: Found) -> None:
    """The engine fills pool and gateway in, some only after a restart; compared is what was declared of them.

    kreuzwerker/terraform-provider-docker#54 (hashicorp #279); saltstack/salt#43049
    """
    (assigned,) = network(found.engine, "assigned")["IPAM"]["Config"]
    assert assigned["Subnet"] and assigned["Gateway"]
    found.changes(
        assigned={"internal": (None, True)},
        subnet={
            "ipam.config.10.80.1.0/24": ({"subnet": "10.80.1.0/24"}, None),
            "ipam.config.10.80.2.0/24": (None, {"subnet": "10.80.2.0/24"}),
        },
        gateway={"ipam.config.10.80.3.0/24.gateway": ("10.80.3.1", "10.80.3.9")},
    )


@trap(
    networks={
        "pools": Forms(
            "enable_ipv6: true, ipam: {config: [{subnet: 10.81.0.0/24, ip_range: 10.81.0.128/25, "
            'aux_addresses: {router: 10.81.0.2}}, {subnet: "fd00:81::/64"}]}',
            again='enable_ipv6: true, ipam: {driver: default, config: [{subnet: "FD00:0081:0::/64"}, '
            "{aux_addresses: {router: 10.81.0.2}, ip_range: 10.81.0.128/25, subnet: 10.81.0.0/24}]}",
            changed="enable_ipv6: true, ipam: {config: [{subnet: 10.81.0.0/24, ip_range: 10.81.0.64/26, "
            'aux_addresses: {router: 10.81.0.3}}, {subnet: "fd00:81::/64"}]}',
        ),
    },
)
def test_trap_67_pools_are_compared_by_subnet(found: Found) -> None:
    """Their order is the engine's, its word for `aux_addresses` another, and an address has several spellings.

    kreuzwerker/terraform-provider-docker#10; ansible/ansible#56972, #66115
    """
    found.changes(
        pools={
            "ipam.config.10.81.0.0/24.ip_range": ("10.81.0.128/25", "10.81.0.64/26"),
            "ipam.config.10.81.0.0/24.aux_addresses.router": ("10.81.0.2", "10.81.0.3"),
        }
    )


@trap(
    networks={
        "plain": Forms(again="internal: false, attachable: false", changed="attachable: true"),
        "closed": Forms("internal: true", changed=""),
    },
    shut_in=Forms(f'{STAYS}, networks: [closed], ports: ["8068:80"]'),
)
def test_trap_68_false_is_absent_and_a_closed_network_keeps_its_ports(found: Found) -> None:
    """A port of a container on an internal network is not published, and is declared all the same.

    sous-chefs/docker#951; kreuzwerker/terraform-provider-docker#319
    """
    assert not found.live("shut_in", "NetworkSettings/Ports/80/tcp")
    found.changes(
        plain={"attachable": (None, True)},
        closed={"internal": (True, None)},
        shut_in={"networks.closed": ("(the one there is)", "(the one made anew)")},
    )


@trap(
    networks={
        "four": Forms(again="enable_ipv6: false"),
        "six": Forms(
            'enable_ipv6: true, ipam: {config: [{subnet: "fd00:82::/64"}]}',
            changed='ipam: {config: [{subnet: "fd00:82::/64"}]}',
        ),
    },
)
def test_trap_69_an_address_family_that_is_not_written_is_no_claim(found: Found) -> None:
    """A daemon may turn IPv6 on, and engines before API 1.48 have no word for IPv4, which they always have.

    engine API changelog 1.48
    """
    assert "EnableIPv4" not in network(found.engine, "four")
    found.changes(six={"enable_ipv6": (True, False)})


@trap(
    networks={
        "back": Forms(pool("10.83.0.0/24"), changed=pool("10.83.0.0/24") + ", internal: true"),
        "front": Forms(),
    },
    member=Forms(f"{STAYS}, networks: {{back: {{ipv4_address: 10.83.0.9, aliases: [db]}}, front: {{}}}}"),
    sleeper=Forms("networks: [back]"),
)
def test_trap_70_a_changed_network_is_made_anew_under_its_containers(found: Found, mended: Mended) -> None:
    """They leave it, it is made anew, they join it again with address and aliases; none of them is made anew.

    docker/compose#9203, #4600, #12897, #12899, #5745, #13524
    """
    again = {"networks.back": ("(the one there is)", "(the one made anew)")}
    found.changes(back={"internal": (None, True)}, member=again, sleeper=again)
    assert mended.kept("member") and mended.kept("sleeper")
    joined = mended.after["container.member"]["NetworkSettings"]["Networks"]
    assert joined["traps_back"]["NetworkID"] == network(found.engine, "back")["Id"]
    assert joined["traps_back"]["IPAddress"] == "10.83.0.9"
    assert "db" in joined["traps_back"]["Aliases"]
    assert joined["traps_front"]["IPAddress"]


@trap(first=[_network_of_others])
def test_trap_71_a_network_of_others_is_named_with_the_way_to_adopt_it(found: Found) -> None:
    """Whatever labels others gave it, it is not ours, and nothing is made beside it.

    docker/compose#10797; Finsys/dockhand#883
    """
    s = found.seen.scenario
    s.write("taken.yaml", (s.folder / MANIFEST).read_text().replace("networks:\n", "networks:\n  taken: {}\n", 1))
    s.run("plan", "-f", "taken.yaml", "--target", "network.taken", expect=1)
    s.check(says("not-ours"), says("`dockerdecl adopt network.taken`"))


@trap(
    networks={"twin": Forms()},
    by_hand=[_second_of_the_name],
    attached=Forms("networks: [twin]"),
    joined=Forms("networks: [twin]", changed="networks: {twin: {aliases: [x]}}"),
)
def test_trap_72_of_two_networks_of_one_name_ours_is_meant(found: Found) -> None:
    """Engines before API 1.44 let others make a second one of the name, which differs and is not ours.

    engine API changelog 1.44; measured: 20.10 makes it, and refuses to start what is on a network of either by name
    (`is ambiguous`); 26.1 answers 409.
    """
    old = found.engine.version.startswith("20.")
    named = [n for n in found.engine.api("GET", "/networks") if n["Name"] == "traps_twin"]
    assert len(named) == (2 if old else 1)
    found.changes(joined={"networks.twin.aliases": (["joined"], ["joined", "x"])})


@trap(
    networks={"fixed": Forms(pool("10.84.0.0/24"))},
    resting=Forms("state: stopped, networks: {fixed: {ipv4_address: 10.84.0.9}}"),
    moving=Forms(
        "state: stopped, networks: {fixed: {ipv4_address: 10.84.0.10}}",
        changed="state: stopped, networks: {fixed: {ipv4_address: 10.84.0.11}}",
    ),
    anywhere=Forms(f"{STAYS}, networks: [fixed]"),
    by_hand=[
        "docker start traps-resting traps-moving",
        "docker wait traps-resting traps-moving",
        "docker stop -t 0 traps-anywhere",
        "docker start traps-resting",
        "docker start traps-anywhere",
        "docker wait traps-resting",
    ],
)
def test_trap_73_a_static_address_stays_declared_while_it_is_not_held(found: Found) -> None:
    """What stopped has no address, and what has none declared gets another one each time; neither is a difference.

    ansible/ansible#62928, #62873; containrrr/watchtower#78, #1912
    """
    assert not found.live("resting", "NetworkSettings/Networks/traps_fixed/IPAddress")
    found.changes(moving={"networks.fixed.ipv4_address": ("10.84.0.10", "10.84.0.11")})
