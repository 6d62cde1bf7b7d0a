"""Points in time as people write them: `10m` ago, a date and time, seconds since 1970.

Takes a text, the time it is and the zone that a time without one is meant in; gives nanoseconds since 1970, since
engines note that finely what happens. Knows no clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from dockerdecl.errors import ExitCode, fail
from dockerdecl.expressions import expression

NANOS = 1_000_000_000

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = expression(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNIX = expression(r"(\d{9,11})(?:\.(\d{1,9}))?")
_FRACTION = expression(r"[.,](\d+)")


def moment(text: str, now: float, zone: tzinfo | None) -> int:
    """The point in time that a text means; a duration is so long before `now`. Raises `time-invalid`."""
    seconds = _duration(text)
    if seconds is not None:
        return int((now - seconds) * NANOS)
    unix = _UNIX.fullmatch(text)
    if unix:
        return int(unix[1]) * NANOS + int((unix[2] or "").ljust(9, "0"))
    try:
        return nanos_of(text, zone)
    except ValueError as error:
        hint = "write how long ago (10m, 1h30m, 2d), a date or time (2026-03-01, 2026-03-01T14:30, with Z or +02:00)"
        raise fail("time-invalid", f"{text!r} is no point in time", hint=hint, exit_code=ExitCode.USAGE) from error


def nanos_of(text: str, zone: tzinfo | None = UTC) -> int:
    """The nanoseconds since 1970 of an ISO 8601 time; `zone` counts where it names none, None is this machine's.

    Raises ValueError.
    """
    fraction = _FRACTION.search(text)
    whole = datetime.fromisoformat(_FRACTION.sub("", text, count=1) if fraction else text)
    if whole.tzinfo is None:
        whole = whole.replace(tzinfo=zone) if zone else whole.astimezone()
    return int(whole.timestamp()) * NANOS + int(fraction[1][:9].ljust(9, "0") if fraction else 0)


def engine_time(nanos: int) -> str:
    """A point in time as the parameters of the Engine API want it."""
    return f"{nanos // NANOS}.{nanos % NANOS:09d}"


def iso_time(nanos: int) -> str:
    """A point in time in UTC, to the nanosecond."""
    whole = datetime.fromtimestamp(nanos // NANOS, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{nanos % NANOS:09d}Z"


def _duration(text: str) -> float | None:
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
