"""What image archives hold, read from the files alone, so that a plan knows whether an engine has it already.

Takes the path of a `docker save` archive (for `load`) or of a root file system tar (for `import`); gives the ids by
which an engine would know what is in it. Streams: nothing is unpacked, and only small JSON documents are kept.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from dockerdecl.errors import DockerdeclError
from dockerdecl.expressions import expression
from dockerdecl.manifest.archive_streams import (
    LARGEST_DOCUMENT,
    archive_error,
    members,
    open_for_engine,
    open_tar,
)
from dockerdecl.resources.image.reference import Reference, parse
from dockerdecl.values import dataclass

__all__ = [
    "RootFileSystem",
    "SavedImage",
    "SavedImages",
    "open_for_engine",
    "read_root_file_system",
    "read_saved_images",
]

_LARGEST_SUM = 16 * LARGEST_DOCUMENT
_MOST_TOP_LEVEL_NAMES = 4096
_ROOT_DIRECTORIES = frozenset({"bin", "dev", "etc", "lib", "proc", "sbin", "usr", "var"})
_LEGACY_CONFIG = expression(r"[a-f0-9]{64}\.json")


@dataclass(frozen=True, slots=True)
class SavedImage:
    """One image of a `docker save` archive.

    `config_digest` is the image's id on an engine with the classic image store. `manifest_digests` are the digests of
    its manifest and of the indexes around it, any of which is its id on an engine with the containerd image store;
    empty for archives of engines before 25. `tags` are the tags that a load gives it, as written in the archive;
    `layers` the diff ids, as in `RootFS.Layers`; `config` what containers inherit, as in `Config`; `platform` is
    `os/architecture[/variant]`; `entry` what manifest.json says of it.
    """

    config_digest: str
    manifest_digests: tuple[str, ...]
    tags: tuple[str, ...]
    layers: tuple[str, ...]
    platform: str
    config: Mapping[str, object] = field(default_factory=dict)
    entry: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def ids(self) -> frozenset[str]:
        """Every id under which an engine may know this image."""
        return frozenset((self.config_digest, *self.manifest_digests))


@dataclass(frozen=True, slots=True)
class SavedImages:
    """The images of one `docker save` archive, in its order."""

    images: tuple[SavedImage, ...]

    def tagged(self, reference: Reference) -> SavedImage | None:
        """The image that a load tags as `reference`: of several the last, whose tag stays."""
        found = (image for image in reversed(self.images) if any(_names(tag, reference) for tag in image.tags))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class RootFileSystem:
    """A root file system tar: `layer` is the only entry of `RootFS.Layers` once it is imported.

    `layer` is `sha256:` of the uncompressed stream, whole: padding and trailing bytes included, as the engine counts
    them. `size` is the number of those bytes.
    """

    layer: str
    size: int


@dataclass(slots=True)
class _Documents:
    """What the JSON documents of an archive say, gathered in one pass: they come in any order, `manifest.json` last."""

    entries: list[Mapping[str, object]] | None = None
    configs: dict[str, _Config] = field(default_factory=dict)
    config_of_manifest: dict[str, str] = field(default_factory=dict)
    children_of_index: dict[str, tuple[str, ...]] = field(default_factory=dict)
    top_level: set[str] = field(default_factory=set)
    bytes_read: int = 0


@dataclass(frozen=True, slots=True)
class _Config:
    digest: str
    layers: tuple[str, ...]
    platform: str
    inherited: Mapping[str, object]


def read_saved_images(path: Path) -> SavedImages:
    """The images in the `docker save` archive at `path`, of either layout (`ID.json` files, or OCI with `blobs/`).

    Raises DockerdeclError if the file can't be read, is damaged, or is no such archive.
    """
    documents = _Documents()
    with open_tar(path) as stream:
        for archive, member in members(stream):
            name = _plain_name(member.name)
            _see(documents.top_level, name)
            content = archive.extractfile(member) if member.isreg() and member.size <= LARGEST_DOCUMENT else None
            # A layer is skipped by its first byte, so that only what may be JSON is ever held in memory.
            start = content.read(1) if content else b""
            if content and start in (b"{", b"["):
                documents.bytes_read += member.size
                if documents.bytes_read > _LARGEST_SUM:
                    raise archive_error("archive-corrupt", path, f"more than {_LARGEST_SUM >> 20} MB of JSON documents")
                _read_document(documents, path, name, start + content.read())
    if documents.entries is None:
        raise _no_saved_images(path, documents.top_level)
    return SavedImages(tuple(_saved_image(path, entry, documents) for entry in documents.entries))


def saved_images_of(path: Path, documents: Mapping[str, bytes]) -> SavedImages:
    """The images of an archive whose documents were read elsewhere, by their names in it. As `read_saved_images`."""
    read = _Documents()
    for name, content in documents.items():
        _read_document(read, path, name, content)
    if read.entries is None:
        raise _no_saved_images(path, set(documents))
    return SavedImages(tuple(_saved_image(path, entry, read) for entry in read.entries))


def read_root_file_system(path: Path) -> RootFileSystem:
    """What an import of the tar at `path` would make its one layer.

    The engine undoes gzip, bzip2 and xz (and zstd since 23) before it counts, so the digest is of the uncompressed tar.
    Raises DockerdeclError if the file can't be read, is damaged, is not a tar, or is a `docker save` archive.
    """
    digest = hashlib.sha256()
    top_level: set[str] = set()
    with open_tar(path, digest) as stream:
        for _, member in members(stream):
            _see(top_level, _plain_name(member.name))
        stream.drain()
    if "manifest.json" in top_level and (
        top_level & {"oci-layout", "repositories"} or any(_LEGACY_CONFIG.fullmatch(name) for name in top_level)
    ):
        raise archive_error(
            "archive-holds-images", path, "holds saved images, not a root file system", "use `load` instead of `import`"
        )
    return RootFileSystem(f"sha256:{digest.hexdigest()}", stream.position)


def _plain_name(name: str) -> str:
    return posixpath.normpath(name).lstrip("/")


def _see(top_level: set[str], name: str) -> None:
    if len(top_level) < _MOST_TOP_LEVEL_NAMES:
        top_level.add(name.partition("/")[0])


def _read_document(documents: _Documents, path: Path, name: str, content: bytes) -> None:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        if name == "manifest.json":
            raise archive_error("archive-corrupt", path, f"its manifest.json is not JSON ({error})") from error
        return
    if name == "manifest.json":
        if not isinstance(document, list) or not all(isinstance(entry, dict) for entry in document):
            raise archive_error("archive-corrupt", path, "its manifest.json is not a list of images")
        documents.entries = document
    elif isinstance(document, dict):
        _sort_document(documents, name, f"sha256:{hashlib.sha256(content).hexdigest()}", document)


def _sort_document(documents: _Documents, name: str, digest: str, document: Mapping[str, object]) -> None:
    match document:
        case {"rootfs": dict(root_file_system)}:
            platform = (document.get("os"), document.get("architecture"), document.get("variant"))
            inherited = document.get("config")
            documents.configs[name] = _Config(
                digest,
                _strings(root_file_system.get("diff_ids")),
                "/".join(str(part) for part in platform if part),
                inherited if isinstance(inherited, dict) else {},
            )
        case {"config": {"digest": str(config)}, "layers": list()}:
            documents.config_of_manifest[digest] = config
        case {"manifests": list(children)} if name != "index.json":
            listed = (child.get("digest") for child in children if isinstance(child, dict))
            documents.children_of_index[digest] = tuple(child for child in listed if isinstance(child, str))
        case _:
            pass


def _saved_image(path: Path, entry: Mapping[str, object], documents: _Documents) -> SavedImage:
    name = entry.get("Config")
    config = documents.configs.get(_plain_name(name)) if isinstance(name, str) else None
    if config is None:
        raise archive_error(
            "archive-incomplete",
            path,
            f"lacks the image configuration `{name}` that its manifest.json names",
            _SAVE_AGAIN,
        )
    digests = _manifests_of(config.digest, documents)
    tags = _strings(entry.get("RepoTags"))
    return SavedImage(config.digest, digests, tags, config.layers, config.platform, config.inherited, entry)


def _manifests_of(config: str, documents: _Documents) -> tuple[str, ...]:
    """The manifests of the image with this configuration, then the indexes around them, from the inside out."""
    found = [manifest for manifest, its_config in documents.config_of_manifest.items() if its_config == config]
    for inner in found:
        around = (index for index, children in documents.children_of_index.items() if inner in children)
        found.extend(index for index in around if index not in found)
    return tuple(found)


def _strings(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _names(tag: str, reference: Reference) -> bool:
    try:
        return parse(tag) == reference
    except ValueError:
        return False


_SAVE_AGAIN = "make the archive again with `docker save`"


def _no_saved_images(path: Path, top_level: set[str]) -> DockerdeclError:
    if "oci-layout" in top_level:
        hint = "an OCI layout without manifest.json: make it with `docker save`, or `buildx build --output type=docker`"
    elif "repositories" in top_level:
        hint = "it was saved by an engine before 1.10: load it there, and save it with a newer one"
    elif len(top_level & _ROOT_DIRECTORIES) > 1:
        hint = "it looks like a root file system (`docker export`): use `import` instead of `load`"
    else:
        hint = "`load` takes what `docker save` wrote; a root file system is for `import`"
    return archive_error("archive-without-images", path, "holds no saved images: there is no manifest.json in it", hint)
