"""What Compose builds: which image each service means, and what a manifest says of an image beside its build.

Takes the services of a project, gives them with images in a manifest's words, and the entries of `images` that some
need. Compose knows images by their references alone; a manifest goes by keys first, so what would be taken for a key
is written as the reference that it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace

from dockerdecl.convert.compose_words import LeftOut
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar, Sequence, is_null, to_plain
from dockerdecl.resources.image.reference import parse
from dockerdecl.values import dataclass

_BESIDE = ("tags", "platforms")


def with_images(services: Node, project: str, left_out: LeftOut) -> tuple[Node, tuple[Entry, ...]]:
    """The services, and the images that have to be declared beside them."""
    if not isinstance(services, Mapping):
        return services, ()
    builds = _Builds(project, left_out)
    for key, service in _specs(services):
        if _build(service):
            builds.add(key, service)
    entries = (
        replace(entry, value=builds.container(entry.key, entry.value)) if isinstance(entry.value, Mapping) else entry
        for entry in services.entries
    )
    return replace(services, entries=tuple(entries)), tuple(builds.images)


def _specs(services: Mapping) -> Iterator[tuple[str, Mapping]]:
    for entry in services.entries:
        if isinstance(entry.value, Mapping):
            yield entry.key, entry.value


def _build(service: Mapping) -> Entry | None:
    build = service.entry("build")
    return None if build is None or is_null(build.value) else build


def _text(node: Node | None) -> str:
    return node.text or "" if isinstance(node, Scalar) else ""


def _familiar(text: str) -> str:
    try:
        return parse(text).familiar
    except ValueError:
        return text


@dataclass(slots=True)
class _Builds:
    project: str
    left_out: LeftOut
    images: list[Entry] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    services: dict[str, Mapping] = field(default_factory=dict)

    def add(self, key: str, service: Mapping) -> None:
        """Notes a service that builds its image."""
        self.services[key] = service
        self.keys.setdefault(_familiar(_text(service.get("image")) or self._name(key)), key)

    def container(self, key: str, service: Mapping) -> Mapping:
        """A service with its image as a manifest has it."""
        build = _build(service)
        if build is None:
            return self._with_image(service)
        policy = service.entry("pull_policy")
        if policy and _text(policy.value) != "build":
            self.left_out.word(policy, ("containers", key, "pull_policy"), "its image is built")
            service = service.without("pull_policy")
        image = service.entry("image")
        owner = self.keys.get(_familiar(_text(image.value)), key) if image else key
        if owner != key and self._same(owner, service):
            return self._using(service, owner)
        beside = tuple(_beside(build.value))
        if not beside:
            return service
        inside = build.value.without(*_BESIDE) if isinstance(build.value, Mapping) else build.value
        where = build.value.where
        ref: Node = image.value if image else Scalar(self._name(key), plain=True, where=where)
        platform = service.entry("platform")
        own = [Entry("ref", build.key_where, ref), replace(build, value=inside), *beside]
        if platform and not any(entry.key == "platform" for entry in own):
            own.append(platform)
        self.images.append(Entry(key, build.key_where, Mapping(tuple(own), where)))
        return self._using(service, key)

    def _name(self, key: str) -> str:
        return f"{self.project}-{key}".lower()

    def _with_image(self, service: Mapping) -> Mapping:
        image = service.entry("image")
        text = _text(image.value) if image else ""
        if image is None or not isinstance(image.value, Scalar) or not text:
            return service
        owner = self.keys.get(_familiar(text))
        if owner is not None:
            return self._using(service, owner)
        if text not in self.services:
            return service
        named = replace(image, value=replace(image.value, text=f"{text}:latest", written=None))
        return replace(service, entries=tuple(named if entry is image else entry for entry in service.entries))

    def _using(self, service: Mapping, key: str) -> Mapping:
        given = service.entry("image") or _build(service)
        assert given is not None
        named = Entry("image", given.key_where, Scalar(key, plain=True, where=given.value.where))
        kept = (entry for entry in service.entries if entry.key not in ("build", "image"))
        return replace(service, entries=(named, *kept))

    def _same(self, owner: str, service: Mapping) -> bool:
        other = self.services[owner]
        return all(_plain(other, word) == _plain(service, word) for word in ("build", "platform"))


def _plain(service: Mapping, word: str) -> object:
    node = service.get(word)
    return to_plain(node) if node is not None else None


def _beside(build: Node) -> Iterator[Entry]:
    """What a manifest says of an image beside its build. Several platforms are left where validation refuses them."""
    if not isinstance(build, Mapping):
        return
    tags, platforms = build.entry("tags"), build.entry("platforms")
    if platforms and isinstance(platforms.value, Sequence) and len(platforms.value.items) == 1:
        yield replace(platforms, key="platform", value=platforms.value.items[0])
    elif platforms and not is_null(platforms.value):
        return
    if tags and not is_null(tags.value):
        yield tags
