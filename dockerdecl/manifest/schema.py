"""The JSON Schema of a manifest: what editors complete and check, and what error messages speak from.

Generated from the models alone. Takes nothing, gives a document of JSON Schema 2020-12.
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerdecl.resources.document import API_VERSION, Document
from dockerdecl.resources.schemas import DIALECT, Schema, identifier, without_titles

SECTIONS = ("images", "networks", "volumes", "secrets", "configs", "containers")
_EXTENSION = "^x-"


def manifest_schema() -> Schema:
    """The schema of a manifest as it is written, before its variables are replaced."""
    generated = Document.model_json_schema()
    definitions = generated.pop("$defs")
    for part in (generated, *definitions.values()):
        if "properties" in part:
            _finish(part)
    for section in SECTIONS:
        generated["properties"][section]["type"] = ["object", "null"]
    for part in (generated, definitions["Container"]):
        for word in ("networks", "volumes"):
            _let_entries_be_empty(part["properties"][word])
    head = {"$schema": DIALECT, "$id": identifier("manifest"), "title": f"A manifest ({API_VERSION})"}
    include = {
        "description": "Further manifests, each a path or a map with `path`; what they hold is added to this one.",
        "type": "array",
        "items": {"type": ["string", "object"]},
    }
    generated["properties"]["include"] = include
    return {**generated, **head, "$defs": dict(sorted(definitions.items()))}


def branches(schema: Schema, part: Schema) -> Iterator[Schema]:
    """The forms that `part` of `schema` allows, with references followed."""
    if "$ref" in part:
        yield from branches(schema, schema["$defs"][part["$ref"].rpartition("/")[2]])
    elif "anyOf" in part:
        for choice in part["anyOf"]:
            yield from branches(schema, choice)
    else:
        yield part


def below(schema: Schema, part: Schema, step: str | int) -> Schema | None:
    """What `part` says of its key or item `step`; None where it says nothing."""
    for branch in branches(schema, part):
        found = branch.get("items") if isinstance(step, int) else branch.get("properties", {}).get(step)
        if found is None and isinstance(step, str):
            found = branch.get("additionalProperties")
        if isinstance(found, dict):
            return found
    return None


def _finish(part: Schema) -> None:
    """Takes away the titles that only repeat a name, and lets keys that begin with `x-` be anything."""
    without_titles(part["properties"])
    if part.get("additionalProperties") is False:
        part["patternProperties"] = {_EXTENSION: {}}


def _let_entries_be_empty(part: Schema) -> None:
    """Lets `KEY:` with nothing after it stand for an entry that says nothing."""
    for branch in part.get("anyOf", (part,)):
        if "anyOf" in branch:
            _let_entries_be_empty(branch)
        elif "additionalProperties" in branch:
            branch["additionalProperties"] = {"anyOf": [branch["additionalProperties"], {"type": "null"}]}
