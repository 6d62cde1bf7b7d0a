"""The page of error codes. Takes the source of the program, gives Markdown.

A *carrier* is whatever takes a `code`: `fail`, `Problem`, `Finding` and the small functions around them. Every call of
one is a place where a code arises, and its message is what is told.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from dockerdecl.errors import ExitCode
from tools.markdown import code, codes, page, table
from tools.meanings import ELSEWHERE, ENGINE
from tools.source import Module, Reader, given, parameters, read_source

_NOTE = "Note"
_SHOWN = 3

# Where the call alone does not show it: what becomes of the error further up.
_EXITS = {
    "interrupted": ExitCode.INTERRUPTED,
    "policy-allowance-unused": ExitCode.DONE,
    "usage": ExitCode.USAGE,
    "variable-unset": ExitCode.DONE,
}


@dataclass(frozen=True, slots=True)
class Told:
    """One code: what is told with it, where it arises, and how a run ends with it."""

    code: str
    messages: tuple[str, ...]
    places: tuple[str, ...]
    exits: tuple[ExitCode, ...]


@dataclass(frozen=True, slots=True)
class _Carrier:
    """Something that takes a code. One whose name begins with `_` is called in its own module only."""

    name: str
    parameters: tuple[str, ...]
    exit_code: ExitCode | None = None


@dataclass(frozen=True, slots=True)
class _Site:
    """A call that gives a code."""

    module: Module
    carrier: _Carrier
    call: ast.Call = field(repr=False)

    @property
    def given(self) -> dict[str, ast.expr]:
        """What it gives, by parameter."""
        return given(self.call, self.carrier.parameters)


def errors_page() -> str:
    """Every error code: what is told with it, where it arises, and how the run ends."""
    lines = [(code(told.code), _says(told), codes(told.places), _ends(told)) for told in told_codes()]
    return page(
        "Errors",
        "The code stands in brackets behind `error`, and in the reports of `--format json`. In what is told with it, "
        "words in capitals stand for what is particular to the case. What an engine answers is told in its own words: "
        "of those codes, this says what they mean. Most messages have a hint with them that says what to do.",
        table(("code", "says", "told by", "exit code"), lines),
    )


def _says(told: Told) -> str:
    shown = told.messages[:_SHOWN]
    return "; ".join((*shown, "and more of the kind") if len(told.messages) > _SHOWN else shown)


def _ends(told: Told) -> str:
    return ", ".join("0, a warning" if each is ExitCode.DONE else str(each.value) for each in told.exits)


@cache
def told_codes(kind: str = "") -> tuple[Told, ...]:
    """Every code of an error, or of a `Note`, by name. Raises LookupError where nothing says what one means, or where
    something is said of one that does not exist.
    """
    reader = Reader(read_source())
    sites: dict[str, list[_Site]] = {}
    for site in _sites(reader):
        if (site.carrier.name == _NOTE) is (kind == _NOTE):
            for text in filter(None, reader.texts(site.given.get("code"), site.module)):
                sites.setdefault(text, []).append(site)
    told = tuple(_told(text, sites[text], reader) for text in sorted(sites, key=str.lower))
    if silent := [each.code for each in told if not each.messages]:
        raise LookupError(f"tools/meanings.py must say what these codes mean: {', '.join(silent)}")
    if not kind and (unused := (ENGINE.keys() | ELSEWHERE.keys()) - sites.keys()):
        raise LookupError(f"tools/meanings.py speaks of codes that don't exist: {', '.join(sorted(unused))}")
    return told


def _told(text: str, sites: Sequence[_Site], reader: Reader) -> Told:
    found = [meanings[text] for meanings in (ELSEWHERE, ENGINE) if text in meanings]
    if text not in ELSEWHERE:
        own = (site for site in sites if site.module.name != "engine.errors")
        found += [m for site in own for m in reader.texts(site.given.get("message"), site.module) if _is_told(m)]
    places = sorted({site.module.name for site in sites})
    exits = sorted({_exit(text, site) for site in sites})
    return Told(text, tuple(dict.fromkeys(found)), tuple(places), tuple(exits))


def _is_told(message: str) -> bool:
    "whether a message says anything beside what is particular to the case"
    return any(word.islower() and len(word) > 2 for word in message.split())


def _exit(text: str, site: _Site) -> ExitCode:
    if text in _EXITS:
        return _EXITS[text]
    own = _exit_code(site.call) or site.carrier.exit_code
    return own or (ExitCode.INVALID if site.module.name.startswith(("manifest.", "policy.")) else ExitCode.FAILED)


def _exit_code(call: ast.Call) -> ExitCode | None:
    match given(call, ()).get("exit_code"):
        case ast.Attribute(value=ast.Name(id="ExitCode"), attr=name):
            return ExitCode[name]
    return None


def _sites(reader: Reader) -> Iterator[_Site]:
    own = {module.name: dict(_carriers(module)) for module in reader.modules}
    public = {name: carrier for found in own.values() for name, carrier in found.items() if not name.startswith("_")}
    for module in reader.modules:
        known = {**public, **own[module.name]}
        for name, call in module.calls:
            if name in known and not _hands_on(call, module, known):
                yield _Site(module, known[name], call)


def _hands_on(call: ast.Call, module: Module, carriers: Mapping[str, _Carrier]) -> bool:
    "whether a carrier only hands on the code that it was given itself: then the calls of that one count"
    function = module.scopes.get(id(call))
    words = (*call.args, *(word.value for word in call.keywords))
    is_given = any(isinstance(word, ast.Name) and word.id == "code" for word in words)
    return is_given and function is not None and function.name in carriers


def _carriers(module: Module) -> Iterator[tuple[str, _Carrier]]:
    for node in ast.walk(module.tree):
        match node:
            case ast.FunctionDef():
                taken = {argument.arg: argument.annotation for argument in parameters(node)}
                calls = (call for call in ast.walk(node) if isinstance(call, ast.Call))
                exits = next((found for call in calls if (found := _exit_code(call))), None)
            case ast.ClassDef(decorator_list=[_, *_]):
                parts = [part for part in node.body if isinstance(part, ast.AnnAssign)]
                taken = {ast.unparse(part.target): part.annotation for part in parts}
                exits = None
            case _:
                continue
        annotation = taken.get("code")
        if annotation is not None and ast.unparse(annotation) == "str":
            yield node.name, _Carrier(node.name, tuple(taken), exits)
