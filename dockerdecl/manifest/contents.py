"""What the files that a manifest names hold: secrets, configs, environments, profiles, image archives, build contexts.

Takes a document, gives the contents that its resolution needs, and a problem with its place for all that can't be read.
No content of a secret ever gets into a message.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field, replace
from pathlib import Path
from typing import BinaryIO, TypeVar

from dockerdecl.errors import DockerdeclError, Problem, Where, fail
from dockerdecl.manifest.archives import (
    SavedImages,
    open_for_engine,
    read_root_file_system,
    read_saved_images,
)
from dockerdecl.manifest.build_context import BuildContext, open_context_tar, read_context
from dockerdecl.manifest.environment import Environments
from dockerdecl.manifest.explain import did_you_mean
from dockerdecl.manifest.load import Loaded
from dockerdecl.manifest.nodes import NodePath
from dockerdecl.manifest.places import Places
from dockerdecl.manifest.profiles import with_profile
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.desired import Built, Import, Load, Source
from dockerdecl.resources.document import Document
from dockerdecl.resources.files.spec import FileSource
from dockerdecl.resources.image.reference import parse
from dockerdecl.resources.image.spec import Build, Image
from dockerdecl.resources.resolve import Contents
from dockerdecl.values import dataclass

_Read = TypeVar("_Read")
# What an archive needs is mostly hashing, which releases the interpreter.
_READERS = min(4, os.cpu_count() or 1)
_LARGEST_FILE = 64 << 20


@dataclass(frozen=True, slots=True)
class Read:
    """What reading gave: the document with its environments complete, and the contents beside it."""

    document: Document
    contents: Contents = field(default_factory=Contents, repr=False)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


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


def read_contents(document: Document, loaded: Loaded, places: Places, working_directory: Path) -> Read:
    """Everything that `document` names, each file once."""
    environments = Environments(loaded.environment, places, working_directory)
    problems: list[Problem] = []
    containers = {
        key: _with_profiles(environments.completed(key, spec), ("containers", key), places, problems)
        for key, spec in document.containers.items()
    }
    files: dict[str, dict[str, bytes]] = {}
    for section in ("secrets", "configs"):
        files[section] = {}
        for key, source in getattr(document, section).items():
            word = _given(source)
            path = (section, key, word)
            if word != "content" and not getattr(source, word):
                continue  # an empty name is a finding of the checks
            try:
                files[section][key] = _content(source, loaded.environment)
            except DockerdeclError as error:
                problems += _bound(error, places.value(path), None)
    sources, in_images = _sources(document.images, loaded, places)
    return Read(
        document.model_copy(update={"containers": containers}),
        Contents(files["secrets"], files["configs"], sources),
        (*problems, *in_images, *dict.fromkeys(environments.problems)),
        tuple(dict.fromkeys(environments.warnings)),
    )


def _bound(error: DockerdeclError, where: Where, address: str | None) -> Iterator[Problem]:
    """The problems of what a file holds, at the place that names it where they have none of their own."""
    for problem in error.problems:
        hint = problem.hint or "correct the path here, or put the file there"
        yield replace(problem, where=problem.where or where, address=problem.address or address, hint=hint)


def _with_profiles(container: Container, path: NodePath, places: Places, problems: list[Problem]) -> Container:
    options = []
    for index, option in enumerate(container.security_opt or ()):
        try:
            options.append(with_profile(option, _bytes_of))
        except DockerdeclError as error:
            problems += _bound(error, places.value((*path, "security_opt", index)), None)
    return container.model_copy(update={"security_opt": tuple(options)}) if options else container


def _given(source: FileSource) -> str:
    return next(word for word in ("file", "environment", "content") if getattr(source, word) is not None)


def _content(source: FileSource, environ: Mapping[str, str]) -> bytes:
    """The bytes of a secret or config. Raises DockerdeclError, which never holds any of them."""
    if source.content is not None:
        return source.content.encode()
    if source.environment is not None:
        value = environ.get(source.environment)
        if value is None:
            hint = did_you_mean(
                source.environment, environ, "set it in the environment, in `.env` or with `--env-file`"
            )
            raise fail("variable-required", f"the environment variable `{source.environment}` is not set", hint=hint)
        return value.encode("utf-8", "surrogateescape")
    return _bytes_of(Path(source.file or ""))


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # A named device or pipe may never end.
            content = file.read(_LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise fail("file-not-found", f"the file {path} does not exist", hint="make it, or correct the path") from error
    except OSError as error:
        raise fail(
            "file-not-readable", f"{path} can't be read: {error.strerror}", hint="it must be a file that you may read"
        ) from error
    if len(content) > _LARGEST_FILE:
        message = f"{path} has more than {_LARGEST_FILE >> 20} MB"
        raise fail("file-too-large", message, hint="mount large files as a volume instead")
    return content


def _sources(images: Mapping[str, Image], loaded: Loaded, places: Places) -> tuple[dict[str, Source], list[Problem]]:
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
            problems += _bound(error, where, f"image.{key}")
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
