"""A manifest with all it needs in one file: made where the images are, applied where no registry is.

Takes a request, gives the bundle and its index; what comes in is read in `manifest.bundled`, wherever a manifest is.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, cast

from dockerdecl import reconcile
from dockerdecl.errors import DockerdeclError, Problem, fail
from dockerdecl.resources.bundle import (
    BUNDLE_FORMAT,
    CONFIGS,
    IMAGES,
    INDEX,
    LOCK,
    MANIFEST,
    MARK,
    BundleImage,
    BundleIndex,
    BundleMember,
    index_digest,
)
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.progress import OnProgress
    from dockerdecl.manifest.bundle_tree import BundleTree
    from dockerdecl.operations.archives import Destination
    from dockerdecl.operations.output_files import Sink
    from dockerdecl.reconcile import Prepared, Request
    from dockerdecl.resources.file_kinds import Compression

_LEFT_OUT = ("/VERSION", "/json", "repositories")  # of engines before 1.10, and for them


@dataclass(frozen=True, slots=True)
class Bundled:
    """A bundle that was made: its size, and what it holds."""

    size: int
    index: BundleIndex


def prepare(request: Request) -> Prepared:
    """What is to be bundled, with the engine that has the images. Close it when done.

    Raises DockerdeclError where the manifest is invalid, and where the engine lacks an image or has another one.
    """
    prepared = reconcile.plan(request)
    try:
        _require_images(prepared)
    except DockerdeclError:
        prepared.held.close()
        raise
    return prepared


def _require_images(prepared: Prepared) -> None:
    from dockerdecl.planning.values import Action

    prepared_for = prepared.desired.images
    problems = [
        Problem(
            "bundle-image-differs",
            f"the engine has not the image that is declared: {change.reason}",
            str(change.address),
            hint=f"`dockerdecl apply --target {change.address}` brings it there",
        )
        for change in prepared.plan.changes
        if change.address in prepared_for and not prepared_for[change.address].absent and change.action != Action.NONE
    ]
    if problems:
        raise DockerdeclError(*problems)


def write(prepared: Prepared, out: Destination, kind: Compression, on_progress: OnProgress) -> Bundled:
    """Write the bundle. Raises DockerdeclError where the engine or the disk fails; nothing is left then."""
    from dockerdecl.manifest.bundle_tree import bundle_tree
    from dockerdecl.operations.archives import written

    tree = bundle_tree(prepared.manifest)
    with written(out, kind) as (sink, counted):
        packing = _Packing(sink)
        packing.add(MARK, f"{BUNDLE_FORMAT}\n".encode())
        packing.add(MANIFEST, json.dumps(tree.tree, indent=1, ensure_ascii=False).encode())
        lock = _lock(prepared)
        if lock is not None:
            packing.add(LOCK, lock)
        for key, content in sorted(tree.configs.items()):
            packing.add(CONFIGS + key, content)
        images = _add_images(prepared, packing, on_progress)
        index = _index(prepared, tree, images, packing.members, has_lock=lock is not None)
        packing.add(INDEX, json.dumps(index, indent=1).encode())
        packing.end()
    return Bundled(counted.size, index)


def _lock(prepared: Prepared) -> bytes | None:
    from dockerdecl.manifest.lock_file import lock_file_of

    request = prepared.request
    path = lock_file_of(prepared.manifest, request.lock_file, request.working_directory)
    return path.read_bytes() if path.is_file() else None


def _add_images(prepared: Prepared, packing: _Packing, on_progress: OnProgress) -> list[BundleImage]:
    from pathlib import Path

    from dockerdecl.engine.calls.archives import save_images
    from dockerdecl.engine.progress import Progress
    from dockerdecl.manifest.archives import saved_images_of
    from dockerdecl.manifest.bundle_tree import bundled_reference
    from dockerdecl.operations.tar_streams import Arriving, arriving_members

    wanted = {a: image for a, image in sorted(prepared.desired.images.items()) if not image.absent}
    if not wanted:
        return []
    ids = {address: str(prepared.actual.id_of(image.reference)) for address, image in wanted.items()}
    names = {ids[a] if "@" in image.reference else image.reference for a, image in wanted.items()}
    source = Arriving(save_images(prepared.engine, sorted(names)), lambda size: on_progress(Progress("", size)))
    documents = packing.pass_on(arriving_members(source))
    saved = saved_images_of(Path("the engine's archive"), documents).images
    found: list[BundleImage] = []
    for address, image in wanted.items():
        config = next(one.config_digest for one in saved if ids[address] in one.ids)
        declared = address.key in prepared.manifest.document.images
        key = str(address) if declared else f"image.{bundled_reference(address.key)}"
        found.append({"address": key, "reference": bundled_reference(image.reference), "config": config})
    _require_distinct(found)
    return found


def _require_distinct(images: Iterable[BundleImage]) -> None:
    "without the digests that references hold, two of them may be the same"
    by_reference: dict[str, BundleImage] = {}
    for image in images:
        other = by_reference.setdefault(image["reference"], image)
        if other["config"] != image["config"]:
            message = f"{other['address']} and {image['address']} would both be {image['reference']} in the bundle"
            raise fail("bundle-references-clash", message, hint="give the two digests tags that differ")


def _index(
    prepared: Prepared, tree: BundleTree, images: list[BundleImage], members: list[BundleMember], *, has_lock: bool
) -> BundleIndex:
    from dockerdecl import __version__

    rest: dict[str, Any] = {
        "format": BUNDLE_FORMAT,
        "tool": __version__,
        "project": prepared.plan.project,
        "engine": prepared.engine.server_version,
        "profiles": list(prepared.manifest.profiles),
        "lock": LOCK if has_lock else None,
        "locked": prepared.request.locked,
        "images": images,
        "needs": list(tree.needs),
        "host_paths": list(tree.host_paths),
        "members": list(members),
    }
    return cast("BundleIndex", {**rest, "digest": index_digest(rest)})


@dataclass(slots=True)
class _Packing:
    "a tar that is written, and what has gone into it"

    sink: Sink
    members: list[BundleMember] = field(default_factory=list)

    def add(self, name: str, content: bytes) -> None:
        """Add a small member."""
        self._add(name, len(content), [content])

    def pass_on(self, arriving: Iterable[tuple[tarfile.TarInfo, Iterator[bytes]]]) -> Mapping[str, bytes]:
        """Add the members of an archive of images; gives its documents."""
        from dockerdecl.manifest.archive_streams import LARGEST_DOCUMENT
        from dockerdecl.operations.tar_streams import SORTED, sorted_document

        documents: dict[str, bytes] = {}
        for member, content in arriving:
            name = member.name.removeprefix("./")
            if member.isdir() or name.endswith(_LEFT_OUT):
                continue
            if not member.isreg():
                self._add(IMAGES + name, 0, (), member)
            elif member.size > LARGEST_DOCUMENT:
                self._add(IMAGES + name, member.size, content)
            else:
                whole = b"".join(content)
                whole = sorted_document(whole) if name in SORTED else whole
                if whole[:1] in (b"{", b"["):
                    documents[name] = whole
                self.add(IMAGES + name, whole)
        return documents

    def end(self) -> None:
        """Write what a tar ends with."""
        from dockerdecl.manifest.tar_members import END

        self.sink.write(END)

    def _add(self, name: str, size: int, content: Iterable[bytes], link: tarfile.TarInfo | None = None) -> None:
        from dockerdecl.manifest.tar_members import head, padding

        digest = hashlib.sha256((link.linkname if link else "").encode())
        kind = link.type if link else tarfile.REGTYPE
        self.sink.write(head(name, size, kind, link.linkname if link else ""))
        for block in content:
            digest.update(block)
            self.sink.write(block)
        self.sink.write(padding(size))
        self.members.append({"name": name, "size": size, "sha256": digest.hexdigest()})
