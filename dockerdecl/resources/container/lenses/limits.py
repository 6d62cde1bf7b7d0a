"""Limits and restart policy: numbers whose meaning depends on one another, and lists by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dockerdecl.resources.rows import Context, Raw, look_up, put
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.resources.container.parts import CredentialSpec, Logging, Ulimit
    from dockerdecl.resources.container.spec import Container

_CREDENTIAL_SPEC = "credentialspec="


@dataclass(frozen=True, slots=True)
class MemoryLens:
    """The memory limit; the swap limit goes with it in every request, since the engine keeps them consistent."""

    def write(self, value: int, body: Raw, spec: Container, context: Context) -> None:
        put(body, "HostConfig.Memory", value)
        put(body, "HostConfig.MemorySwap", spec.memswap_limit or 2 * value)

    def read(self, live: Raw, context: Context) -> int | None:
        return look_up(live, "HostConfig.Memory") or None

    def effective(self, value: int | None, spec: Container, context: Context) -> int | None:
        return value or None


@dataclass(frozen=True, slots=True)
class SwapLens:
    """Memory and swap together. Twice the memory is what the engine fills in.

    An engine whose kernel can't limit swap holds -1 whatever it is given, so nothing is claimed of it there.
    """

    def write(self, value: int, body: Raw, spec: Container, context: Context) -> None:
        put(body, "HostConfig.MemorySwap", value or 2 * (spec.mem_limit or 0))

    def read(self, live: Raw, context: Context) -> int | None:
        swap = look_up(live, "HostConfig.MemorySwap")
        filled_in = not context.limits_swap or swap in (None, 0, 2 * (look_up(live, "HostConfig.Memory") or 0))
        return None if filled_in else int(swap)

    def effective(self, value: int | None, spec: Container, context: Context) -> int | None:
        return None if not context.limits_swap or value in (None, 0, 2 * (spec.mem_limit or 0)) else value


@dataclass(frozen=True, slots=True)
class RestartLens:
    """`no`, `always`, `unless-stopped`, `on-failure` or `on-failure:N`."""

    def write(self, value: str, body: Raw, spec: Container, context: Context) -> None:
        name, _, count = value.partition(":")
        put(body, "HostConfig.RestartPolicy", {"Name": name, "MaximumRetryCount": int(count or 0)})

    def read(self, live: Raw, context: Context) -> str:
        policy = look_up(live, "HostConfig.RestartPolicy") or {}
        count = policy.get("MaximumRetryCount") or 0
        return (policy.get("Name") or "no") + (f":{count}" if count else "")

    def effective(self, value: str | None, spec: Container, context: Context) -> str:
        return (value or "no").removesuffix(":0")


@dataclass(frozen=True, slots=True)
class PidsLens:
    """The most processes; 0 and -1 are unlimited, as is nothing."""

    only_at: ClassVar[str] = "HostConfig.PidsLimit"

    def write(self, value: int, body: Raw, spec: Container, context: Context) -> None:
        put(body, "HostConfig.PidsLimit", value)

    def read(self, live: Raw, context: Context) -> int | None:
        return self._limited(look_up(live, "HostConfig.PidsLimit"))

    def effective(self, value: int | None, spec: Container, context: Context) -> int | None:
        return self._limited(value)

    def _limited(self, value: int | None) -> int | None:
        return value if value is not None and value > 0 else None


@dataclass(frozen=True, slots=True)
class UlimitsLens:
    """`{"nofile": {"soft": 1024, "hard": 2048}}`; the daemon adds its defaults under names that aren't declared."""

    def write(self, value: Mapping[str, Ulimit], body: Raw, spec: Container, context: Context) -> None:
        limits = [{"Name": name, "Soft": limit.soft, "Hard": limit.hard} for name, limit in value.items()]
        put(body, "HostConfig.Ulimits", limits)

    def read(self, live: Raw, context: Context) -> dict[str, dict[str, int]]:
        found = look_up(live, "HostConfig.Ulimits") or ()
        return {limit["Name"]: {"soft": limit["Soft"], "hard": limit["Hard"]} for limit in found}

    def effective(
        self, value: Mapping[str, Ulimit] | None, spec: Container, context: Context
    ) -> dict[str, dict[str, int]]:
        return {name: {"soft": limit.soft, "hard": limit.hard} for name, limit in (value or {}).items()}


@dataclass(frozen=True, slots=True)
class LoggingLens:
    """The log driver and its options; left out, both are the daemon's."""

    def write(self, value: Logging, body: Raw, spec: Container, context: Context) -> None:
        put(body, "HostConfig.LogConfig", {"Type": value.driver or "", "Config": dict(value.options)})

    def read(self, live: Raw, context: Context) -> dict[str, Any]:
        config = look_up(live, "HostConfig.LogConfig") or {}
        return {"driver": config.get("Type"), "options": dict(config.get("Config") or {})}

    def effective(self, value: Logging | None, spec: Container, context: Context) -> dict[str, Any] | None:
        if value is None:
            return None
        return {**({"driver": value.driver} if value.driver else {}), "options": dict(value.options)}


@dataclass(frozen=True, slots=True)
class CapabilitiesLens:
    """A set of capabilities, upper case, without `CAP_`, `ALL` being all of them; the engine keeps what it is given."""

    path: str

    @property
    def only_at(self) -> str:
        """See `rows.Only`."""
        return self.path

    def write(self, value: tuple[str, ...], body: Raw, spec: Container, context: Context) -> None:
        put(body, self.path, list(self.effective(value, spec, context)))

    def read(self, live: Raw, context: Context) -> tuple[str, ...]:
        return self._normal(look_up(live, self.path))

    def effective(self, value: tuple[str, ...] | None, spec: Container, context: Context) -> tuple[str, ...]:
        return self._normal(value)

    def _normal(self, names: Any) -> tuple[str, ...]:
        found = {name.upper().removeprefix("CAP_") for name in names or ()}
        return ("ALL",) if "ALL" in found else tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class SetLens:
    """A list on the engine whose order and repetitions mean nothing."""

    path: str

    @property
    def only_at(self) -> str:
        """See `rows.Only`."""
        return self.path

    def write(self, value: tuple[str, ...], body: Raw, spec: Container, context: Context) -> None:
        put(body, self.path, list(value))

    def read(self, live: Raw, context: Context) -> tuple[str, ...]:
        return tuple(sorted(set(look_up(live, self.path) or ())))

    def effective(self, value: tuple[str, ...] | None, spec: Container, context: Context) -> tuple[str, ...]:
        return tuple(sorted(set(value or ())))


@dataclass(frozen=True, slots=True)
class MapLens:
    """A map of texts on the engine."""

    path: str

    @property
    def only_at(self) -> str:
        """See `rows.Only`."""
        return self.path

    def write(self, value: Mapping[str, str], body: Raw, spec: Container, context: Context) -> None:
        put(body, self.path, dict(value))

    def read(self, live: Raw, context: Context) -> dict[str, str]:
        return dict(look_up(live, self.path) or {})

    def effective(self, value: Mapping[str, str] | None, spec: Container, context: Context) -> dict[str, str]:
        return dict(value or {})


_ADDED = frozenset({"label=disable"})


@dataclass(frozen=True, slots=True)
class SecurityOptLens:
    """Security options as `name=value`; what the engine adds for shared namespaces is nobody's claim.

    A seccomp profile is its JSON on the engine, and goes by a digest of what it says.
    """

    def write(self, value: tuple[str, ...], body: Raw, spec: Container, context: Context) -> None:
        options = look_up(body, "HostConfig.SecurityOpt") or []
        put(body, "HostConfig.SecurityOpt", [*options, *sorted({*_security(value)} - self._added_for(spec))])

    def read(self, live: Raw, context: Context) -> tuple[str, ...]:
        host = look_up(live, "HostConfig") or {}
        options = [text for text in host.get("SecurityOpt") or () if not text.startswith(_CREDENTIAL_SPEC)]
        added = host.get("Privileged") or "host" in (host.get("PidMode"), host.get("IpcMode"))
        found = {*_security(options)}
        return tuple(sorted(map(_with_digest, found - (_ADDED if added else frozenset()))))

    def effective(self, value: tuple[str, ...] | None, spec: Container, context: Context) -> tuple[str, ...]:
        return tuple(sorted(map(_with_digest, {*_security(value)} - self._added_for(spec))))

    def _added_for(self, spec: Container) -> frozenset[str]:
        return _ADDED if spec.privileged or "host" in (spec.pid, spec.ipc) else frozenset()


def is_for_system_paths(option: str) -> bool:
    """Whether a security option is a client's word for `masked_paths` and `readonly_paths`."""
    return option in ("systempaths=unconfined", "systempaths:unconfined")


def _security(texts: Any) -> list[str]:
    found = []
    for text in texts or ():
        if is_for_system_paths(text):
            continue
        name, _, value = text.partition("=") if "=" in text else text.partition(":")
        found.append(f"{name}={value or 'true'}")
    return found


def _with_digest(option: str) -> str:
    name, _, profile = option.partition("=")
    if name != "seccomp" or not profile.startswith("{"):
        return option
    try:
        said = json.dumps(json.loads(profile), sort_keys=True)
    except ValueError:
        said = profile
    return f"seccomp=(a profile, sha256:{hashlib.sha256(said.encode()).hexdigest()[:12]})"


@dataclass(frozen=True, slots=True)
class CredentialSpecLens:
    """`file://spec.json` or `registry://spec`, which the engine keeps among the security options."""

    only_at: ClassVar[str] = "HostConfig.SecurityOpt"

    def write(self, value: CredentialSpec, body: Raw, spec: Container, context: Context) -> None:
        options = look_up(body, "HostConfig.SecurityOpt") or []
        put(body, "HostConfig.SecurityOpt", [*options, f"{_CREDENTIAL_SPEC}{_place(value)}"])

    def read(self, live: Raw, context: Context) -> str | None:
        options = look_up(live, "HostConfig.SecurityOpt") or ()
        found = (text.removeprefix(_CREDENTIAL_SPEC) for text in options if text.startswith(_CREDENTIAL_SPEC))
        return next(found, None)

    def effective(self, value: CredentialSpec | None, spec: Container, context: Context) -> str | None:
        return _place(value) if value else None


def _place(spec: CredentialSpec) -> str:
    return f"file://{spec.file}" if spec.file is not None else f"registry://{spec.registry}"
