"""What a file is, by what it begins with: a compressed one, a bundle. Reads none."""

from __future__ import annotations

from enum import Enum

BUNDLE_MARK = "dockerdecl-bundle"
"""The first member of a bundle."""
LONGEST_MARK = len(BUNDLE_MARK) + 1


class Compression(Enum):
    """How a file is compressed; the value is what such a file begins with."""

    NONE = b""
    GZIP = b"\x1f\x8b"
    BZIP2 = b"BZh"
    XZ = b"\xfd7zXZ\x00"
    ZSTD = b"\x28\xb5\x2f\xfd"


def compression(start: bytes) -> Compression:
    """The compression of a file that begins so."""
    return next(kind for kind in reversed(Compression) if start.startswith(kind.value))


def may_be_bundle(start: bytes) -> bool:
    """Whether a file that begins so is a bundle or something that was one, as far as can be told."""
    return compression(start) is not Compression.NONE or start.startswith(f"{BUNDLE_MARK}\0".encode())
