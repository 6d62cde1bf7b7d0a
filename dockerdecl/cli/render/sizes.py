"""Amounts as people say them. Takes numbers of bytes and shares, gives words."""

from __future__ import annotations

NOTHING = "-"

_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def size_words(size: int | None) -> str:
    """So many bytes on a disk or a network, in powers of a thousand, as registries and disks count: `12.3 MB`."""
    return _amount(size, 1000, _DECIMAL)


def memory_words(size: int | None) -> str:
    """So many bytes of memory, in powers of 1024, as limits are written: `12.3 MiB`."""
    return _amount(size, 1024, _BINARY)


def percent_words(share: float | None) -> str:
    """A share in per cent: `0.5%`, `104%`."""
    if share is None:
        return NOTHING
    return f"{share:.0f}%" if share >= 99.95 else f"{share:.1f}%"


def _amount(size: int | None, step: int, units: tuple[str, ...]) -> str:
    if size is None:
        return NOTHING
    amount, power = float(size), 0
    # What would be rounded up to a whole step is one of the next unit.
    while amount >= step - 0.05 and power < len(units) - 1 and size >= step:
        amount, power = amount / step, power + 1
    if power == 0:
        return f"{size} B"
    return f"{amount:.1f} {units[power]}" if amount < 99.95 else f"{amount:.0f} {units[power]}"
