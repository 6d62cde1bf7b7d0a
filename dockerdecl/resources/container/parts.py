"""The parts of a container that have a long form of their own: ports, mounts, attachments, health checks, grants."""

from __future__ import annotations

import re
from dataclasses import field
from enum import StrEnum
from typing import Annotated, Any, Literal

from dockerdecl.resources.container.lenses.ports import PROTOCOLS, read_host_ip, read_published, read_range, split_port
from dockerdecl.resources.container.lenses.process import signal_name
from dockerdecl.resources.container.mount_parts import AbsolutePath
from dockerdecl.resources.notes import AfterValidator, BeforeValidator, WithJsonSchema, model_validator
from dockerdecl.resources.rows import FromDaemon, Since
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.words import (
    Boolean,
    Duration,
    Integer,
    Mode,
    OptionalTextMap,
    OrShort,
    Size,
    Text,
    TextMap,
    Texts,
    Words,
    read_text,
)


def _address(text: str) -> str:
    return read_host_ip(text)


def _mac_address(text: str) -> str:
    lower = text.lower().replace("-", ":")
    if not re.fullmatch(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", lower):
        raise ValueError(f"{text!r} is no MAC address; write six bytes such as 02:42:ac:11:00:09")
    return lower


IPAddress = Annotated[Text, AfterValidator(_address)]
Signal = Annotated[Text, AfterValidator(signal_name)]
MacAddress = Annotated[Text, AfterValidator(_mac_address)]
_Number = WithJsonSchema({"type": ["string", "integer"]})


def _protocol(value: Any) -> str:
    text = str(value).lower()
    if text not in PROTOCOLS:
        raise ValueError(f"{value!r} is no protocol; write tcp, udp or sctp")
    return text


class Port(Spec):
    """A published port."""

    target: Annotated[str, BeforeValidator(read_range), _Number]
    """The port in the container, or a range of them, such as `80`."""
    published: Annotated[str, BeforeValidator(read_published), _Number] = ""
    """The port on the host, a range, or nothing: the engine chooses one, such as `8080`."""
    host_ip: Annotated[str, BeforeValidator(read_host_ip)] = ""
    """The host address to listen on, such as `127.0.0.1`; every address where it is left out."""
    protocol: Annotated[str, BeforeValidator(_protocol)] = "tcp"
    """`tcp`, `udp` or `sctp`, such as `udp`."""
    name: Text | None = None
    """A name for people, such as `web`; the engine keeps none."""
    app_protocol: Text | None = None
    """The application protocol, for people, such as `http`; the engine keeps none."""
    mode: Literal["host", "ingress"] | None = None
    """As in Compose; a single engine publishes every port on the host."""

    @model_validator
    def _ranges_match(self) -> Port:
        first, _, last = self.target.partition("-")
        host_first, _, host_last = self.published.partition("-")
        count = int(last or first) - int(first)
        if self.published and count and count != int(host_last or host_first) - int(host_first):
            raise ValueError(f"the ranges {self.published} and {self.target} differ in length; make them equally long")
        return self


PortForm = Annotated[
    Port,
    BeforeValidator(split_port),
    OrShort(("string", "integer")),
]


class Attachment(Spec):
    """How a container is attached to a network."""

    aliases: Texts = ()
    """Further names by which others on the network reach it, such as `[database]`."""
    ipv4_address: IPAddress | None = None
    """A fixed address, such as `10.1.0.5`; the network needs a subnet that holds it."""
    ipv6_address: IPAddress | None = None
    """A fixed IPv6 address, such as `fd00::5`."""
    link_local_ips: Texts = ()
    """Link-local addresses, such as `[169.254.8.8]`."""
    driver_opts: TextMap = field(default_factory=dict)
    """Options for the network driver, for this endpoint, such as `{key: value}`."""
    priority: Integer = 0
    """The network with the highest one is connected first, such as `10`."""
    gw_priority: Annotated[Integer, Since("1.48")] = 0
    """The network with the highest one gives the default gateway (API 1.48), such as `10`."""
    mac_address: Annotated[MacAddress | None, Since("1.44"), FromDaemon()] = None
    """The MAC address of its interface there (API 1.44), such as `02:42:ac:11:00:05`."""
    interface_name: Annotated[Text | None, Since("1.49")] = None
    """The name of its interface there (API 1.49), such as `eth0`."""


def _health_test(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return ("CMD-SHELL", value)
    words = tuple(read_text(item) for item in value)
    if words and words[0] not in ("CMD", "CMD-SHELL", "NONE"):
        raise ValueError(f"a test begins with CMD, CMD-SHELL or NONE, not {words[0]!r}; write [CMD, {words[0]}, ...]")
    if words[:1] in (("CMD",), ("CMD-SHELL",)) and len(words) == 1:
        raise ValueError(f"the test has no command after {words[0]}")
    return words


class Healthcheck(Spec):
    """How the engine finds out whether a container works; what is left out comes from the image."""

    test: Annotated[
        tuple[str, ...] | None,
        BeforeValidator(_health_test),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
    ] = None
    """The check, such as `[CMD, /bin/check]`; `[CMD-SHELL, command]` or a string for a shell, or `[NONE]`."""
    interval: Duration | None = None
    """Time between checks."""
    timeout: Duration | None = None
    """Time that a check may take."""
    start_period: Duration | None = None
    """Time after the start in which failures don't count."""
    start_interval: Annotated[Duration | None, Since("1.44")] = None
    """Time between checks during the start period (API 1.44)."""
    retries: Integer | None = None
    """Failures in a row until it is unhealthy, such as `5`."""
    disable: Boolean = False
    """No health check, also where the image has one."""


class Condition(StrEnum):
    """What a dependency must have reached before the dependant starts."""

    STARTED = "service_started"
    HEALTHY = "service_healthy"
    COMPLETED = "service_completed_successfully"


class Dependency(Spec):
    """A container that another one needs."""

    condition: Condition = Condition.STARTED
    """`service_started`, `service_healthy` or `service_completed_successfully`."""
    restart: Boolean = False
    """Restart the dependant when this one is replaced."""
    required: Boolean = True
    """Whether the dependency must be declared at all."""


def _grant(value: Any) -> Any:
    return {"source": value} if isinstance(value, str) else value


class FileGrant(Spec):
    """A secret or config given to a container as a file."""

    source: Text
    """The key of the secret or config, such as `db_password`."""
    target: Text | None = None
    """Its path in the container, such as `/etc/app/password`; a name alone lies in `/run/secrets`, a config in `/`."""
    mode: Mode = 0o444
    """Its permission bits, octal."""
    uid: Integer = 0
    """The user that owns it, as a number, such as `1000`."""
    gid: Integer = 0
    """The group that owns it, as a number, such as `1000`."""


Grant = Annotated[FileGrant, BeforeValidator(_grant), OrShort()]


class Hook(Spec):
    """A command that is run in a running container; where it fails, so does the step."""

    command: Words
    """The command, such as `[/bin/warm-up, --all]`, or a string split like a shell does."""
    user: Text | None = None
    """The user that it runs as, such as `root`; the container's where left out."""
    privileged: Boolean = False
    """Give it every capability."""
    working_dir: Text | None = None
    """The folder that it runs in, such as `/srv`; the container's where left out."""
    environment: OptionalTextMap | None = None
    """Variables beside the container's own, such as `{VERBOSE: "1"}`."""


class CredentialSpec(Spec):
    """A group managed service account (Windows); one of the two."""

    file: Text | None = None
    """A file in the engine's folder of credential specs, such as `spec.json`."""
    registry: Text | None = None
    """A value in the registry of the engine's host, such as `spec`."""

    @model_validator
    def _one(self) -> CredentialSpec:
        if (self.file is None) == (self.registry is None):
            raise ValueError("a credential spec comes from one place; write either `file` or `registry`")
        return self


class Extends(Spec):
    """A container that another one begins from."""

    service: Text
    """Its key, such as `web`."""
    file: Text | None = None
    """The manifest or Compose file that declares it, such as `base.yaml`; this one where left out."""


class EnvFile(Spec):
    """A file of `NAME=value` lines for the environment."""

    path: Text
    """Where it lies, relative to the file that names it, such as `web.env`."""
    required: Boolean = True
    """Whether a missing file is an error."""
    format: Literal["raw"] | None = None
    """`raw`: take the values as they are, without quotes and variables."""


EnvFileForm = Annotated[
    EnvFile,
    BeforeValidator(lambda value: {"path": value} if isinstance(value, str) else value),
    OrShort(),
]


def _at_least_one(count: int) -> int:
    if count < 1:
        raise ValueError(f"{count} is too few; write 1 or more, or leave it out for all at once")
    return count


class Replace(Spec):
    """How a container is replaced when something that needs a replacement changes."""

    order: Literal["stop-first", "start-first"] = "stop-first"
    """`stop-first`, or `start-first`: the old one is stopped only after the new one stands, so that one of them runs
    all the time.
    """
    max_parallel: Annotated[Integer, AfterValidator(_at_least_one)] | None = None
    """How many replicas are replaced at a time, such as `1`; all at once where left out. The next ones have their turn
    when these stand; where some don't, all are taken back.
    """
    health_timeout: Duration | None = None
    """How long the new one may take to become healthy."""
    monitor: Duration | None = None
    """How long the new one is watched after that: it has failed where it gets unhealthy, ends or is restarted."""


class Ulimit(Spec):
    """A resource limit of the process."""

    soft: Integer
    """What the process starts with, such as `1024`; -1 is unlimited."""
    hard: Integer
    """How far the process may raise it, such as `4096`; -1 is unlimited."""


class Logging(Spec):
    """Where the output of a container goes."""

    driver: Text | None = None
    """The engine's log driver, such as `json-file`, `local`, `none`; the daemon's default where left out."""
    options: TextMap = field(default_factory=dict)
    """Options of the log driver, such as `{max-size: 10m}`."""


class DeviceWeight(Spec):
    """A block I/O weight for one device."""

    path: AbsolutePath
    """The device, such as `/dev/sda`."""
    weight: Integer
    """10 to 1000, such as `300`."""


class DeviceRate(Spec):
    """A block I/O limit for one device."""

    path: AbsolutePath
    """The device, such as `/dev/sda`."""
    rate: Size
    """Bytes, or operations, a second."""


class BlkioConfig(Spec):
    """Block I/O limits."""

    weight: Integer | None = None
    """Its weight against other containers, 10 to 1000, such as `300`."""
    weight_device: tuple[DeviceWeight, ...] = ()
    """Weights for single devices."""
    device_read_bps: tuple[DeviceRate, ...] = ()
    """The most bytes a second read from a device."""
    device_read_iops: tuple[DeviceRate, ...] = ()
    """The most reads a second from a device."""
    device_write_bps: tuple[DeviceRate, ...] = ()
    """The most bytes a second written to a device."""
    device_write_iops: tuple[DeviceRate, ...] = ()
    """The most writes a second to a device."""


def _count(value: Any) -> Any:
    return -1 if value == "all" else value


class DeviceRequest(Spec):
    """Devices that a device driver gives, such as GPUs."""

    driver: Text | None = None
    """The device driver, such as `nvidia`."""
    count: Annotated[Integer, BeforeValidator(_count)] | None = None
    """How many, such as `1`; `all` (or -1) for every one."""
    device_ids: Texts = ()
    """Particular devices, instead of a count, such as `['0']`."""
    capabilities: Texts = ()
    """What they must be able to do, such as `[compute]`."""
    options: TextMap = field(default_factory=dict)
    """Options of the device driver, such as `{key: value}`."""
