"""Whether a container is what it was waited for: up, healthy, steady, completed. Where it is lost, an error that helps:
exit code, out of memory or not, last lines of its log and of its health check.
"""

from __future__ import annotations

from collections.abc import Callable

from dockerdecl.engine.answers import Json
from dockerdecl.engine.calls import containers
from dockerdecl.engine.client import Engine
from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.execution.waiting import Verdict
from dockerdecl.values import dataclass

_LOG_LINES = 15
_SIGNALS = 128


@dataclass(frozen=True, slots=True)
class Witness:
    """Who can be asked about a container; `show_log`: whether what it logs may be shown."""

    engine: Engine
    show_log: bool = True


def stays_up(witness: Witness, raw: Json, over: bool, *, restarts: int) -> bool:
    """Up when the time is over; lost as soon as it exits or is restarted once more."""
    _still_runs(witness, raw, restarts)
    return over


def is_healthy(witness: Witness, raw: Json, over: bool, *, restarts: int) -> bool:
    """Healthy; lost when it is unhealthy, exits, is restarted once more, or the time is over."""
    _still_runs(witness, raw, restarts)
    health = raw["State"].get("Health") or {}
    if not health or health.get("Status") == "none":
        hint = "give it a `healthcheck`, or depend on it with `condition: service_started`"
        raise fail("no-health-check", f"{_name(raw)} has no health check, so it can't become healthy", hint=hint)
    if health["Status"] == "healthy":
        return True
    if health["Status"] == "unhealthy" or over:
        how = "is unhealthy" if health["Status"] == "unhealthy" else "did not become healthy in time"
        hint = "see whether the check is right and the time is enough: `interval`, `retries`, `start_period`"
        raise _unhealthy(witness, raw, how, hint)
    return False


def stays_steady(witness: Witness, raw: Json, over: bool) -> bool:
    """Up and not unhealthy when the time is over; lost as soon as it is unhealthy, exits or is restarted."""
    _still_runs(witness, raw, 0, ended="ended while it was watched")
    if (raw["State"].get("Health") or {}).get("Status") == "unhealthy":
        hint = "it was up and well at first; see what changes while it works"
        raise _unhealthy(witness, raw, "became unhealthy while it was watched", hint)
    return over


def _unhealthy(witness: Witness, raw: Json, how: str, hint: str) -> DockerdeclError:
    "what the check said last, and the container's own last lines"
    printed = [(entry.get("Output") or "").strip() for entry in raw["State"]["Health"].get("Log") or ()][-1:]
    said = f"its check said: {printed[0]}" if printed and printed[0] else "its check said nothing"
    return fail("unhealthy", f"{_name(raw)} {how}; {said}{_last_lines(witness, raw)}", hint=hint)


def has_completed(witness: Witness, raw: Json, over: bool) -> bool:
    """Exited with 0; lost when it exits with anything else."""
    state = raw["State"]
    if state["Status"] == "exited" and not state["ExitCode"]:
        return True
    if state["Status"] in ("exited", "dead"):
        raise exited(witness, raw, "did not complete")
    return False


def verdict(engine: Engine, judge: Callable[[Witness, Json, bool], bool], *, show_log: bool = True) -> Verdict:
    """One of the above, for this engine."""
    witness = Witness(engine, show_log)
    return lambda raw, over: judge(witness, raw, over)


def hook_failed(program: str, code: int, printed: str) -> DockerdeclError:
    """What is known of a hook that failed: its exit code, and the last lines of what it printed."""
    message = f"{program} ended with exit code {code}{_in_words(code)}"
    lines = [line for line in printed.splitlines() if line.strip()][-_LOG_LINES:]
    if lines:
        message += "\nits last lines:\n" + "\n".join(f"  {line}" for line in lines)
    hint = "see the command of the hook in the manifest: it runs in the container, as its user, and must exit with 0"
    return fail("hook-failed", message, hint=hint)


def _still_runs(witness: Witness, raw: Json, restarts: int, ended: str = "exited right after its start") -> None:
    if raw["State"].get("Restarting") or raw.get("RestartCount", 0) > restarts:
        raise exited(witness, raw, "exits and is restarted again and again")
    if not raw["State"].get("Running"):
        raise exited(witness, raw, ended)


def exited(witness: Witness, raw: Json, how: str) -> DockerdeclError:
    """What is known of an end: the exit code, whether memory ran out, the last lines."""
    state = raw["State"]
    code = int(state.get("ExitCode") or 0)
    message = f"{_name(raw)} {how} (exit code {code}{_in_words(code)})"
    if state.get("OOMKilled"):
        message += "; it was killed since it ran out of memory"
    if state.get("Error"):
        message += f"; the engine says: {state['Error']}"
    return fail("exited", message + _last_lines(witness, raw), hint=_hint(state, code))


def _last_lines(witness: Witness, raw: Json) -> str:
    log = _log(witness.engine, raw) if witness.show_log else ""
    return f"\nits last lines:\n{log}" if log else ""


def _hint(state: Json, code: int) -> str:
    if state.get("OOMKilled"):
        return "raise `mem_limit`, or let the program use less"
    if code == 0:
        return (
            "its command came to its end: a container needs a process that keeps running in the foreground; "
            "a job that ends is declared with `state: completed`"
        )
    if code in (126, 127):
        return "see whether the command exists in the image, and may be executed"
    return "its log has the reason: `docker logs`; see the command, the environment and the mounts"


def _in_words(code: int) -> str:
    known = {
        126: ", not executable",
        127: ", command not found",
        137: ", killed",
        139: ", segmentation fault",
        143: ", ended",
    }
    return known.get(code, f", signal {code - _SIGNALS}" if code > _SIGNALS else "")


def _log(engine: Engine, raw: Json) -> str:
    try:
        text = containers.logs_tail(engine, raw["Id"], _LOG_LINES)
    except DockerdeclError:  # a log driver that can't be read is no reason to hide the exit code
        return ""
    return "\n".join(f"  {line}" for line in text.splitlines())


def _name(raw: Json) -> str:
    return str(raw["Name"]).lstrip("/")
