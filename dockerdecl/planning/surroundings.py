"""What happens to networks and volumes. Takes desired and actual state, gives a change for each, or the problem
that stands in the way: a foreign thing of the same name. A volume that could only change by losing its data is a
change that is blocked, so that a plan shows it beside all others.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.errors import Problem
from dockerdecl.planning.compare import differences
from dockerdecl.planning.values import Action, Change, Note, Reason, Situation, covered
from dockerdecl.resources.actual import Actual, LiveNetwork, LiveVolume
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.adopted import as_declared
from dockerdecl.resources.desired import DesiredNetwork, DesiredVolume
from dockerdecl.resources.ownership import owned_address, owner

Planned = Change | Note | Problem


def live_network(network: DesiredNetwork, actual: Actual, project: str) -> LiveNetwork | None:
    """The network of that name; where 20.10 has several, the project's own one."""
    found = [live for live in actual.networks if live.name == network.name]
    return next((live for live in found if owned_address(live.labels, project)), found[0] if found else None)


def plan_networks(situation: Situation) -> Iterator[Planned]:
    """A change for every declared network, and the removal of the project's own that are declared no more."""
    desired, actual = situation.desired, situation.actual
    for address, network in sorted(desired.networks.items()):
        yield from _network(address, network, live_network(network, actual, situation.project), situation)
    names = {network.name for network in desired.networks.values()}
    for live in sorted(actual.networks, key=lambda live: live.name):
        owned = owned_address(live.labels, situation.project)
        if owned and live.name not in names:
            yield from foreign_users(owned, live, actual, situation.project)
            yield Change(owned, Action.REMOVE, Reason.NOT_DECLARED, "is declared no more")


def _network(
    address: Address,
    network: DesiredNetwork,
    live: LiveNetwork | None,
    situation: Situation,
) -> Iterator[Planned]:
    actual = situation.actual
    absent = network.spec.state == "absent"
    if network.spec.external:
        if live is None:
            yield _external_missing(address, network.name)
        yield Change(address, Action.NONE, Reason.NONE, "belongs to others")
    elif live is None and absent:
        yield Change(address, Action.NONE, Reason.NONE, "is absent, as declared")
    elif live is None:
        yield Change(address, Action.CREATE, Reason.MISSING, "is not on the engine")
    elif owner(live.labels) != situation.project:
        yield foreign(address, network.name)
    elif absent:
        yield from foreign_users(address, live, actual, situation.project)
        yield Change(address, Action.REMOVE, Reason.DECLARED_ABSENT, "is declared absent")
    else:
        seen = as_declared(live.raw, live.labels, network.spec.labels)
        fields = differences(network.spec, seen, situation.context, live.labels)
        asked = situation.asked_for(address)
        if fields or asked:
            yield from foreign_users(address, live, actual, situation.project)
            code, reason = (Reason.DIFFERS, "differs") if fields else (Reason.ASKED_FOR, "made anew as asked for")
            yield Change(address, Action.REPLACE, code, reason, fields)
        else:
            yield Change(address, Action.NONE, Reason.NONE, "is as declared")


def plan_volumes(situation: Situation) -> Iterator[Planned]:
    """A change for every declared volume. One that is declared no more is only spoken of: its data is the user's."""
    desired, actual = situation.desired, situation.actual
    for address, volume in sorted(desired.volumes.items()):
        yield _volume(address, volume, actual.volumes.get(volume.name), situation)
    names = {volume.name for volume in desired.volumes.values()}
    for name, live in sorted(actual.volumes.items()):
        owned = owned_address(live.labels, situation.project)
        if owned and name not in names:
            message = f"the volume {name} is declared no more; its data stays until it is removed by name"
            yield Note(str(owned), "volume-kept", message)


def _volume(
    address: Address,
    volume: DesiredVolume,
    live: LiveVolume | None,
    situation: Situation,
) -> Planned:
    absent = volume.spec.state == "absent"
    if volume.spec.external:
        if live is None:
            return _external_missing(address, volume.name)
        return Change(address, Action.NONE, Reason.NONE, "belongs to others")
    if live is None and absent:
        return Change(address, Action.NONE, Reason.NONE, "is absent, as declared")
    if live is None:
        return Change(address, Action.CREATE, Reason.MISSING, "is not on the engine")
    if owner(live.labels) != situation.project:
        return foreign(address, volume.name)
    if absent:
        return Change(address, Action.REMOVE, Reason.DECLARED_ABSENT, "is declared absent, with its data")
    seen = as_declared(live.raw, live.labels, volume.spec.labels)
    fields = differences(volume.spec, seen, situation.context, live.labels)
    allowed = bool(fields) and covered(address, situation.options.allow_loss)
    if situation.asked_for(address) or allowed:
        code, reason = (Reason.DIFFERS, "differs") if fields else (Reason.ASKED_FOR, "made anew as asked for")
        return Change(address, Action.REPLACE, code, f"{reason}; its data is lost", fields)
    if fields:
        words = ", ".join(".".join(field.path) for field in fields)
        problem = Problem(
            "volume-differs",
            f"the volume {volume.name} differs in {words}, which can't change without losing its data",
            address=str(address),
            hint=f"undo the change, or give up its data with `--allow-loss {address}`",
        )
        reason = "differs, and can't change without losing its data"
        return Change(address, Action.REPLACE, Reason.DIFFERS, reason, fields, blocked=problem)
    return Change(address, Action.NONE, Reason.NONE, "is as declared")


def foreign(address: Address, name: str) -> Problem:
    """Something of others is in the way of a declared resource."""
    return Problem(
        "not-ours",
        f"there is a {address.kind} named {name} already, and it is not this project's",
        address=str(address),
        hint=_ways_out(address),
    )


def _ways_out(address: Address) -> str:
    adopt = f"take it over with `dockerdecl adopt {address}`, or all with `--adopt`"
    if address.kind is Kind.CONTAINER:
        return f"{adopt}; or remove or rename it, or give yours another `container_name`"
    return f"{adopt}; or declare it `external: true` to use it as it is, or give yours another `name`"


def foreign_users(address: Address, live: LiveNetwork, actual: Actual, project: str) -> Iterator[Problem]:
    """The running containers of others that hold a network which would have to go."""
    users = [c.name for c in actual.containers if live.name in c.networks and c.running]
    others = [c.name for c in actual.containers if c.name in users and owner(c.labels) != project]
    if others:
        yield Problem(
            "network-in-use",
            f"the network {live.name} is used by {', '.join(sorted(others))}, not this project's",
            address=str(address),
            hint=f"disconnect them first: `docker network disconnect {live.name} {sorted(others)[0]}`",
        )


def _external_missing(address: Address, name: str) -> Problem:
    return Problem(
        "external-missing",
        f"the {address.kind} {name} is declared external, but is not on the engine",
        address=str(address),
        hint=f"create it (`docker {address.kind} create {name}`), or leave out `external: true`",
    )
