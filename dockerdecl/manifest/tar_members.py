"""The parts of a tar that is written: headers that say nothing but what a member is, so that the same content gives the
same bytes. Reads nothing.
"""

from __future__ import annotations

import tarfile

END = bytes(2 * tarfile.BLOCKSIZE)
"""What every tar ends with."""


def head(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    """The header of a member that says nothing but what it is."""
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = size, kind, link
    member.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    return member.tobuf(format=tarfile.PAX_FORMAT)


def padding(size: int) -> bytes:
    """What fills the last block of a content."""
    return bytes(-size % tarfile.BLOCKSIZE)
