"""What of a manifest will have trouble with an engine. Takes facts, gives findings; asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerdecl.operations.doctor.facts import Facts, Finding, PathFacts, Severity
from dockerdecl.resources.address import Address
from dockerdecl.resources.container.mount_parts import Mount
from dockerdecl.resources.desired import Desired, DesiredContainer, Pull
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.spec import foreign_fields, newer_fields

_EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})


def manifest_findings(facts: Facts) -> Iterator[Finding]:
    """Everything about what is declared; nothing where no manifest was found."""
    desired = facts.desired
    if desired is None:
        return
    yield from _unknown_fields(facts, desired)
    yield from _logs(facts, desired)
    yield from _tags(desired)
    for address, container in sorted(desired.containers.items(), key=lambda item: item[0].sort_key):
        if container.state != "absent":
            yield from _ports(facts, address, container)
            for mount in container.spec.volumes:
                if mount.type == "bind" and mount.source in facts.paths:
                    yield from _bind(facts, container, mount)


def _unknown_fields(facts: Facts, desired: Desired) -> Iterator[Finding]:
    specs = [
        *((address, network.spec) for address, network in desired.networks.items()),
        *((a, container.spec) for a, container in desired.containers.items() if container.state != "absent"),
    ]
    for address, spec in specs:
        for path, needed in newer_fields(spec, facts.api_version):
            what = f"`{'.'.join(path)}` needs API {needed}; this engine speaks {facts.api_version}"
            yield _error("field-too-new", what, "a plan refuses it", "leave it out, or upgrade the engine", address)
        for name, system in foreign_fields(spec, facts.system):
            what = f"`{name}` is for engines on {system}; this one runs on {facts.system}"
            yield _error("field-of-another-system", what, "a plan refuses it", "leave it out", address)


def _error(about: str, what: str, why: str, advice: str, address: Address) -> Finding:
    return Finding(Severity.ERROR, about, what, why, advice, str(address))


def _logs(facts: Facts, desired: Desired) -> Iterator[Finding]:
    default = facts.info.get("LoggingDriver")
    growing = []
    for address, container in desired.containers.items():
        logging = container.spec.logging
        driver = (logging.driver if logging else None) or default
        if (
            container.state != "absent"
            and driver == "json-file"
            and "max-size" not in (logging.options if logging else {})
        ):
            growing.append(str(address))
    if growing:
        named = ", ".join(sorted(growing)[:5]) + (f" and {len(growing) - 5} more" if len(growing) > 5 else "")
        what = f"the logs of {named} are never rotated, unless the engine's daemon.json says so"
        advice = "declare `logging: {driver: local}`, or `options: {max-size: 10m, max-file: 3}`"
        yield Finding(Severity.WARNING, "logs-unbounded", what, "they grow until the disk is full", advice)


def _tags(desired: Desired) -> Iterator[Finding]:
    for address, image in desired.images.items():
        reference = parse(image.reference)
        if isinstance(image.source, Pull) and not image.absent and reference.tag == "latest" and not reference.digest:
            what = f"{image.reference} means whatever was pushed last"
            why = "two hosts, or two days, give two different images"
            advice = "name a version; `dockerdecl lock` holds on to its digest"
            yield Finding(Severity.INFO, "image-latest", what, why, advice, str(address))


def _ports(facts: Facts, address: Address, container: DesiredContainer) -> Iterator[Finding]:
    why = "the container can't start"
    for port in container.spec.ports or ():
        if not port.published.isdigit():
            continue
        number = int(port.published)
        holders = [h for h in facts.held_ports if h.number == number and h.protocol == port.protocol]
        foreign = [h.container for h in holders if not h.own and _clash(h.host_ip, port.host_ip)]
        if foreign:
            what = f"port {number} is published by the container `{foreign[0]}`, which isn't the project's"
            yield _error("port-taken", what, why, "stop that container, or publish another port", address)
        elif port.protocol == "tcp" and number in facts.listening and not holders:
            what = f"port {number} is taken by another process of the host"
            advice = "end that process (`ss -ltnp` names it), or publish another port"
            yield _error("port-taken", what, why, advice, address)


def _clash(one: str, other: str) -> bool:
    "whether two sockets with one port can't be, on these addresses"
    return one == other or not {one, other}.isdisjoint(_EVERY_ADDRESS)


def _bind(facts: Facts, container: DesiredContainer, mount: Mount) -> Iterator[Finding]:
    found = facts.paths[mount.source or ""]
    address = container.address
    if found is None:
        if mount.bind is not None and not mount.bind.create_host_path:
            what, advice = f"{mount.source} is not on the host", "make it, or take `create_host_path: false` away"
            yield _error("bind-missing", what, "the engine refuses the container", advice, address)
        else:
            what = f"{mount.source} is not on the host; the engine will make it, empty and as root's"
            why = "where the container expects files, or runs as another user, it fails"
            advice = "make it beforehand with the right owner, or use a volume"
            yield Finding(Severity.WARNING, "bind-missing", what, why, advice, str(address))
        return
    if mount.read_only or facts.rootless:
        return
    user, name = host_user(facts, container), declared_user(facts, container)[0]
    if user is None and name and not name.isdigit() and not may_write(found, -1, []):
        what = f"{mount.source} may not be written by everyone; the container runs as `{name}`, whose number is unknown"
        advice = f"compare `id {name}` in the container with the owner {found.uid}:{found.gid} ({found.mode:04o})"
        yield Finding(
            Severity.INFO, "bind-user-unknown", what, "it may not be able to write there", advice, str(address)
        )
    elif user is not None and not may_write(found, user[0], [user[1], *added_groups(facts, container)]):
        uid, gid = user
        whose = f"{found.uid}:{found.gid} ({found.mode:04o})"
        what = f"{mount.source} belongs to {whose}; the container writes as {uid}:{gid}"
        owner = f"{found.uid - facts.uid_offset}:{found.gid - facts.uid_offset}"
        change = f'`chown {uid}:{gid} {mount.source}`, set `user: "{owner}"`, mount it read-only'
        advice = f"{change}, or use a volume, which belongs to whom the image says"
        yield Finding(Severity.WARNING, "bind-not-writable", what, "it can't write there", advice, str(address))


def host_user(facts: Facts, container: DesiredContainer) -> tuple[int, int] | None:
    """The user and group that a container is on the host; None where it can't be told, or may do everything."""
    user, group = declared_user(facts, container)
    if not user.isdigit() or facts.rootless:
        return None
    offset = _offset(facts, container)
    if user == "0" and not offset:
        return None
    return int(user) + offset, (int(group) if group.isdigit() else 0) + offset


def declared_user(facts: Facts, container: DesiredContainer) -> tuple[str, str]:
    """The user and group as the manifest, else the image, gives them; root is 0."""
    user, _, group = (container.spec.user or facts.users.get(str(container.address), "")).partition(":")
    return {"": "0", "root": "0"}.get(user, user), group


def added_groups(facts: Facts, container: DesiredContainer) -> list[int]:
    """The further groups on the host; those given by name are unknown, as only the image knows them."""
    return [int(group) + _offset(facts, container) for group in container.spec.group_add or () if group.isdigit()]


def _offset(facts: Facts, container: DesiredContainer) -> int:
    return 0 if container.spec.userns_mode == "host" else facts.uid_offset


def may_write(found: PathFacts, uid: int, gids: Sequence[int]) -> bool:
    """Whether a user may make files in a folder, or write a file."""
    bits = found.mode >> (6 if uid == found.uid else 3 if found.gid in gids else 0)
    needed = 0o3 if found.folder else 0o2
    return bits & needed == needed
