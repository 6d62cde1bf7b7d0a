"""Secrets and configs as the archive that an engine unpacks. Takes files with their places, gives bytes."""

from __future__ import annotations

import io
import posixpath
import tarfile

from dockerdecl.resources.container.lenses.files import PlacedFile


def files_tar(files: tuple[PlacedFile, ...], base: str) -> bytes:
    """An archive of files at their places below a folder, with their modes and owners."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for placed in files:
            entry = tarfile.TarInfo(posixpath.relpath(placed.target, base))
            entry.size, entry.mode, entry.uid, entry.gid = len(placed.content), placed.mode, placed.uid, placed.gid
            archive.addfile(entry, io.BytesIO(placed.content))
    return buffer.getvalue()
