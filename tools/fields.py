"""The page of fields. Takes the models, their rows and the JSON Schema, gives Markdown.

What a field is on the engine stands nowhere: its example is put into a request, and read off there. In the same way an
image that says all that images can say shows what images fill in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, get_args

import yaml

from dockerdecl.manifest.schema import manifest_schema
from dockerdecl.resources.document import Document
from dockerdecl.resources.rows import At, Context, InPlace, Raw, Row, Since, rows
from dockerdecl.resources.schemas import Schema
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.volume.spec import Volume
from tools.examples import example, valid
from tools.markdown import anchor, code, page, section, table

_COLUMNS = ("field", "what it is", "type", "where left out", "example", "on the engine", "a change", "since")
_NAMES = {"string": "text", "object": "map", "array": "list", "integer": "number"}
_INNER = frozenset({"Config", "HostConfig", "NetworkingConfig"})

_IMAGE: Mapping[str, Any] = MappingProxyType(
    {
        "Cmd": ["serve"],
        "Entrypoint": ["/start"],
        "Env": ["LEVEL=info"],
        "ExposedPorts": {"80/tcp": {}},
        "Healthcheck": {"Test": ["CMD", "/check"]},
        "Labels": {"made": "here"},
        "StopSignal": "SIGQUIT",
        "User": "somebody",
        "Volumes": {"/data": {}},
        "WorkingDir": "/work",
    }
)


def fields_page() -> str:
    """Every field: what it is, what may be written, where it goes on the engine, and what a change of it takes."""
    schema = manifest_schema()
    return page(
        "Fields",
        "What a manifest may say, beginning with its top. A field that is left out is compared with what then fills "
        "it: the image's word is known, the daemon's configuration is not, so there nothing is claimed. An engine of "
        "an older API than that in the last column would drop the field without a word, so the plan refuses it.",
        *(_section(model, schema) for model in models()),
    )


def models() -> tuple[type[Spec], ...]:
    """Every model of a manifest, from the outside in."""
    found: dict[type[Spec], None] = {}
    queue: list[type[Spec]] = [Document]
    for model in queue:
        if model not in found:
            found[model] = None
            queue += [part for field in model.model_fields.values() for part in _parts(field.annotation)]
    return tuple(found)


def _parts(annotation: Any) -> Iterator[type[Spec]]:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def documentation(model: type[Spec], name: str) -> str:
    """What a field is. Raises LookupError where it does not say."""
    said = model.model_fields[name].description
    if not said:
        raise LookupError(f"the field `{name}` of {model.__name__} has no docstring that says what it is")
    return said


def _section(model: type[Spec], schema: Schema) -> str:
    described = schema if model is Document else schema["$defs"][model.__name__]
    known = {row.name: row for row in rows(model)}
    lines = [_line(model, name, described["properties"], schema, known.get(name)) for name in model.model_fields]
    return section(model.__name__, described["description"], table(_COLUMNS, lines))


def _line(model: type[Spec], name: str, properties: Schema, schema: Schema, row: Row | None) -> tuple[str, ...]:
    field = model.model_fields[name]
    written = properties[field.word]
    since = next((note for note in field.metadata if isinstance(note, Since)), None)
    shown = example(model, name, written)
    value = None if shown is None else valid(model, name, shown)
    return (
        code(field.word),
        documentation(model, name),
        _type(written, schema),
        _left_out(model, name, row),
        code(_spelled(shown)),
        _place(model, row, value) if row else "",
        _change(model, row) if row else "",
        ", ".join(filter(None, (_since(since), f"on {row.only_on} only" if row and row.only_on else ""))),
    )


def _since(note: Since | None) -> str:
    if note is None:
        return ""
    return f"API {note.version}" + (f" ({', '.join(map(code, note.only))})" if note.only else "")


def _type(part: Schema, schema: Schema) -> str:
    match part:
        case {"$ref": reference}:
            name = reference.rpartition("/")[2]
            held = schema["$defs"][name]
            return _type(held, schema) if "enum" in held else anchor(name)
        case {"anyOf": choices}:
            return " or ".join(filter(None, dict.fromkeys(_type(choice, schema) for choice in choices)))
        case {"enum": words}:
            return ", ".join(map(code, words))
        case {"const": word}:
            return code(word)
        case {"type": list(kinds)}:
            several = [kind for kind in kinds if kind in ("object", "array")]
            inner = [{**part, "type": kind} for kind in (kinds if several else kinds[:1])]
            return _type({"anyOf": inner}, schema)
        case {"type": "array", "items": {"$ref": _} | {"anyOf": _} as items}:
            return f"list of {_type(items, schema)}"
        case {"type": "object", "additionalProperties": {"$ref": _} | {"anyOf": _} as items}:
            return f"map of {_type(items, schema)}"
        case {"type": "null"}:
            return ""
    return _NAMES.get(str(part["type"]), str(part["type"]))


def _left_out(model: type[Spec], name: str, row: Row | None) -> str:
    if row is None:
        return "required" if model.model_fields[name].is_required() else code(_spelled(_default(model, name)))
    nothing = model.model_construct()
    bare, filled = (row.lens.effective(None, nothing, Context(image=image)) for image in ({}, _IMAGE))
    plain = row.show(bare) if row.show and bare is not None else bare
    fillers = ("the image's" if bare != filled else "", "the daemon's" if row.from_daemon else "")
    return ", or ".join(filter(None, (*fillers, "" if row.from_daemon else code(_spelled(plain)))))


def _default(model: type[Spec], name: str) -> Any:
    default = model.model_fields[name].get_default()
    return default.value if isinstance(default, Enum) else default


def _spelled(value: Any) -> str:
    if value in (None, "", (), [], {}, False):
        return ""
    plain = list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
    return yaml.safe_dump(plain, default_flow_style=True, width=1000).removesuffix("\n...\n").strip()


def _place(model: type[Spec], row: Row, value: Any) -> str:
    if isinstance(row.lens, At):
        return code(row.lens.path)
    body: Raw = {}
    row.lens.write(value, body, model.model_construct(**{row.name: value}), Context())
    return ", ".join(map(code, sorted(_keys(body))))


def _keys(body: Raw) -> Iterator[str]:
    for key, value in body.items():
        yield from (f"{key}.{inner}" for inner in value) if key in _INNER else (key,)


def _change(model: type[Spec], row: Row) -> str:
    match row.in_place:
        case InPlace(reset=reset):
            return "in place" if reset else "in place; taking it away replaces"
        case None:
            return "loses the data, so with `--allow-loss` only" if model is Volume else "replaces"
    return "in place"
