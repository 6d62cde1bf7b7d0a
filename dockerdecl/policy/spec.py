"""What a policy file may say: which of the built-in rules hold and how, rules of one's own, and what is allowed.

Takes what was written, gives a `PolicyFile`. The attributes of `BuiltIn` are the built-in rules: their docstrings say
what a rule is about, their types what can be set for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Annotated, Any, Literal

from dockerdecl.policy.conditions import Condition
from dockerdecl.resources.notes import AfterValidator, BeforeValidator, model_validator
from dockerdecl.resources.schemas import DIALECT, Schema, identifier, without_titles
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.words import Boolean, OrShort, Text, Texts

POLICY_VERSION = "dockerdecl/policy/v1"


class Level(StrEnum):
    """What comes of something that a rule does not want."""

    DENY = "deny"
    """An error: nothing is planned or applied."""
    WARN = "warn"
    """A warning."""
    OFF = "off"
    """Nothing: the rule does not hold."""


def _level_alone(value: Any) -> Any:
    return {"level": value} if isinstance(value, str) else value


class Setting(Spec):
    """How a built-in rule holds."""

    level: Level
    """`deny`, `warn` or `off`."""
    manifest_may_allow: Boolean = False
    """Whether a manifest may allow it itself, by `x-policy: {allow: {RULE: reason}}` beside what is declared."""


class Namespaces(Setting):
    """How the rule about the host's namespaces holds."""

    namespaces: tuple[Literal["network", "pid", "ipc", "uts", "userns", "cgroup"], ...] = (
        *("network", "pid", "ipc", "uts", "userns"),
    )
    """The namespaces that may not be the host's, such as `[network, pid]`."""


class Folders(Setting):
    """How the rule about folders of the host holds."""

    paths: Texts = (
        *("/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/sbin", "/sys", "/usr"),
        *("/var/lib/containerd", "/var/lib/containers", "/var/lib/docker", "/var/lib/kubelet"),
    )
    """The folders that may not be mounted, nor what lies in them or holds them, such as `[/etc, /srv/keys]`."""
    allowed: Texts = ("/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo")
    """What may be mounted although it lies in one of them, such as `[/etc/localtime]`."""


class Capabilities(Setting):
    """How the rule about capabilities holds."""

    allowed: Texts = ()
    """Capabilities that may be added, such as `[NET_BIND_SERVICE]`."""


class Registries(Setting):
    """How the rule about registries holds."""

    allowed: Texts
    """Registries and repositories that images may come from, such as `[registry.local:5000, docker.io/library]`."""


class OpenPorts(Setting):
    """How the rule about published ports holds."""

    allowed: Texts = ()
    """Ports of the host that may be open on every address, such as `["80", "443"]`."""


class Devices(Setting):
    """How the rule about devices holds."""

    allowed: Texts = ()
    """Devices of the host that may be given, with `*` for any characters, such as `[/dev/ttyUSB*]`."""


_SHORT = (BeforeValidator(_level_alone), OrShort())
Plain = Annotated[Setting, *_SHORT]


class BuiltIn(Spec):
    """The built-in rules, by id. One that is not written holds as the preset says, else not at all."""

    @staticmethod
    def spell(name: str) -> str:
        """The id of a rule, by its attribute."""
        return name.replace("_", "-")

    privileged: Plain | None = None
    """A container, or a command in one, that has every capability and device of the host."""
    host_namespace: Annotated[Namespaces, *_SHORT] | None = None
    """A container that shares a namespace with the host: its network, its processes, its users."""
    engine_socket: Plain | None = None
    """The socket of an engine, or a folder that holds it, mounted: who can write to it is root on the host."""
    system_mount: Annotated[Folders, *_SHORT] | None = None
    """A folder of the host's system mounted, through which the host can be read or changed."""
    added_capability: Annotated[Capabilities, *_SHORT] | None = None
    """A capability beyond those that an engine gives by itself."""
    security_disabled: Plain | None = None
    """A container without the seccomp, AppArmor or SELinux profile, or the masked paths, that protect the host."""
    device: Annotated[Devices, *_SHORT] | None = None
    """A device of the host given to a container."""
    image_without_digest: Plain | None = None
    """An image from a registry, named without a digest: what it is can change unseen."""
    image_registry: Annotated[Registries, BeforeValidator(_level_alone)] | None = None
    """An image from a registry, or a base of a build, that is not on the list."""
    image_latest: Plain | None = None
    """An image from a registry with the tag `latest`, or with none, which means the same."""
    open_port: Annotated[OpenPorts, *_SHORT] | None = None
    """A port published on every address of the host."""
    no_memory_limit: Plain | None = None
    """A container that may use all memory of the host."""
    no_healthcheck: Plain | None = None
    """A container that no health check is written for; whether its image has one can't be known without an engine."""
    root_user: Plain | None = None
    """A container that runs as root, or that no user is written for; whether its image has one can't be known."""


RECOMMENDED: Mapping[str, Level] = {
    **dict.fromkeys(("privileged", "host_namespace", "engine_socket", "system_mount", "security_disabled"), Level.DENY),
    **dict.fromkeys(("added_capability", "device", "image_latest", "open_port", "no_memory_limit"), Level.WARN),
}
"""What `preset: recommended` turns on, by the attribute of `BuiltIn`."""


def _rule_id(text: str) -> str:
    parts = text.split("-")
    if not all(part.isascii() and part.isalnum() and part == part.lower() for part in parts):
        raise ValueError(f"{text!r} is no id of a rule; write lower case letters, digits and `-`, such as team-label")
    if text in RULE_IDS:
        raise ValueError(f"{text!r} is a built-in rule; write another id, or set the rule under `builtin`")
    return text


def _reason(text: str) -> str:
    if not text.strip():
        raise ValueError("an allowance needs a reason; write why it may be so, for those who read it later")
    return text


class OwnRule(Spec):
    """A rule of one's own about containers, images, networks or volumes."""

    id: Annotated[Text, AfterValidator(_rule_id)]
    """What the rule is called, such as `team-label`."""
    message: Text
    """What is said where it doesn't hold, such as `every container says whose it is`."""
    hint: Text | None = None
    """What would be right, such as `write labels.team`."""
    on: Literal["container", "image", "network", "volume"] = "container"
    """What the rule is about."""
    level: Level = Level.DENY
    """`deny`, `warn` or `off`."""
    when: Condition | None = None
    """What must not be, such as `{path: ports[*].host_ip, equals: 0.0.0.0}`."""
    unless: Condition | None = None
    """What makes it right, such as `{path: labels.team, exists: true}`."""
    manifest_may_allow: Boolean = False
    """Whether a manifest may allow it itself, by `x-policy: {allow: {RULE: reason}}` beside what is declared."""

    @model_validator
    def _has_a_condition(self) -> OwnRule:
        if self.when is None and self.unless is None:
            raise ValueError("a rule needs a condition; write `when` with what must not be, or `unless` with what must")
        return self


class Allowance(Spec):
    """Something that a rule does not want, allowed on purpose."""

    rule: Text
    """The id of the rule, such as `privileged`."""
    address: Text
    """What is allowed it, with `*` for any characters, such as `container.web`."""
    project: Text = "*"
    """The project that this is about, with `*` for any characters, such as `shop`; every project where left out."""
    reason: Annotated[Text, AfterValidator(_reason)]
    """Why, such as `it reads the sensors of the host`."""


class PolicyFile(Spec):
    """A policy: which rules hold for manifests, and what is allowed all the same."""

    apiVersion: Literal["dockerdecl/policy/v1"]  # noqa: N815 (the word that files of dockerdecl use)
    """The format of this policy."""
    preset: Literal["none", "recommended"] = "none"
    """The built-in rules that hold without being written: `none`, or a `recommended` choice."""
    builtin: BuiltIn = field(default_factory=BuiltIn)
    """Built-in rules by id, each with a level alone or with more, such as `{privileged: deny}`."""
    rules: tuple[OwnRule, ...] = ()
    """Rules of one's own."""
    allow: tuple[Allowance, ...] = ()
    """What is allowed on purpose."""


RULE_IDS = frozenset(field.word for name, field in BuiltIn.model_fields.items())


def policy_schema() -> Schema:
    """The JSON Schema of a policy file."""
    generated = PolicyFile.model_json_schema()
    definitions = generated.pop("$defs")
    for part in (generated, *definitions.values()):
        without_titles(part.get("properties", {}))
    head = {"$schema": DIALECT, "$id": identifier("policy"), "title": f"A policy ({POLICY_VERSION})"}
    return {**generated, **head, "$defs": dict(sorted(definitions.items()))}
