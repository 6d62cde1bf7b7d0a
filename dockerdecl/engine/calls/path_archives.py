"""Files of containers as tar streams, in both directions; nothing is held in memory. Decides nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator

from dockerdecl.engine.answers import Answer, Json
from dockerdecl.engine.client import Engine, segment
from dockerdecl.values import dataclass

_STAT = "X-Docker-Container-Path-Stat"


@dataclass(frozen=True, slots=True)
class OpenArchive:
    """A file or folder of a container: what it is, and its tar, to be read to the end or closed."""

    stat: Json
    answer: Answer

    def chunks(self) -> Iterator[bytes]:
        """The tar. Raises `connection-lost`."""
        return self.answer.chunks()

    def close(self) -> None:
        """Let go of the connection."""
        self.answer.close()


def read_archive(engine: Engine, container: str, path: str) -> OpenArchive:
    """Begin to read a file or folder. Raises `not-found` and `file-not-found`."""
    answer = engine.request(
        "GET", f"/containers/{segment(container)}/archive", params={"path": path}, stream=True, timeout=None
    )
    return OpenArchive(json.loads(base64.b64decode(answer.header(_STAT))), answer)


def write_archive(engine: Engine, container: str, path: str, tar: Iterable[bytes]) -> None:
    """Unpack a tar into the folder `path`. A folder never takes the place of a file, nor a file that of a folder.

    Raises `file-not-found` where there is no such folder, `mount-read-only`.
    """
    engine.request(
        "PUT",
        f"/containers/{segment(container)}/archive",
        params={"path": path, "noOverwriteDirNonDir": True},
        data=tar,
        headers={"Content-Type": "application/x-tar"},
        timeout=None,
    )
