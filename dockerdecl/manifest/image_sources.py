"""The images that come from files: archives, root file systems, build contexts.

Takes the images of a document, gives their sources, and a problem with its place for all that can't be read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, TypeVar

from dockerdecl.errors import DockerdeclError, Problem, fail
from dockerdecl.manifest.archives import (
    SavedImages,
    open_for_engine,
    read_root_file_system,
    read_saved_images,
)
from dockerdecl.manifest.build_context import BuildContext, open_context_tar, read_context
from dockerdecl.manifest.load import Loaded
from dockerdecl.manifest.places import Places, at_place
from dockerdecl.resources.desired import Built, Import, Load, Source
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.image.spec import Build, Image
from dockerdecl.values import dataclass

_Read = TypeVar("_Read")
# What an archive needs is mostly hashing, which releases the interpreter.
_READERS = min(4, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class ArchiveContent:
    """An archive, as an engine takes it."""

    path: Path

    def open(self) -> BinaryIO:
        """Its bytes; the caller closes them."""
        return open_for_engine(self.path)


@dataclass(frozen=True, slots=True)
class ContextContent:
    """A build context, as an engine takes it."""

    context: BuildContext

    def open(self) -> BinaryIO:
        """A tar of just what was read; the caller closes it."""
        return open_context_tar(self.context)


def read_sources(
    images: Mapping[str, Image], loaded: Loaded, places: Places
) -> tuple[dict[str, Source], list[Problem]]:
    """The sources of the images that come from files, and what is wrong with them."""
    found: dict[str, Source] = {}
    problems: list[Problem] = []
    wanted = {key: image for key, image in images.items() if image.state != "absent"}
    archives = _read_all(read_saved_images, {Path(image.load) for image in wanted.values() if image.load})
    roots = _read_all(read_root_file_system, {Path(image.import_) for image in wanted.values() if image.import_})
    for key, image in wanted.items():
        word = next((word for word in ("load", "import_", "build") if getattr(image, word)), None)
        try:
            if image.load:
                found[key] = _loaded(image, Path(image.load), _outcome(archives[Path(image.load)]))
            elif image.import_:
                root = _outcome(roots[Path(image.import_)])
                content = ArchiveContent(Path(image.import_))
                found[key] = Import(image.import_, root.layer, image.changes, content)
            elif image.build:
                found[key] = _built(image, image.build, loaded)
        except DockerdeclError as error:
            where = places.value(("images", key, (word or "").rstrip("_")))
            problems += at_place(error, where, f"image.{key}")
    return found, problems


def _read_all(read: Callable[[Path], _Read], paths: set[Path]) -> dict[Path, _Read | DockerdeclError]:
    """What `read` gives for each path, or its error; several at once."""

    def attempt(path: Path) -> _Read | DockerdeclError:
        try:
            return read(path)
        except DockerdeclError as error:
            return error

    ordered = sorted(paths)
    if len(ordered) < 2:
        return {path: attempt(path) for path in ordered}
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_READERS) as readers:
        return dict(zip(ordered, readers.map(attempt, ordered), strict=True))


def _outcome(read: _Read | DockerdeclError) -> _Read:
    if isinstance(read, DockerdeclError):
        raise read
    return read


def _loaded(image: Image, path: Path, saved: SavedImages) -> Load:
    chosen = saved.tagged(parse(image.ref)) or (saved.images[0] if len(saved.images) == 1 else None)
    if chosen is None:
        tags = [tag for held in saved.images for tag in held.tags]
        hint = f"it holds {', '.join(sorted(tags))}" if tags else "it holds several images without a tag"
        raise fail("archive-lacks-image", f"{path} holds no image `{image.ref}`", hint=hint)
    return Load(str(path), chosen.ids, ArchiveContent(path), chosen.layers, dict(chosen.config))


def _built(image: Image, spec: Build, loaded: Loaded) -> Built:
    given = {name: loaded.environment.get(name) if text is None else text for name, text in (spec.args or {}).items()}
    arguments = {name: text for name, text in given.items() if text is not None}
    context = read_context(
        loaded.project_directory / spec.context,
        spec.dockerfile,
        dockerfile_inline=spec.dockerfile_inline,
        build_args=arguments,
        target=spec.target,
    )
    parts = {
        "context": context.digest,
        "dockerfile": context.dockerfile_digest,
        "args": arguments,
        "target": spec.target,
        "labels": dict(spec.labels or {}),
        "network": spec.network,
        "platform": image.platform,
    }
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    resolved = spec.model_copy(update={"args": arguments})
    return Built(resolved, f"sha256:{digest}", context.bases, context.dockerfile, ContextContent(context))
