"""The process: entrypoint, command, environment, health check, stop signal, and the labels. What the image says of
them lies beneath what the user says, by the engine's own rules (moby's `merge`, measured on 20.10, 26.1, 28.5).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dockerdecl.resources.ownership import users_labels
from dockerdecl.resources.rows import Context, Raw, look_up, put
from dockerdecl.resources.words import show_duration
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.resources.container.spec import Container

_NANOSECONDS = 10**9


def _image(context: Context, key: str) -> Any:
    return (context.image or {}).get(key)


@dataclass(frozen=True, slots=True)
class EntrypointLens:
    """`entrypoint: []` takes the image's away, which the engine does for `[""]` only."""

    def write(self, value: tuple[str, ...], body: Raw, spec: Container, context: Context) -> None:
        put(body, "Config.Entrypoint", list(value) or [""])

    def read(self, live: Raw, context: Context) -> tuple[str, ...]:
        found = look_up(live, "Config.Entrypoint") or ()
        return () if list(found) == [""] else tuple(found)

    def effective(self, value: tuple[str, ...] | None, spec: Container, context: Context) -> tuple[str, ...]:
        return tuple(_image(context, "Entrypoint") or ()) if value is None else value


@dataclass(frozen=True, slots=True)
class CommandLens:
    """A declared entrypoint drops the image's command; an empty command is as none."""

    def write(self, value: tuple[str, ...], body: Raw, spec: Container, context: Context) -> None:
        if value:
            put(body, "Config.Cmd", list(value))

    def read(self, live: Raw, context: Context) -> tuple[str, ...]:
        return tuple(look_up(live, "Config.Cmd") or ())

    def effective(self, value: tuple[str, ...] | None, spec: Container, context: Context) -> tuple[str, ...]:
        if value or spec.entrypoint is not None:
            return value or ()
        return tuple(_image(context, "Cmd") or ())


def _environment(entries: Any) -> dict[str, str | None]:
    pairs = (entry.partition("=") for entry in entries or ())
    return {name: text if equals else None for name, equals, text in pairs}


@dataclass(frozen=True, slots=True)
class EnvironmentLens:
    """A map, the image's beneath. A name without a value takes the image's variable away."""

    def write(self, value: Mapping[str, str | None], body: Raw, spec: Container, context: Context) -> None:
        put(body, "Config.Env", [name if text is None else f"{name}={text}" for name, text in value.items()])

    def read(self, live: Raw, context: Context) -> dict[str, str | None]:
        return _environment(look_up(live, "Config.Env"))

    def effective(
        self, value: Mapping[str, str | None] | None, spec: Container, context: Context
    ) -> dict[str, str | None]:
        return {**_environment(_image(context, "Env")), **(value or {})}


@dataclass(frozen=True, slots=True)
class LabelsLens:
    """The user's labels, the image's beneath; dockerdecl's own are not the user's."""

    def write(self, value: Mapping[str, str], body: Raw, spec: Container, context: Context) -> None:
        body.setdefault("Config", {}).setdefault("Labels", {}).update(value)

    def read(self, live: Raw, context: Context) -> dict[str, str]:
        return users_labels(look_up(live, "Config.Labels"))

    def effective(self, value: Mapping[str, str] | None, spec: Container, context: Context) -> dict[str, str]:
        return {**users_labels(_image(context, "Labels")), **(value or {})}


_HEALTH_KEYS = {
    "test": "Test",
    "interval": "Interval",
    "timeout": "Timeout",
    "start_period": "StartPeriod",
    "start_interval": "StartInterval",
    "retries": "Retries",
}


def _health(raw: Mapping[str, Any] | None) -> dict[str, Any]:
    found = {word: (raw or {}).get(key) for word, key in _HEALTH_KEYS.items()}
    return {word: _health_word(word, value) for word, value in found.items() if value}


def _health_word(word: str, value: Any) -> Any:
    match word:
        case "test":
            return tuple(value)
        case "retries":
            return value
    return show_duration(value)


def _settled(health: dict[str, Any]) -> dict[str, Any]:
    "nothing to run is no health check, whatever else the image's keys say"
    return health if health.get("test") not in (None, ("NONE",)) else {}


@dataclass(frozen=True, slots=True)
class HealthcheckLens:
    """Merged with the image's key by key, 0 meaning the image's. A disabled check equals none."""

    def write(self, value: Any, body: Raw, spec: Container, context: Context) -> None:
        wanted = {_HEALTH_KEYS[word]: given for word, given in self._declared(value).items()}
        put(body, "Config.Healthcheck", {key: list(v) if isinstance(v, tuple) else v for key, v in wanted.items()})

    def read(self, live: Raw, context: Context) -> dict[str, Any]:
        return _settled(_health(look_up(live, "Config.Healthcheck")))

    def effective(self, value: Any, spec: Container, context: Context) -> dict[str, Any]:
        declared = {} if value is None else self._declared(value)
        if not context.speaks("1.44"):
            declared.pop("start_interval", None)
        words = {word: _health_word(word, given) for word, given in declared.items()}
        return _settled({**_health(_image(context, "Healthcheck")), **words})

    def _declared(self, value: Any) -> dict[str, Any]:
        if value.disable:
            return {"test": ("NONE",)}
        return {word: given for word in _HEALTH_KEYS if (given := getattr(value, word))}


@dataclass(frozen=True, slots=True)
class StopSignalLens:
    """A signal by its full name; what neither user nor image says is SIGTERM."""

    def write(self, value: str, body: Raw, spec: Container, context: Context) -> None:
        put(body, "Config.StopSignal", value)

    def read(self, live: Raw, context: Context) -> str:
        return signal_name(look_up(live, "Config.StopSignal") or "SIGTERM")

    def effective(self, value: str | None, spec: Container, context: Context) -> str:
        return signal_name(value or _image(context, "StopSignal") or "SIGTERM")


_SIGNAL_NAMES = (
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS",
)  # fmt: skip
_SIGNALS = {number: f"SIG{name}" for number, name in enumerate(_SIGNAL_NAMES, start=1)}


def signal_name(text: str) -> str:
    """`SIGTERM` for `15`, `TERM`, `sigterm`; raises ValueError for what is no Linux signal."""
    upper = text.strip().upper()
    name = _SIGNALS.get(int(upper), "") if upper.isdigit() else "SIG" + upper.removeprefix("SIG")
    if name in _SIGNALS.values() or name.startswith(("SIGRTMIN", "SIGRTMAX")):
        return name
    raise ValueError(f"{text!r} is no signal; write a name such as SIGTERM or SIGUSR1")


@dataclass(frozen=True, slots=True)
class WorkingDirLens:
    """A clean absolute path, the image's where none is given."""

    def write(self, value: str, body: Raw, spec: Container, context: Context) -> None:
        put(body, "Config.WorkingDir", value)

    def read(self, live: Raw, context: Context) -> str | None:
        return clean_path(look_up(live, "Config.WorkingDir"))

    def effective(self, value: str | None, spec: Container, context: Context) -> str | None:
        return clean_path(value or _image(context, "WorkingDir"))


def clean_path(path: str | None) -> str | None:
    """A path as the engine cleans it: no `//`, `.`, `..` or slash at the end; None for none."""
    return "/" + posixpath.normpath(path).lstrip("/") if path else None


@dataclass(frozen=True, slots=True)
class StopGracePeriodLens:
    """Whole seconds on the engine, nanoseconds here; the engine waits 10 s where nothing is said."""

    def write(self, value: int, body: Raw, spec: Container, context: Context) -> None:
        put(body, "Config.StopTimeout", -(-value // _NANOSECONDS))

    def read(self, live: Raw, context: Context) -> int:
        seconds = look_up(live, "Config.StopTimeout")
        return (10 if seconds is None else int(seconds)) * _NANOSECONDS

    def effective(self, value: int | None, spec: Container, context: Context) -> int:
        return 10 * _NANOSECONDS if value is None else -(-value // _NANOSECONDS) * _NANOSECONDS
