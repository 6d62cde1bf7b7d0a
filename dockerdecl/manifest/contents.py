"""What the files that a manifest names hold: secrets, configs, environments, profiles, image archives, build contexts.

Takes a document, gives the contents that its resolution needs, and a problem with its place for all that can't be read.
No content of a secret ever gets into a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from dockerdecl.errors import DockerdeclError, Problem, fail
from dockerdecl.manifest.environment import Environments
from dockerdecl.manifest.explain import did_you_mean
from dockerdecl.manifest.load import Loaded
from dockerdecl.manifest.nodes import NodePath
from dockerdecl.manifest.places import Places, at_place
from dockerdecl.manifest.profiles import with_profile
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.desired import Source
from dockerdecl.resources.document import Document
from dockerdecl.resources.files.spec import FileSource
from dockerdecl.resources.image.spec import Image
from dockerdecl.resources.resolve import Contents
from dockerdecl.values import dataclass

_LARGEST_FILE = 64 << 20


@dataclass(frozen=True, slots=True)
class Read:
    """What reading gave: the document with its environments complete, and the contents beside it."""

    document: Document
    contents: Contents = field(default_factory=Contents, repr=False)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


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
                problems += at_place(error, places.value(path), None)
    sources, in_images = _sources(document.images, loaded, places)
    return Read(
        document.model_copy(update={"containers": containers}),
        Contents(files["secrets"], files["configs"], sources),
        (*problems, *in_images, *dict.fromkeys(environments.problems)),
        tuple(dict.fromkeys(environments.warnings)),
    )


def _with_profiles(container: Container, path: NodePath, places: Places, problems: list[Problem]) -> Container:
    options = []
    for index, option in enumerate(container.security_opt or ()):
        try:
            options.append(with_profile(option, _bytes_of))
        except DockerdeclError as error:
            problems += at_place(error, places.value((*path, "security_opt", index)), None)
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
    if not any(image.load or image.import_ or image.build for image in images.values()):
        return {}, []
    from dockerdecl.manifest.image_sources import read_sources

    return read_sources(images, loaded, places)
