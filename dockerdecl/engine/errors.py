"""The engine's answers as errors: what it said, a code for programs, and what to do about it.

Takes a status and a body, or a message out of a stream; gives a `DockerdeclError` whose message is the engine's own
words. Engines answer the same trouble with other statuses (20.10 says 500 for much that is 400 later) and always 500
for a registry's, so it is the text that is looked at. Nothing else in dockerdecl reads an engine's message.
"""

from __future__ import annotations

import json
import re

from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.expressions import expression
from dockerdecl.values import dataclass

NOT_FOUND = "not-found"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of refusal: the words it is recognised by, the code it gets, and what to do.

    `status` None is any: the text tells it well enough.
    """

    code: str
    text: re.Pattern[str]
    hint: str | None = None
    status: int | None = None

    def matches(self, status: int, message: str) -> bool:
        """Whether an answer is of this kind."""
        return self.status in (None, status) and self.text.search(message) is not None


def _rule(code: str, text: str, hint: str | None = None, status: int | None = None) -> Rule:
    return Rule(code, expression(text, re.IGNORECASE | re.DOTALL), hint, status)


_FREE_NAME = "Remove or rename it, choose another name, or take it over with `dockerdecl adopt`."

RULES: tuple[Rule, ...] = (
    # Names
    _rule("name-in-use", r"container name .* is already in use by container", _FREE_NAME),
    _rule("name-in-use", r"network with name .* already exists", _FREE_NAME),
    _rule(
        "name-ambiguous",
        r"is ambiguous \(\d+ matches",
        "Several networks have this name: remove all but one by id (`docker network ls`).",
    ),
    _rule("name-unchanged", r"renaming a container with the same name"),
    _rule("name-invalid", r"invalid container name|invalid characters for a local volume name|name is too short"),
    # Images by name
    _rule(
        "reference-invalid",
        r"invalid reference format|invalid repository name",
        "Write [REGISTRY/]NAME[:TAG][@DIGEST], the name in lower case.",
    ),
    _rule(
        "platform-mismatch",
        r"was found but (does not match the specified platform|its platform)|no matching manifest for",
        "Name a platform that the image exists for, or take another image.",
    ),
    _rule("image-in-use", r"image is being used by|is using its referenced image", "Remove those containers first."),
    _rule("image-has-children", r"image has dependent child images", "Remove the images built upon it first."),
    _rule("image-has-more-names", r"image is referenced in (multiple|one or more) repositories"),
    _rule(
        "archive-invalid",
        r"archive/tar: |docker-import-\d+.*no such file|invalid tar|^(Error processing tar file.*)?unexpected EOF$",
        "It is cut short, or not a tar of the kind that is wanted here.",
    ),
    # Registries: 500 for most of it, or an error in a stream that began with 200
    _rule(
        "registry-limit",
        r"toomanyrequests|rate limit",
        "Log in (`dockerdecl login REGISTRY`), or wait: the registry counts pulls.",
    ),
    _rule(
        "registry-auth",
        r"no basic auth credentials|authentication required|unauthorized|pull access denied|"
        r"access to the resource is denied|status: 40[13]|incorrect username or password|insufficient_scope",
        "Log in with `dockerdecl login REGISTRY` as a user who may do this; the name may also be misspelled.",
    ),
    _rule(
        "registry-untrusted",
        r"x509: |failed to verify certificate",
        "Put the registry's authority into /etc/docker/certs.d/REGISTRY/ca.crt on the engine's machine.",
    ),
    _rule(
        "registry-plain-http",
        r"server gave HTTP response to HTTPS client",
        "The registry speaks no TLS: list it under `insecure-registries` in the engine's daemon.json.",
    ),
    _rule(
        "image-not-in-registry",
        r"manifest unknown|manifest for .* not found|name unknown|not known to registry",
        "Are name and tag spelled correctly, and was the image pushed?",
    ),
    _rule("tag-missing", r"tag does not exist|image does not exist locally with the tag"),
    _rule(
        "registry-read-only", r"^unsupported|denied.*read.?only|unsupported: ", "A pull-through mirror takes no push."
    ),
    # An insecure registry that speaks TLS is tried in plain HTTP last, and what it said before is not told.
    _rule(
        "registry-tls-only",
        r"^read tcp \S+->\S+: read: connection reset by peer|client sent an http request to an https server",
        "What it said in TLS is not told: log in with `dockerdecl login REGISTRY`, and see that the image is there.",
    ),
    _rule(
        "registry-unreachable",
        r"dial tcp|no such host|TLS handshake timeout|Client\.Timeout exceeded|context deadline exceeded|"
        r"(Get|Head|Post|Put) \"https?://.*(EOF|connection reset by peer|i/o timeout)",
        "The engine itself must reach the registry: check its network, DNS and proxy settings.",
    ),
    # Ports and addresses
    _rule(
        "port-in-use",
        r"port is already allocated|(listen|bind).*address already in use",
        "See who has it (`docker ps`, `ss -ltnp`), and publish another port or stop that one.",
    ),
    _rule("host-address-missing", r"cannot assign requested address", "Publish on an address that the host has."),
    _rule("port-invalid", r"invalid (port specification|containerport|hostport)|invalid port range"),
    _rule("address-in-use", r"^(.*: )?address already in use$", "Another container of the network has this address."),
    _rule(
        "address-invalid",
        r"no configured subnet .*contain the ip address|does not belong to any of this network's subnets|"
        r"user specified ip address is supported",
        "A fixed address needs a network with a subnet of its own that holds it.",
    ),
    _rule(
        "alias-invalid",
        r"network-scoped alias is supported only",
        "Aliases need a network of your own; the default bridge has none.",
    ),
    # Networks
    _rule(
        "pool-overlap",
        r"pool overlaps with other one|networks have same bridge name|non-overlapping .* address pool",
        "Choose another subnet (`docker network ls`), or leave it out and let the engine choose.",
    ),
    _rule("pool-invalid", r"invalid network config|invalid subnet|doesn't support multiple subnets|invalid cidr"),
    _rule("network-in-use", r"has active endpoints", "Stop or disconnect the containers on it first."),
    _rule("network-predefined", r"predefined .* network|pre-defined network"),
    _rule("already-connected", r"endpoint with name .* already exists in network"),
    _rule("not-connected", r"is not connected to (the )?network"),
    _rule(
        "network-combination",
        r"cannot be connected to (any other|multiple) network|cannot be (connected to|created with) "
        r"(multiple )?network endpoints|cannot be connected to network endpoints",
    ),
    # Volumes and mounts
    _rule("volume-in-use", r"volume is in use", "Remove the containers that mount it first, stopped ones too."),
    _rule("mount-source-missing", r"bind source path does not exist", "Create it on the engine's machine first."),
    _rule("mount-source-missing", r"failed to mount local volume|cannot access path"),
    _rule("mount-read-only", r"(container rootfs|mounted volume) is marked read-only"),
    _rule("mount-duplicate", r"duplicate mount point", "Each target can be mounted once."),
    _rule("mount-kind", r"not a directory.*are you trying to mount a directory onto a file"),
    _rule("mount-invalid", r"invalid mount config|invalid volume specification|invalid mode: |invalid tmpfs option"),
    # What is to run
    _rule(
        "command-not-found",
        r"exec: \"[^\"]*\": (executable file not found|stat [^:]*: no such file)",
        "The image holds no such program: check `command` and `entrypoint`, and PATH where it is set.",
    ),
    _rule("command-not-executable", r"exec: \"[^\"]*\": permission denied|exec format error"),
    _rule("command-missing", r"no command specified", "Give a `command`: the image has none."),
    _rule("user-not-found", r"unable to find (user|group)", "The image's /etc/passwd and /etc/group must know them."),
    # What another container or a plugin must supply
    _rule("link-not-running", r"cannot link to a non running container", "Start what is linked to first."),
    _rule(
        "ipc-not-shareable",
        r"non-shareable IPC",
        "Give the container whose namespace is shared `ipc: shareable`.",
    ),
    _rule(
        "shared-not-running",
        r"cannot join \w+( namespace)? of a non running container|failed to join \w+ namespace|can't join \w+ of",
        "Start the container whose namespace is shared first.",
    ),
    _rule(
        "plugin-not-found",
        r"plugin \"[^\"]*\" not found|error looking up .* plugin|could not select device driver",
        "Install the plugin on the engine's machine (`docker plugin ls`), or name another driver.",
    ),
    _rule("runtime-not-found", r"unknown (or invalid )?runtime( name| specified)"),
    # States
    _rule("already-paused", r"is already paused"),
    _rule("not-paused", r"is not paused"),
    _rule("paused", r"start a paused container|container is paused|remove a paused container|is paused, unpause"),
    _rule("running", r"container is (running|restarting): |remove a (running|restarting) container"),
    _rule("removal-in-progress", r"removal of container .* is already in progress|marked for removal"),
    _rule("not-running", r"container .* is not running|is not running$"),
    # Limits
    _rule(
        "memory-in-use",
        r"unable to set memory limit to \d+ \(current usage",
        "The container uses more than that now: let it use less and apply again, or make it anew with `--replace`.",
    ),
    _rule(
        "update-conflict", r"cannot update container|restart policy cannot be updated", "It takes a new container.", 409
    ),
    _rule(
        "limit-invalid",
        r"minimum memory|minimum memoryswap|memory limit when using memoryswap|range of cpus|requested cpus|"
        r"conflicting options|less than 1ms|cpu cfs|cpu-shares|no quota support",
    ),
    _rule("logs-unreadable", r"logging driver does not support reading", "Read them where that driver sends them."),
    _rule("disk-full", r"no space left on device", "Free some: `docker system df` shows what takes it."),
    # The API itself
    _rule("api-mismatch", r"client version .* is too (new|old)", "Upgrade the older of the two."),
    _rule("api-unsupported", r"^page not found", "This engine is too old for it, or this is no Docker engine.", 404),
    _rule("file-not-found", r"could not find the file", None, 404),
    _rule("not-a-swarm-manager", r"this node is not a swarm manager", "`docker swarm init` makes it one."),
    _rule(NOT_FOUND, r"no such|not found", None, 404),
    _rule(NOT_FOUND, r"unrecognized image id"),  # 20.10 says 500 where another call just took the image's last name
    _rule("dependency-not-found", r"no such (container|volume|image|network)|network .* not found"),
)
"""From the particular to the general: the first that matches counts."""

_BY_STATUS = {
    400: "refused",
    401: "registry-auth",
    403: "forbidden",
    404: NOT_FOUND,
    409: "conflict",
    501: "api-unsupported",
    503: "engine-busy",
}


def from_answer(status: int, body: bytes) -> DockerdeclError:
    """The error that an answer of status 400 and above means."""
    return from_message(status, _message(body) or f"the engine answered with status {status} and no reason")


def from_message(status: int, message: str) -> DockerdeclError:
    """The error that these words of the engine mean; for an error in a stream, `status` is that of its head."""
    for rule in RULES:
        if rule.matches(status, message):
            return fail(rule.code, message, hint=rule.hint)
    return fail(_BY_STATUS.get(status, "engine-failed"), message)


def _message(body: bytes) -> str:
    text = body.decode(errors="replace").strip()
    try:
        value = json.loads(text)
    except ValueError:
        return text
    message = value.get("message") if isinstance(value, dict) else None
    return message.strip() if isinstance(message, str) else text
