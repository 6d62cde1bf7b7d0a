"""Why a manifest does not fit the models, for people: each mistake with its place, and what would be right.

Takes what the validator found, gives problems in the words of the manifest; none of the validator's own ever comes
through. What a field takes is told from the JSON Schema, the same that editors show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from dockerdecl.errors import Problem
from dockerdecl.manifest.compose_words import NOTHING, TOP_LEVEL, UNSUPPORTED
from dockerdecl.manifest.nodes import NodePath
from dockerdecl.manifest.places import Places
from dockerdecl.manifest.schema import SECTIONS, below, branches
from dockerdecl.resources.address import Kind
from dockerdecl.resources.document import API_VERSION
from dockerdecl.resources.schemas import Schema
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_KEY_MARK = "[key]"
_WRONG_KIND = " is expected here, not "
_SHAPES = frozenset(("dict_type", "list_type", "tuple_type", "model_type", "string_type", "mapping_type"))
_CHOICES = frozenset(("literal_error", "enum"))
_KINDS = {"string": "a text", "number": "a text", "boolean": "a text", "integer": "a text"}
_KINDS |= {"array": "a list", "object": "a map"}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was meant to be, or None where none is near."""
    from difflib import get_close_matches

    by_form = {_form(candidate): candidate for candidate in known}
    near = get_close_matches(_form(word), by_form, n=1, cutoff=0.6)
    return by_form[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """The hint that names the nearest known word, or `otherwise`."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else otherwise


def is_extension(error: ErrorDetails) -> bool:
    """Whether the validator only met a key that begins with `x-`, which anybody may use."""
    return error["type"] == "extra_forbidden" and str(error["loc"][-1]).startswith("x-")


def is_newer_format(error: ErrorDetails, known: str = API_VERSION) -> bool:
    """Whether the file is written for a later version of this program, so that nothing else of it can be judged."""
    name, _, number = known.rpartition("v")
    written = str(error["input"]) if error["loc"] == ("apiVersion",) else ""
    later = written.removeprefix(f"{name}v")
    return written.startswith(f"{name}v") and later.isdecimal() and int(later) > int(number)


@dataclass(frozen=True, slots=True)
class Language:
    """What a kind of file is called, which format it has, and how its schema is printed."""

    name: str
    version: str
    command: str
    others_words: Mapping[str, str] = field(default_factory=dict)


MANIFEST = Language("a manifest", API_VERSION, "dockerdecl schema", TOP_LEVEL)


@dataclass(frozen=True, slots=True)
class Explainer:
    """Turns the validator's findings about one tree into problems."""

    places: Places
    schema: Schema
    language: Language = MANIFEST

    def problem(self, error: ErrorDetails) -> Problem:
        """What one finding means."""
        path = error["loc"]
        if path[-1:] == (_KEY_MARK,):
            return self._at_key(path[:-1], "wrong-key", *_said(error))
        if path == ("apiVersion",) and error["type"] in _CHOICES:
            return self._format(error)
        match error["type"]:
            case "extra_forbidden":
                return self._unknown_key(path)
            case "missing":
                return self._missing(path)
            case kind if kind in _CHOICES:
                return self._choice(path, error)
            case kind if kind in _SHAPES:
                return self._at_value(path, "wrong-kind", self._expected(path, error["input"]), None)
            case "value_error":
                message, hint = _said(error)
                return self._at_value(path, "wrong-kind" if _WRONG_KIND in message else "wrong-value", message, hint)
        return self._at_value(path, "wrong-value", f"`{path[-1]}` can't have this value", None)

    def _at_key(self, path: NodePath, code: str, message: str, hint: str | None) -> Problem:
        return Problem(code, message, address_of(path), self.places.key(path), hint or self._described(path))

    def _at_value(self, path: NodePath, code: str, message: str, hint: str | None) -> Problem:
        return Problem(code, message, address_of(path), self.places.value(path), hint or self._described(path))

    def _unknown_key(self, path: NodePath) -> Problem:
        *inside, last = path
        key = str(last)
        part = self._part(inside) or {}
        owner = self._owner(tuple(inside))
        for branch in branches(self.schema, part):
            instead = UNSUPPORTED.get(branch.get("title", ""), {}).get(key)
            if instead is not None:
                return self._at_key(
                    path, "unsupported-field", f"Compose's `{key}` is not supported in {owner}", instead
                )
        others = self.language.others_words
        if not inside and key in others:
            code = "unsupported-field" if others[key] == NOTHING else "unknown-key"
            return self._at_key(path, code, f"{owner} has no key `{key}`", others[key])
        known = [word for branch in branches(self.schema, part) for word in branch.get("properties", ())]
        hint = did_you_mean(key, known, f"take it out; `{self.language.command}` prints all that are known")
        return self._at_key(path, "unknown-key", f"{owner} has no key `{key}`", hint)

    def _missing(self, path: NodePath) -> Problem:
        *inside, key = path
        message = f"{self._owner(tuple(inside))} needs `{key}`, which is missing here"
        return Problem(
            "missing-field", message, address_of(path), self.places.key(tuple(inside)), self._described(path)
        )

    def _choice(self, path: NodePath, error: ErrorDetails) -> Problem:
        written = error["input"]
        choices = [choice for branch in self._branches(path) for choice in _choices(branch)]
        if not isinstance(written, str):
            message = f"`{_name(path)}` takes one of {', '.join(choices)}, not {kind_of(written)}"
            return self._at_value(path, "wrong-kind", message, None)
        message = f"`{written}` is none of {', '.join(choices)}"
        return self._at_value(path, "wrong-value", message, did_you_mean(written, choices, "write one of these"))

    def _format(self, error: ErrorDetails) -> Problem:
        path, written, known = error["loc"], error["input"], self.language.version
        if is_newer_format(error, known):
            message = f"this version of dockerdecl does not know the format `{written}`; it knows `{known}`"
            return self._at_value(path, "newer-format", message, f"use a newer dockerdecl, one that reads `{written}`")
        shown = f"`{written}`" if isinstance(written, str) else kind_of(written)
        message = f"{shown} is no format of {self.language.name}"
        return self._at_value(path, "wrong-value", message, f"write `{known}`")

    def _expected(self, path: NodePath, written: Any) -> str:
        types = (kind for branch in self._branches(path) for kind in _types(branch))
        kinds = list(dict.fromkeys(_KINDS[kind] for kind in types if kind in _KINDS))
        return f"{' or '.join(kinds) or 'something else'} is expected here, not {kind_of(written)}"

    def _described(self, path: NodePath) -> str:
        """The documentation of the innermost field on `path` that has one."""
        for end in range(len(path), 0, -1):
            if isinstance(path[end - 1], str) and (said := (self._part(path[:end]) or {}).get("description")):
                return f"`{path[end - 1]}`: {said}"
        return f"`{self.language.command}` prints what {self.language.name} may hold"

    def _owner(self, path: NodePath) -> str:
        """What a key stands in, in words."""
        if not path:
            return self.language.name
        if len(path) == 2 and path[0] in SECTIONS:
            kind = str(path[0]).removesuffix("s")
            return f"an {kind}" if kind == "image" else f"a {kind}"
        return f"`{_name(path)}`"

    def _branches(self, path: NodePath) -> Iterator[Schema]:
        return branches(self.schema, self._part(path) or {})

    def _part(self, path: Iterable[str | int]) -> Schema | None:
        part: Schema | None = self.schema
        for step in path:
            part = below(self.schema, part, step) if part is not None else None
        return part


def address_of(path: NodePath) -> str | None:
    """The address of the resource that `path` leads into, where it leads into one that has an address."""
    if len(path) < 2 or path[0] not in SECTIONS:
        return None
    kind = str(path[0]).removesuffix("s")
    return f"{kind}.{path[1]}" if kind in set(Kind) else None


def kind_of(written: Any) -> str:
    """What a value is, in words for a message, without the value."""
    match written:
        case None:
            return "nothing"
        case Mapping():
            return "a map"
        case list() | tuple():
            return "a list"
    return "a single text"


def _said(error: ErrorDetails) -> tuple[str, str | None]:
    """The text of a ValueError of our own, which says what is wrong, and after a mark what would be right."""
    text = str(error.get("ctx", {}).get("error", "this value is not allowed"))
    if isinstance(error["input"], str) and text.startswith(quoted := repr(error["input"])):
        text = f"`{error['input']}`{text.removeprefix(quoted)}"
    for mark in ("; ", ": write ", ": leave "):
        message, found, hint = text.partition(mark)
        if found:
            return message, mark.lstrip(":; ") + hint
    return text, None


def _name(path: NodePath) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _choices(branch: Schema) -> list[str]:
    return [str(choice) for choice in branch.get("enum", ())]


def _types(branch: Schema) -> list[str]:
    types = branch.get("type", ())
    return [types] if isinstance(types, str) else list(types)


def _form(word: str) -> str:
    return word.lower().replace("-", "_")
