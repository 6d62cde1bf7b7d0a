"""Fields as rows: the annotations of a spec's attribute say all that the program knows about it.

A row has a lens (how the value is written into an engine request and read back from an inspection), and says what
fills the gap where the user wrote nothing, whether and how it changes in place, since which API version the engine
knows it, and what of it is masked. Schema, create payload, comparison, update and reference docs all walk the rows.
Nothing here knows a particular field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, get_args, runtime_checkable

from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.resources.spec import Spec

_Note = TypeVar("_Note")

Raw = dict[str, Any]
"""JSON of the Engine API: an inspection, or a request being written, which share their paths."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a lens may need to know beside its own value.

    `image` is the `Config` of the image that the container is (to be) made from, None where it is not known.
    `container_names` gives the name that a container is told by for its id, `renamed` for its present name;
    `api_version` is the one spoken; `limits_swap` tells whether the engine's kernel can. `image_ids`
    gives the id that an image's reference means, or will mean. `product` is whose engine it is.
    """

    image: Mapping[str, Any] | None = None
    container_names: Mapping[str, str] = field(default_factory=dict)
    api_version: str = "1.41"
    limits_swap: bool = True
    renamed: Mapping[str, str] = field(default_factory=dict)
    image_ids: Mapping[str, str] = field(default_factory=dict)
    product: str = "Docker"

    def of(self, image: Mapping[str, Any] | None, image_ids: Mapping[str, str]) -> Context:
        """The same for a container that is made from that image."""
        return Context(
            image,
            self.container_names,
            self.api_version,
            self.limits_swap,
            self.renamed,
            image_ids,
            self.product,
        )

    def speaks(self, version: str) -> bool:
        """Whether the engine knows what came with this API version."""
        return version_key(self.api_version) >= version_key(version)


@runtime_checkable
class Lens(Protocol):
    """One field, between the manifest's words and the engine's JSON.

    The law, for every value: `read(inspect(create(write(value)))) == effective(value)`.
    """

    def write(self, value: Any, body: Raw, spec: Spec, context: Context) -> None:
        """Put a value that is not None into a request."""

    def read(self, live: Raw, context: Context) -> Any:
        """The value in an inspection, in the manifest's words; None where nothing was asked for."""

    def effective(self, value: Any, spec: Spec, context: Context) -> Any:
        """What the engine will hold if `value` is declared (None: not declared), as `read` would give it."""


@dataclass(frozen=True, slots=True)
class At:
    """The lens of a plain value at a path of the request and of the inspection.

    `zero` is what the engine shows where nothing was asked for (beside null and an absent key); `default` is what
    nothing means in the manifest's words. `image` names the key of the image's `Config` that fills the gap. With
    `tells_false`, false is an answer of its own, where nothing lets the daemon decide.
    """

    path: str
    zero: Any = None
    default: Any = None
    image: str | None = None
    tells_false: bool = False

    def write(self, value: Any, body: Raw, spec: Spec, context: Context) -> None:
        put(body, self.path, list(value) if isinstance(value, tuple) else value)

    def read(self, live: Raw, context: Context) -> Any:
        return self._plain(look_up(live, self.path))

    def effective(self, value: Any, spec: Spec, context: Context) -> Any:
        if not value and self.image and context.image is not None:
            value = context.image.get(self.image)
        return self._plain(value)

    def _plain(self, value: Any) -> Any:
        if value is False and self.tells_false:
            return False
        if not value or value == self.zero:
            return self.default
        return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Since:
    """The API version from which engines know the field, or `only` these values of it; older ones drop it silently."""

    version: str
    only: tuple[str, ...] = ()

    def concerns(self, value: Any) -> bool:
        """Whether a declared value needs this version."""
        return not self.only or value in self.only


@dataclass(frozen=True, slots=True)
class OnlyOn:
    """The operating system of the engines that know the field, in the engine's own word; others refuse it."""

    system: str


@dataclass(frozen=True, slots=True)
class Show:
    """How a normal value is spelled for people."""

    spell: Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class FromDaemon:
    """Filled by the daemon's configuration where absent: absent is then no claim, unless it was claimed before."""


@dataclass(frozen=True, slots=True)
class MayBeDropped:
    """What some kernels can't do, and their engines then leave out with a warning: told once, and not planned again."""


@dataclass(frozen=True, slots=True)
class InPlace:
    """Changes by `POST /containers/{id}/update`, with these keys of `HostConfig` taken from the create request.

    `reset` holds what to send to take the value away again; where it is empty, that is impossible in place, since the
    engine takes 0 as "not given" (measured on 20.10, 26.1, 28.5). On a container that holds one of the keys of
    `refused_beside` the engine refuses it, until an update has given that key this value; None: nothing helps. A value
    of `at_start` is taken and shown, but reaches a process that has another one only when it is started again.
    """

    keys: tuple[str, ...]
    reset: Mapping[str, Any] = field(default_factory=dict)
    refused_beside: Mapping[str, Any] = field(default_factory=dict)
    at_start: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ByConnecting:
    """Changes by connecting and disconnecting networks, on a container that stays."""


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Says of which paths below the field the values are masked."""

    masks: Callable[[tuple[str, ...]], bool]


@dataclass(frozen=True, slots=True)
class Only:
    """The one place of an inspection that shows a field which nothing but the manifest fills.

    What a lens has in its attribute `only_at` is such a place; nothing there is nothing, as is `zero`.
    """

    section: str
    key: str
    zero: Any = None
    tells_false: bool = False

    def shows_nothing(self, sections: Mapping[str, Raw]) -> bool:
        """Whether an inspection, by its sections, holds what it would if nothing had been asked for."""
        value = sections[self.section].get(self.key)
        return not (value or (value is False and self.tells_false)) or value == self.zero


SECTIONS = ("", "Config", "HostConfig")
"""The parts of an inspection that most fields are in."""


def _only(lens: Lens) -> Only | None:
    plain = lens if isinstance(lens, At) and lens.image is None else None
    path: str | None = plain.path if plain else getattr(lens, "only_at", None)
    if path is None or (section := path.rpartition(".")[0]) not in SECTIONS:
        return None
    key = path.rpartition(".")[2]
    return Only(section, key, plain.zero, plain.tells_false) if plain else Only(section, key)


@dataclass(frozen=True, slots=True)
class Row:
    """All that is known of one field."""

    name: str
    lens: Lens
    since: str | None = None
    only_on: str | None = None
    show: Callable[[Any], str] | None = None
    from_daemon: bool = False
    may_be_dropped: bool = False
    in_place: InPlace | ByConnecting | None = None
    sensitive: Sensitive | None = None
    loose: tuple[str, ...] = ()
    """The words of a map's parts that a daemon fills in, where the row as a whole is not its to fill."""
    only: Only | None = None
    """Where it is shown, if nothing but the manifest fills it."""


@cache
def rows(model: type[Spec]) -> tuple[Row, ...]:
    """The rows of a spec: every attribute that has a lens, in the order in which they are written down."""
    found = []
    for name, attribute in model.model_fields.items():
        notes = (*_flat(attribute.metadata), *_inner(attribute.annotation))
        lens = next((note for note in notes if isinstance(note, Lens)), None)
        if lens is not None:
            found.append(_row(name, attribute.annotation, lens, notes))
    return tuple(found)


def _row(name: str, annotation: Any, lens: Lens, notes: tuple[Any, ...]) -> Row:
    since, show, only_on = _note(notes, Since), _note(notes, Show), _note(notes, OnlyOn)
    return Row(
        name,
        lens,
        since=since.version if since else None,
        only_on=only_on.system if only_on else None,
        show=show.spell if show else None,
        from_daemon=_note(notes, FromDaemon) is not None,
        may_be_dropped=_note(notes, MayBeDropped) is not None,
        in_place=_note(notes, InPlace) or _note(notes, ByConnecting),
        sensitive=_note(notes, Sensitive),
        loose=tuple(_loose(annotation)),
        only=_only(lens),
    )


def _loose(annotation: Any) -> Iterator[str]:
    for part in get_args(annotation):
        for name, attribute in getattr(part, "model_fields", {}).items():
            if _note(tuple(attribute.metadata), FromDaemon) is not None:
                yield name
        yield from _loose(part)


def _note(notes: tuple[Any, ...], kind: type[_Note]) -> _Note | None:
    return next((note for note in notes if isinstance(note, kind)), None)


def _inner(annotation: Any) -> Iterator[Any]:
    "the notes of a type such as `Size` are those of `Size | None` too"
    for part in get_args(annotation):
        yield from _flat(getattr(part, "__metadata__", ()))


def _flat(notes: Iterable[Any]) -> Iterator[Any]:
    for note in notes:
        yield from note if isinstance(note, tuple) else (note,)


def version_key(version: str) -> tuple[int, ...]:
    """An API version such as `1.41` as something that compares."""
    return tuple(int(part) for part in version.split("."))


def is_set(limit: int | None) -> bool:
    """Whether the engine takes a limit of a container as given; 0 and -1 are as none."""
    return limit is not None and limit > 0


def look_up(raw: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    value: Any = raw
    for key in _keys(path):
        if type(value) is not dict and not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


@cache
def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def put(body: Raw, path: str, value: Any) -> None:
    """Set the value at a dotted path, making what is missing on the way."""
    *parents, last = _keys(path)
    for key in parents:
        body = body.setdefault(key, {})
    body[last] = value
