"""Networks and volumes in the words of a manifest. Takes an inspection, gives the words."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from dockerdecl.convert.credentials import Variables
from dockerdecl.convert.found import Found
from dockerdecl.convert.keys import Keys, attached
from dockerdecl.convert.spelling import plain
from dockerdecl.resources.adopted import plain_labels
from dockerdecl.resources.network.spec import Network
from dockerdecl.resources.rows import Context, Raw, look_up, rows
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.volume.spec import Volume

_POOLS = (
    *((f"172.{number}.0.0/16", 16) for number in range(17, 32)),
    ("192.168.0.0/16", 20),
)
_ANONYMOUS = "com.docker.volume.anonymous"


def network_words(name: str, key: str, found: Found, keys: Keys) -> dict[str, Any]:
    """The words of a network."""
    raw = found.networks.get(name, {})
    head = {} if name == f"{keys.project}_{key}" else {"name": name}
    if ("network", name) in keys.external:
        return {**({} if name == key else {"name": name}), "external": True}
    words = {**head, **_fields(Network, raw, Context(api_version=found.api_version))}
    if "ipam" in words:
        if _is_the_engine_s_choice(name, raw, found):
            del words["ipam"]
        else:
            words["ipam"] = _ipam(words["ipam"])
    return words


def volume_words(raw: Raw, key: str, keys: Keys, variables: Variables) -> dict[str, Any]:
    """The words of a volume."""
    name = raw["Name"]
    if ("volume", name) in keys.external:
        return {**({} if name == key else {"name": name}), "external": True}
    words = {**({} if name == f"{keys.project}_{key}" else {"name": name}), **_fields(Volume, raw, Context())}
    if "driver_opts" in words:
        words["driver_opts"] = variables.map(words["driver_opts"], key)
    return words


def _fields(model: type[Spec], raw: Raw, context: Context) -> dict[str, Any]:
    found: dict[str, Any] = {}
    spec = model()
    for row in rows(model):
        value = row.lens.read(raw, context)
        if row.name == "labels":
            value = {name: text for name, text in plain_labels(value, None).items() if name != _ANONYMOUS}
        if value not in (None, {}, (), row.lens.effective(None, spec, context)):
            found[row.name] = plain(value)
    return found


def _ipam(read: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {} if read.get("driver") in (None, "default") else {"driver": read["driver"]}
    found |= {"config": [_pool(pool) for pool in read["config"].values()]} if read.get("config") else {}
    return found | ({"options": read["options"]} if read.get("options") else {})


def _pool(pool: Mapping[str, Any]) -> dict[str, Any]:
    "the first address is the gateway where nobody asks for another one"
    subnet = ipaddress.ip_network(pool["subnet"])
    usual = str(subnet.network_address + 1)
    return {word: part for word, part in pool.items() if word != "gateway" or part != usual}


def _is_the_engine_s_choice(name: str, raw: Raw, found: Found) -> bool:
    "an engine doesn't say whether a subnet was asked for; what it would not have chosen itself was"
    ipam = raw.get("IPAM") or {}
    plain_pools = all(not (pool.get("IPRange") or pool.get("AuxiliaryAddresses")) for pool in ipam.get("Config") or ())
    usual = ipam.get("Driver") in (None, "default") and not ipam.get("Options") and plain_pools
    return usual and not _has_fixed_addresses(name, found) and all(_from_a_pool(s, found) for s in _subnets(ipam))


def _subnets(ipam: Mapping[str, Any]) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for pool in ipam.get("Config") or ():
        yield ipaddress.ip_network(pool["Subnet"], strict=False)


def _has_fixed_addresses(name: str, found: Found) -> bool:
    held = [look_up(attached(raw).get(name) or {}, "IPAMConfig") or {} for raw in found.containers]
    return any(ipam.get(key) for ipam in held for key in ("IPv4Address", "IPv6Address"))


def _from_a_pool(subnet: ipaddress.IPv4Network | ipaddress.IPv6Network, found: Found) -> bool:
    named = [(pool["Base"], pool["Size"]) for pool in found.info.get("DefaultAddressPools") or ()]
    return any(
        subnet.version == base.version and subnet.prefixlen == size and subnet.subnet_of(base)  # type: ignore[arg-type]  # one version
        for base, size in ((ipaddress.ip_network(text), size) for text, size in (named or _POOLS))
    )
