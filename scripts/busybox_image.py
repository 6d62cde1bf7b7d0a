#!/usr/bin/env python3
"""Makes small images from Debian's static busybox, with no network and no engine.

    busybox_image.py rootfs FILE          a root file system, as `docker import` takes it
    busybox_image.py image REFERENCE FILE an image, as `docker load` takes it

Takes /bin/busybox (package busybox-static) and gives a tar; the same busybox gives the same bytes. Standard library
only, since it runs before anything is installed.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ETC = {"passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n", "group": "root:x:0:\n"}
FOLDERS = ("bin", "etc", "root", "tmp", "var", "www")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}


class NoBusyboxError(Exception):
    """There is no static busybox here; the message says what to do."""


@functools.cache
def busybox_rootfs_tar() -> bytes:
    """A root file system: busybox, a link for each applet, /etc/passwd, /tmp, an empty /www. Raises NoBusyboxError."""
    busybox = Path(shutil.which("busybox") or "/bin/busybox")
    if not busybox.exists():
        raise NoBusyboxError("there is no busybox: install the package busybox-static")
    program = busybox.read_bytes()
    if b"/ld-linux" in program or b"/ld-musl" in program:
        raise NoBusyboxError(f"{busybox} is linked to shared libraries: install the package busybox-static")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    files = {"bin/busybox": (program, 0o755), **{f"etc/{name}": (text.encode(), 0o644) for name, text in ETC.items()}}
    return _tar(files, folders=FOLDERS, links={f"bin/{a}": "busybox" for a in applets if a != "busybox"})


def saved_image_tar(reference: str, config: Mapping[str, object]) -> bytes:
    """An image of the busybox root file system as `docker save` writes it; `config` as in the image's Config."""
    layer = busybox_rootfs_tar()
    digest = hashlib.sha256(layer).hexdigest()
    description = json.dumps(
        {
            "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "created": "1970-01-01T00:00:00Z",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "busybox"}],
        }
    ).encode()
    name = f"{hashlib.sha256(description).hexdigest()}.json"
    manifest = json.dumps([{"Config": name, "RepoTags": [reference], "Layers": [f"{digest}/layer.tar"]}]).encode()
    files = {f"{digest}/layer.tar": (layer, 0o644), name: (description, 0o644), "manifest.json": (manifest, 0o644)}
    return _tar(files, folders=(digest,), links={})


def _tar(files: Mapping[str, tuple[bytes, int]], *, folders: Sequence[str], links: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for folder in folders:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            archive.addfile(entry)
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
        for name, target in links.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return buffer.getvalue()


def main(arguments: Sequence[str]) -> int:
    """Write the file that the command line asks for; gives the exit code."""
    try:
        match arguments:
            case ["rootfs", file]:
                Path(file).write_bytes(busybox_rootfs_tar())
            case ["image", reference, file]:
                environment = ["PATH=/bin"]
                Path(file).write_bytes(saved_image_tar(reference, {"Cmd": ["/bin/sh"], "Env": environment}))
            case _:
                sys.stderr.write(__doc__ or "")
                return 64
    except (NoBusyboxError, OSError) as error:
        sys.stderr.write(f"busybox_image.py: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
