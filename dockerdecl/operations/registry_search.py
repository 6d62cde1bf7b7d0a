"""What there is to be had: in the public index, by way of the engine, or in a private registry, asked directly.

Takes an engine and a term, gives a document. A term whose first part is the name of a registry (with a dot, a colon, or
`localhost`) means that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from dockerdecl.engine.calls.registries import search_index
from dockerdecl.errors import DockerdeclError
from dockerdecl.expressions import expression
from dockerdecl.operations.registry_logins import registry_name
from dockerdecl.registry.failures import NOT_IN_REGISTRY
from dockerdecl.registry.opening import registry_for
from dockerdecl.resources.image.reference import DEFAULT_REGISTRY
from dockerdecl.resources.schemas import documented

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine
    from dockerdecl.registry.client import Registry

FORMAT: Literal["dockerdecl/search/v1"] = "dockerdecl/search/v1"

_PARTS = expression(r"[0-9]+|[^0-9]+")


@documented
class FoundImageDocument(TypedDict):
    """A repository that was found."""

    name: str
    """How a manifest refers to it, without a tag."""
    tags: list[str]
    """Its tags, in the order of versions; the public index tells none."""
    description: str
    """What the public index says of it."""
    stars: int | None
    """How many people like it there; null for a private registry."""
    official: bool
    """Whether Docker answers for it."""


@documented
class SearchDocument(TypedDict):
    """What was found for a term."""

    format: Literal["dockerdecl/search/v1"]
    """The format of this document."""
    registry: str
    """Where it was looked for."""
    term: str
    """What was looked for; empty for all that the registry holds."""
    complete: bool
    """Whether this is all; the limit cuts the rest."""
    images: list[FoundImageDocument]
    """What was found."""


def split_term(word: str) -> tuple[str, str]:
    """The registry and the term that a word of the command line means."""
    first, _, rest = word.removeprefix("https://").removeprefix("http://").partition("/")
    if not (first == "localhost" or any(mark in first for mark in ".:")):
        return DEFAULT_REGISTRY, word
    return registry_name(first), rest.strip("/")


def search(
    engine: Engine, word: str, limit: int, environ: Mapping[str, str], authority: Path | None = None
) -> SearchDocument:
    """What is found for a word. Raises `registry-unreachable`, `registry-auth` and the like."""
    registry, term = split_term(word)
    if registry == DEFAULT_REGISTRY:
        found = [_of_index(raw) for raw in search_index(engine, term, limit)]
        complete = len(found) < limit
    else:
        with registry_for(registry, environ, engine, authority=authority) as opened:
            names = [*islice(_repositories(opened, term), limit + 1)]
            complete = len(names) <= limit
            found = [_of_registry(opened, name) for name in names[:limit]]
    return {"format": FORMAT, "registry": registry, "term": term, "complete": complete, "images": found}


def in_order(tags: Iterable[str]) -> list[str]:
    """Tags with numbers in the order of numbers: `1.9` before `1.10`."""
    return sorted(tags, key=lambda tag: [_rank(part) for part in _PARTS.findall(tag)])


def _rank(part: str) -> tuple[bool, int, str]:
    "numbers before words"
    number = part.isdecimal()
    return not number, int(part) if number else 0, part


def _repositories(registry: Registry, term: str) -> Iterator[str]:
    "those whose name begins so; one that a registry without a catalogue has is found by its whole name"
    try:
        yield from (name for name in registry.catalogue() if name.startswith(term))
    except DockerdeclError as error:
        if error.code not in ("registry-no-catalogue", "registry-auth") or not term:
            raise
        yield term


def _of_registry(registry: Registry, name: str) -> FoundImageDocument:
    try:
        tags = in_order(registry.tags(name))
    except DockerdeclError as error:
        if error.code != NOT_IN_REGISTRY:
            raise
        tags = []  # a repository stays in the catalogue when its last tag is gone
    return {"name": f"{registry.name}/{name}", "tags": tags, "description": "", "stars": None, "official": False}


def _of_index(raw: Mapping[str, object]) -> FoundImageDocument:
    return {
        "name": str(raw.get("name") or ""),
        "tags": [],
        "description": str(raw.get("description") or ""),
        "stars": int(str(raw.get("star_count") or 0)),
        "official": bool(raw.get("is_official")),
    }
