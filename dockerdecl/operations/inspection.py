"""What a thing on the engine is, in the manifest's words: what was given, and what its image or the engine supplied.

Takes inspections, gives documents in which nothing is shown that looks like a credential. Knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Literal

from typing_extensions import TypedDict

from dockerdecl.resources.address import Kind
from dockerdecl.resources.masking import MASK, looks_like_a_credential, masked_text, masked_words
from dockerdecl.resources.ownership import CLAIMS
from dockerdecl.resources.rows import Context, Raw, Row, look_up, rows
from dockerdecl.resources.schemas import documented
from dockerdecl.resources.spec import Spec
from dockerdecl.values import dataclass

FORMAT: Literal["dockerdecl/inspection/v1"] = "dockerdecl/inspection/v1"

_NOTHING: tuple[Any, ...] = (None, "", {}, (), [], False)


@documented
class ThingDocument(TypedDict):
    """One container, image, network or volume."""

    kind: str
    """container, image, network or volume."""
    address: str | None
    """Its address in its project; null where it belongs to none."""
    project: str | None
    """The project that it belongs to."""
    name: str
    """Its name on the engine."""
    id: str
    """Its id on the engine; of a volume, its name."""
    given: dict[str, Any]
    """What was given when it was made, in the words of the manifest."""
    from_image: dict[str, Any]
    """What its image supplied; of an image, what it supplies to containers."""
    from_engine: dict[str, Any]
    """What the engine supplied, by its own configuration too."""
    raw: dict[str, Any]
    """What the engine itself says."""


@documented
class InspectionDocument(TypedDict):
    """What things on the engine are."""

    format: Literal["dockerdecl/inspection/v1"]
    """The format of this document."""
    things: list[ThingDocument]
    """The things, in the order in which they were named."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that was found on the engine, with its inspection; `labels` are those of its records, too."""

    kind: Kind
    name: str
    id: str
    raw: Raw = field(repr=False)
    address: str | None = None
    project: str | None = None
    context: Context = field(default_factory=Context, repr=False)


@dataclass(slots=True)
class _Sections:
    given: dict[str, Any] = field(default_factory=dict)
    from_image: dict[str, Any] = field(default_factory=dict)
    from_engine: dict[str, Any] = field(default_factory=dict)


def thing_document(thing: Thing, *, show_sensitive: bool) -> ThingDocument:
    """What it is; values that look like credentials are masked unless `show_sensitive`."""
    sections = _sections(thing)
    document: ThingDocument = {
        "kind": thing.kind,
        "address": thing.address,
        "project": thing.project,
        "name": thing.name,
        "id": thing.id,
        "given": sections.given,
        "from_image": sections.from_image,
        "from_engine": sections.from_engine,
        "raw": thing.raw,
    }
    if show_sensitive:
        return document
    for part in ("given", "from_image", "from_engine", "raw"):
        document[part] = masked(document[part])
    return document


def _sections(thing: Thing) -> _Sections:
    from dockerdecl.resources.container.spec import Container
    from dockerdecl.resources.network.spec import Network
    from dockerdecl.resources.volume.spec import Volume

    match thing.kind:
        case Kind.CONTAINER:
            found = sections(Container(), thing.raw, thing.context)
            found.given = {"image": str(look_up(thing.raw, "Config.Image") or ""), **found.given}
            return found
        case Kind.NETWORK:
            return sections(Network(), thing.raw, thing.context)
        case Kind.VOLUME:
            return sections(Volume(), thing.raw, thing.context)
        case Kind.IMAGE:
            return _Sections(from_image=_supplied_by_image(thing.raw.get("Config") or {}, thing.context))


def sections(nothing: Spec, raw: Raw, context: Context) -> _Sections:
    """The values of an inspection by where they come from; `nothing` is a spec that declares nothing."""
    found = _Sections()
    labels = look_up(raw, "Config.Labels") or raw.get("Labels") or {}
    claimed = {entry.partition("=")[0] for entry in str(labels.get(CLAIMS) or "").split(",")}
    without = replace(context, image={})
    for row in rows(type(nothing)):
        value = _without_loose(row, row.lens.read(raw, context), claimed)
        by_image = row.lens.effective(None, nothing, context)
        by_engine = row.lens.effective(None, nothing, without)
        if isinstance(value, Mapping) and isinstance(by_image, Mapping) and not row.from_daemon:
            same = {key: held for key, held in value.items() if key in by_image and by_image[key] == held}
            _put(found.from_image, row, same)
            _put(found.given, row, {key: held for key, held in value.items() if key not in same})
        elif row.from_daemon and row.name not in claimed:
            _put(found.from_engine, row, value)
        elif value != by_image:
            _put(found.given, row, value)
        elif value != by_engine:
            _put(found.from_image, row, value)
        else:
            _put(found.from_engine, row, value)
    return found


def _without_loose(row: Row, value: Any, claimed: set[str]) -> Any:
    "what a daemon gives to the parts of a map, such as the address of a network interface, was given by nobody"
    loose = {word for word in row.loose if not any(entry.endswith(f".{word}") for entry in claimed)}
    if not loose or not isinstance(value, Mapping):
        return value
    return {key: {word: held for word, held in part.items() if word not in loose} for key, part in value.items()}


def _supplied_by_image(config: Mapping[str, Any], context: Context) -> dict[str, Any]:
    from dockerdecl.resources.container.spec import Container

    nothing, found = Container(), dict[str, Any]()
    for row in rows(Container):
        value = row.lens.effective(None, nothing, replace(context, image=config))
        if value != row.lens.effective(None, nothing, replace(context, image={})):
            _put(found, row, value)
    return found


def _put(section: dict[str, Any], row: Row, value: Any) -> None:
    if not any(value is nothing or (value == nothing and type(value) is type(nothing)) for nothing in _NOTHING):
        section[row.name] = plain(row.show(value) if row.show else value)


def plain(value: Any) -> Any:
    """The same as lists and maps of plain values."""
    match value:
        case Mapping():
            return {str(key): plain(held) for key, held in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(held) for held in value]
        case None | bool() | int() | float() | str():
            return value
    return str(value)


def masked(value: Any, name: str = "") -> Any:
    """The same with what looks like a credential masked: by its key, by its name in a list, or in a URL."""
    match value:
        case Mapping():
            return {key: masked(held, str(key)) for key, held in value.items()}
        case list() | tuple() if not looks_like_a_credential(name):
            return [masked(held, name) if not isinstance(held, str) else held for held in masked_words(value)]
        case list() | tuple():
            return [masked(held, name) for held in value]
        case str() if name and value and looks_like_a_credential(name):
            return MASK
        case str():
            return masked_text(value)
    return value
