"""What policies judge: every resource that a manifest wants there, with its address and where it is written.

Takes a manifest, gives subjects. An image that no entry declares is one where a container names it. What is declared
absent, or for profiles of which none is active, is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dockerdecl.manifest.manifest import Manifest
from dockerdecl.manifest.nodes import Mapping, Node, NodePath, Positions
from dockerdecl.resources.address import Kind
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.desired import Built
from dockerdecl.resources.document import Document
from dockerdecl.resources.image.reference import Reference, parse
from dockerdecl.resources.image.spec import Image
from dockerdecl.resources.spec import Spec
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """One resource: `path` leads to it in the manifest, `written` is what stands there.

    `pulled` has, of an image, the references that come from a registry: its own, or those that it is built upon, with
    the digests of the lock file where that is used; `pulled_at` is where in the resource they are told.
    """

    kind: Kind
    address: str
    path: NodePath
    spec: Spec
    document: Document
    written: Node | None = None
    pulled: tuple[Reference, ...] = ()
    pulled_at: NodePath = ()

    def says(self, word: str) -> bool:
        """Whether the manifest has this key of the resource."""
        return isinstance(self.written, Mapping) and self.written.get(word) is not None


def subjects(manifest: Manifest) -> Iterator[Subject]:
    """Everything that is judged: networks, volumes, containers, then images."""
    document = manifest.document
    places = Positions(manifest.loaded.root)
    for section, kind in (("networks", Kind.NETWORK), ("volumes", Kind.VOLUME), ("containers", Kind.CONTAINER)):
        for key, spec in getattr(document, section).items():
            if spec.state != "absent":
                path = (section, key)
                yield Subject(kind, f"{kind}.{key}", path, spec, document, places.node(path))
    made = {image.ref for image in document.images.values() if not _is_pulled(image)}
    images = (*_declared_images(manifest, made, places), *_implied_images(document, made, places))
    for subject in images:
        yield replace(subject, pulled=tuple(_as_locked(each, manifest) for each in subject.pulled))


def _declared_images(manifest: Manifest, made: set[str], places: Positions) -> Iterator[Subject]:
    for key, image in manifest.document.images.items():
        if image.state == "absent":
            continue
        path = ("images", key)
        source = manifest.contents.sources.get(key)
        bases = tuple(parse(base) for base in source.bases) if isinstance(source, Built) else ()
        pulled = (parse(image.ref),) if _is_pulled(image) else tuple(b for b in bases if b.familiar not in made)
        at = ("ref",) if _is_pulled(image) else ("build",)
        yield Subject(
            Kind.IMAGE, f"image.{key}", path, image, manifest.document, places.node(path), pulled, pulled_at=at
        )


def _implied_images(document: Document, made: set[str], places: Positions) -> Iterator[Subject]:
    for key, container in document.containers.items():
        if container.state == "absent":
            continue
        for path, text in _named(key, container):
            if text not in document.images:
                name = parse(text)
                pulled = () if name.is_id or name.familiar in made else (name,)
                image, address = Image(ref=name.familiar), f"image.{name.familiar}"
                yield Subject(Kind.IMAGE, address, path, image, document, places.node(path[:2]), pulled)


def _as_locked(reference: Reference, manifest: Manifest) -> Reference:
    digest = reference.digest or manifest.digests.get(reference.familiar)
    return replace(reference, digest=digest)


def _named(key: str, container: Container) -> Iterator[tuple[NodePath, str]]:
    if container.image:
        yield ("containers", key, "image"), container.image
    for index, mount in enumerate(container.volumes):
        if mount.type == "image" and mount.source:
            yield ("containers", key, "volumes", index), mount.source


def _is_pulled(image: Image) -> bool:
    return not (image.load or image.import_ or image.build)
