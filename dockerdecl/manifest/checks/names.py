"""Names on the engine: what it accepts, what dockerdecl keeps for itself, and that no two things share one.

Takes a document, gives findings.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.expressions import expression
from dockerdecl.manifest.checks.finding import Finding, Path, Subject
from dockerdecl.resources.image.reference import Reference, parse
from dockerdecl.resources.ownership import NEW_SUFFIX, OLD_SUFFIX, PREFIX
from dockerdecl.resources.resolve import DEFAULT_NETWORK
from dockerdecl.values import dataclass

_ENGINE_NAME = expression(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_PREDEFINED_NETWORKS = frozenset(("bridge", "host", "none", "default"))


@dataclass(frozen=True, slots=True)
class _Named:
    """Something with a name on the engine; `fixed` says that the user wrote it."""

    section: str
    key: str
    name: str
    fixed: bool

    @property
    def path(self) -> Path:
        """Where its name comes from."""
        word = "container_name" if self.section == "containers" else "name"
        return (self.section, self.key, word) if self.fixed else (self.section, self.key)


def check_names(subject: Subject) -> Iterator[Finding]:
    """Names that no engine takes, that are reserved, or that two things of one kind share."""
    for things in (_containers(subject), _volumes(subject), _networks(subject)):
        named = [thing for thing in things if subject.whole(thing.section, thing.key)]
        for thing in named:
            if thing.fixed:
                yield from _allowed(thing, subject)
        yield from _shared(named)
    yield from _shared_references(subject)


def _containers(subject: Subject) -> Iterator[_Named]:
    names = subject.names
    for key, spec in subject.document.containers.items():
        for address in names.containers(key):
            yield _Named("containers", key, names.container(address), spec.container_name is not None)


def _volumes(subject: Subject) -> Iterator[_Named]:
    for key, spec in subject.document.volumes.items():
        yield _Named("volumes", key, subject.names.volume(key), spec.name is not None)


def _networks(subject: Subject) -> Iterator[_Named]:
    for key, spec in subject.document.networks.items():
        yield _Named("networks", key, subject.names.network(key), spec.name is not None)
    users = (spec for _, spec in subject.whole_containers() if spec.network_mode is None)
    if DEFAULT_NETWORK not in subject.declared["networks"] and any(spec.networks is None for spec in users):
        yield _Named("networks", DEFAULT_NETWORK, subject.names.network(DEFAULT_NETWORK), fixed=False)


def _allowed(thing: _Named, subject: Subject) -> Iterator[Finding]:
    name, path = thing.name, thing.path
    if thing.section == "networks":
        external = subject.document.networks[thing.key].external
        if name in _PREDEFINED_NETWORKS and not external:
            hint = f"choose another name; for the engine's own network, write `network_mode: {name}` in the container"
            yield Finding("name-reserved", path, f"`{name}` is a network of the engine's own", hint)
        elif not name.strip() or "/" in name:
            yield Finding("wrong-name", path, f"`{name}` is no name for a network", "write letters, digits, _ . and -")
        return
    kind = thing.section.removesuffix("s")
    if not _ENGINE_NAME.fullmatch(name):
        hint = "begin with a letter or digit, followed by at least one more letter, digit, `_`, `.` or `-`"
        yield Finding("wrong-name", path, f"`{name}` is no name for a {kind}", hint)
    elif name.endswith((NEW_SUFFIX, OLD_SUFFIX)):
        message = f"`{name}` ends as names do that dockerdecl gives for a while"
        yield Finding("name-reserved", path, message, f"choose a name without `{NEW_SUFFIX}` and `{OLD_SUFFIX}`")
    elif kind == "volume" and name.startswith(PREFIX):
        message = f"`{name}` begins as the names of dockerdecl's own volumes do"
        yield Finding("name-reserved", path, message, f"choose a name that does not begin with `{PREFIX}`")


def _shared(named: list[_Named]) -> Iterator[Finding]:
    first: dict[str, _Named] = {}
    for thing in named:
        other = first.setdefault(thing.name, thing)
        if other.key != thing.key:
            # What was left to dockerdecl gives way to what the user wrote.
            blamed, other = (thing, other) if thing.fixed or not other.fixed else (other, thing)
            kind = thing.section.removesuffix("s")
            message = f"the {kind}s `{other.key}` and `{blamed.key}` would both be called `{thing.name}` on the engine"
            yield Finding("duplicate-name", blamed.path, message, "give one of them another name")


def _shared_references(subject: Subject) -> Iterator[Finding]:
    first: dict[Reference, str] = {}
    for key, image in subject.document.images.items():
        own: set[Reference] = set()
        for text, path in ((image.ref, ("ref",)), *((tag, ("tags", i)) for i, tag in enumerate(image.tags))):
            reference = parse(text)
            if reference in own:
                continue
            own.add(reference)
            other = first.setdefault(reference, key)
            if other != key:
                message = f"the images `{other}` and `{key}` both claim the reference `{text}`"
                hint = "a reference means one image: keep one of the entries, or give one of them another reference"
                yield Finding("duplicate-reference", ("images", key, *path), message, hint)
