"""How a document that programs read is described: as a typed dictionary, of which its JSON Schema is made.

Takes a `TypedDict` whose attributes have docstrings, gives a document of JSON Schema 2020-12. Readers must skip keys
that they don't know, since a new key is no new version of a document; so a schema lets them be there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_Document = TypeVar("_Document", bound=type)


def documented(document: _Document) -> _Document:
    """Makes the docstrings of a `TypedDict`'s attributes the descriptions in its schema."""
    # What pydantic's `with_config` does: documents are written more often than described, and it takes long to load.
    document.__pydantic_config__ = {"use_attribute_docstrings": True}  # type: ignore[attr-defined]  # pydantic reads it
    return document


def identifier(name: str) -> str:
    """The `$id` of the schema of a kind of document."""
    return f"urn:dockerdecl:schema:{name}:v1"


def one_of(words: Iterable[str]) -> Any:
    """The annotation of a text that is one of these words, where it is not an enum that says so."""
    from pydantic import Field

    return Field(json_schema_extra={"enum": list(words)})


def without_titles(properties: Schema) -> None:
    """Takes away the titles that only repeat the name of a property."""
    for described in properties.values():
        described.pop("title", None)


def document_schema(document: type, name: str) -> Schema:
    """The schema of a documented `TypedDict`."""
    from pydantic import TypeAdapter

    generated = TypeAdapter(document).json_schema(mode="serialization")
    definitions = generated.pop("$defs", {})
    for part in (generated, *definitions.values()):
        without_titles(part.get("properties", {}))
    head = {"$schema": DIALECT, "$id": identifier(name)}
    return {**head, **generated, "$defs": dict(sorted(definitions.items()))}
