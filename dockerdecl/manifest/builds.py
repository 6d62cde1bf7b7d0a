"""`build` in a container: what it says becomes an entry of `images`, which alone is built.

Takes the tree of a whole manifest, gives it with an image under the container's key, called what the container's
`image` says, or else PROJECT-KEY, as Compose calls it. Places stay those of what was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dockerdecl.errors import Problem
from dockerdecl.manifest.load import Loaded
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar, is_null


def with_builds(loaded: Loaded, project: str | None) -> Loaded:
    """The manifest with an image for every container that has a `build`; `project` stands instead of its own."""
    containers = loaded.root.get("containers")
    if not isinstance(containers, Mapping):
        return loaded
    building = {key for key, spec in _specs(containers) if (written := spec.get("build")) and not is_null(written)}
    if not building:
        return loaded
    images = loaded.root.get("images")
    taken = images if isinstance(images, Mapping) else Mapping((), containers.where)
    made: list[Entry] = []
    problems: list[Problem] = []
    for key, spec in _specs(containers):
        if key in building:
            build = spec.entry("build")
            assert build is not None
            if clash := taken.entry(key):
                problems.append(_clash(key, build, clash))
            else:
                made.append(Entry(key, build.key_where, _image(key, spec, build, _project(loaded, project))))
    entries = {entry.key: entry for entry in loaded.root.entries}
    images_where = entries["images"].key_where if "images" in entries else containers.where
    entries["images"] = Entry("images", images_where, replace(taken, entries=(*taken.entries, *made)))
    entries["containers"] = replace(entries["containers"], value=_using(containers, building))
    root = replace(loaded.root, entries=tuple(entries.values()))
    return replace(loaded, root=root, problems=(*loaded.problems, *problems))


def _specs(containers: Mapping) -> Iterator[tuple[str, Mapping]]:
    for entry in containers.entries:
        if isinstance(entry.value, Mapping):
            yield entry.key, entry.value


def _image(key: str, spec: Mapping, build: Entry, project: str) -> Mapping:
    image = spec.entry("image")
    name: Node = Scalar(f"{project}-{key}".lower(), plain=False, where=build.value.where)
    platform = spec.entry("platform")
    entries = [
        Entry("ref", (image or build).key_where, image.value if image else name),
        build,
        *([platform] if platform else []),
    ]
    return Mapping(tuple(entries), build.value.where)


def _using(containers: Mapping, building: set[str]) -> Mapping:
    return replace(
        containers,
        entries=tuple(
            replace(entry, value=_without_build(entry.key, entry.value))
            if entry.key in building and isinstance(entry.value, Mapping)
            else entry
            for entry in containers.entries
        ),
    )


def _without_build(key: str, spec: Mapping) -> Mapping:
    build = spec.entry("build")
    assert build is not None
    image = spec.entry("image") or build
    named = Entry("image", image.key_where, Scalar(key, plain=False, where=image.value.where))
    kept = (entry for entry in spec.entries if entry.key not in ("build", "image"))
    return replace(spec, entries=(named, *kept))


def _project(loaded: Loaded, project: str | None) -> str:
    written = loaded.root.get("project")
    return project or (written.text if isinstance(written, Scalar) and written.text else "project")


def _clash(key: str, build: Entry, clash: Entry) -> Problem:
    message = f"`build` makes the image `{key}`, which is declared at {clash.key_where} already"
    hint = "write `build` there, and its key as `image` here"
    return Problem("build-conflict", message, f"container.{key}", build.key_where, hint)
