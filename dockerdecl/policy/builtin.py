"""The built-in rules: the table of them, and those about what a container says of itself.

Takes a container, gives breaches. What a container does not say may come from its image; where that can't be known
without an engine, the message says so. A container that is only created never runs, so its limits and its user are of
no concern.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from dockerdecl.policy import images, mounts
from dockerdecl.policy.breach import Breach, BuiltInRule
from dockerdecl.policy.spec import Capabilities, Devices, Namespaces, OpenPorts, Setting
from dockerdecl.policy.subjects import Subject
from dockerdecl.resources.address import Kind
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.resolve import Names

_EVERY_ADDRESS = frozenset(("", "0.0.0.0", "::"))
_STAYS_UP = frozenset(("running", "paused", "stopped"))
_UNSEEN = "what the image says can't be known without an engine"


def _privileged(subject: Subject, setting: Setting) -> Iterator[Breach]:
    container = _container(subject)
    message = "`privileged` gives every capability and device of the host"
    hint = "take it out, and give what is needed with `cap_add` and `devices`"
    if container.privileged:
        yield Breach(("privileged",), message, hint)
    for word in ("post_start", "pre_stop"):
        for index, hook in enumerate(getattr(container, word) or ()):
            if hook.privileged:
                yield Breach((word, index, "privileged"), message, "take it out of the command")


def _host_namespaces(subject: Subject, setting: Namespaces) -> Iterator[Breach]:
    container = _container(subject)
    words = {"network": "network_mode", "userns": "userns_mode"}
    for namespace in setting.namespaces:
        word = words.get(namespace, namespace)
        if getattr(container, word) == "host":
            message = f"the container shares the host's {namespace} namespace"
            yield Breach((word,), message, f"take `{word}` out, so that it has one of its own")
    if "network" in setting.namespaces and container.network_mode is None:
        names = Names(subject.document)
        for key in container.networks or ():
            if names.network(key) == "host":
                message = f"`{key}` is the network `host`, so the container shares the host's network namespace"
                yield Breach(("networks", key), message, "join a network of its own")


def _capabilities(subject: Subject, setting: Capabilities) -> Iterator[Breach]:
    allowed = {_capability(name) for name in setting.allowed}
    for index, name in enumerate(_container(subject).cap_add or ()):
        if _capability(name) not in allowed:
            known = f"; there may be {', '.join(setting.allowed)}" if allowed else ""
            yield Breach(("cap_add", index), f"the capability `{name}` is added", f"take it out{known}")


def _capability(name: str) -> str:
    return name.upper().removeprefix("CAP_")


def _security(subject: Subject, setting: Setting) -> Iterator[Breach]:
    container = _container(subject)
    for index, option in enumerate(container.security_opt or ()):
        name, _, value = option.replace(":", "=", 1).partition("=")
        if value == "unconfined" or (name == "label" and value == "disable"):
            message = f"`{option}` takes away what protects the host from the container"
            yield Breach(("security_opt", index), message, "take it out, or give a profile of its own")
    if not any("systempaths" in option for option in container.security_opt or ()):
        for word in ("masked_paths", "readonly_paths"):
            if getattr(container, word) == ():
                message = f"`{word}` is empty, so that the container can reach into the host's kernel"
                yield Breach((word,), message, f"take `{word}` out: the engine has a choice of its own")


def _devices(subject: Subject, setting: Devices) -> Iterator[Breach]:
    container = _container(subject)
    for index, device in enumerate(container.devices or ()):
        name = device.partition(":")[0]
        if not any(fnmatchcase(name, allowed) for allowed in setting.allowed):
            yield Breach(("devices", index), f"the container gets the host's device `{name}`", "take it out")
    for index, rule in enumerate(container.device_cgroup_rules or ()):
        message = f"`{rule}` lets the container use devices of the host"
        yield Breach(("device_cgroup_rules", index), message, "take it out, and name single devices with `devices`")


def _open_ports(subject: Subject, setting: OpenPorts) -> Iterator[Breach]:
    container = _container(subject)
    for index, port in enumerate(container.ports or ()):
        if port.host_ip in _EVERY_ADDRESS and port.published not in setting.allowed:
            shown = port.published or f"that is chosen for {port.target}"
            message = f"the port {shown} is open on every address of the host"
            hint = f"write an address before it, such as `127.0.0.1:{port.published}:{port.target}`"
            yield Breach(("ports", index), message, hint)
    if container.publish_all_ports:
        message = "every exposed port is open on every address of the host"
        yield Breach(("publish_all_ports",), message, "take it out, and name the ports with `ports`")


def _memory(subject: Subject, setting: Setting) -> Iterator[Breach]:
    container = _container(subject)
    if container.state != "created" and (container.mem_limit or 0) <= 0:
        path = () if container.mem_limit is None else ("mem_limit",)
        yield Breach(path, "the container may use all memory of the host", "write `mem_limit`, such as `256m`")


def _health(subject: Subject, setting: Setting) -> Iterator[Breach]:
    container = _container(subject)
    check = container.healthcheck
    if container.state not in _STAYS_UP:
        return
    if check is None or (check.test is None and not check.disable):
        message = f"the container has no health check of its own; {_UNSEEN}"
        yield Breach((), message, "write `healthcheck`, such as `{test: [CMD, /bin/check]}`")
    elif check.disable or check.test == ("NONE",):
        yield Breach(("healthcheck",), "the health check is turned off", "write one that fits")


def _user(subject: Subject, setting: Setting) -> Iterator[Breach]:
    container = _container(subject)
    if container.state == "created":
        return
    if container.user is None:
        message = f"no user is written, so that the container may run as root; {_UNSEEN}"
        yield Breach((), message, "write `user`, such as `1000:1000`")
    elif container.user.partition(":")[0].lstrip("0") in ("", "root"):
        yield Breach(("user",), "the container runs as root", "write another `user`, such as `1000:1000`")


def _container(subject: Subject) -> Container:
    assert isinstance(subject.spec, Container)
    return subject.spec


RULES = (
    BuiltInRule("privileged", _privileged),
    BuiltInRule("host_namespace", _host_namespaces),
    BuiltInRule("engine_socket", mounts.engine_sockets, (Kind.CONTAINER, Kind.VOLUME)),
    BuiltInRule("system_mount", mounts.system_mounts, (Kind.CONTAINER, Kind.VOLUME)),
    BuiltInRule("added_capability", _capabilities),
    BuiltInRule("security_disabled", _security),
    BuiltInRule("device", _devices),
    BuiltInRule("image_without_digest", images.without_digest, (Kind.IMAGE,)),
    BuiltInRule("image_registry", images.registries, (Kind.IMAGE,)),
    BuiltInRule("image_latest", images.latest, (Kind.IMAGE,)),
    BuiltInRule("open_port", _open_ports),
    BuiltInRule("no_memory_limit", _memory),
    BuiltInRule("no_healthcheck", _health),
    BuiltInRule("root_user", _user),
)
"""One rule for every attribute of `BuiltIn`, in the same order."""
