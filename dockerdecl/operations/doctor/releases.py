"""Docker's releases: since when each is there, and until when it was maintained. A table; asks nobody."""

from __future__ import annotations

from datetime import date

from dockerdecl.values import dataclass

AS_OF = date(2026, 3, 10)
"""When the table was last compared with what Moby tells of its branches."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release series; `ended` is None while its end was not announced."""

    series: str
    released: date
    ended: date | None = None


RELEASES = (
    Release("29", date(2025, 11, 10)),
    Release("28", date(2025, 2, 20)),
    Release("27", date(2024, 6, 25), date(2025, 5, 3)),
    Release("26.1", date(2024, 4, 22), date(2025, 2, 17)),
    Release("26.0", date(2024, 3, 20), date(2024, 6, 8)),
    Release("25.0", date(2024, 1, 19)),
    Release("24.0", date(2023, 5, 16), date(2024, 6, 8)),
    Release("23.0", date(2023, 2, 2), date(2025, 5, 19)),
    Release("20.10", date(2020, 12, 9), date(2023, 12, 10)),
)


def release_of(version: str) -> Release | None:
    """The release series that an engine's version belongs to; None for one that the table doesn't know."""
    return next((r for r in RELEASES if version == r.series or version.startswith(f"{r.series}.")), None)
