"""The grammar of `.env` files, as Compose reads them.

Takes the text of one file and a way to look names up, gives its variables. Opens no file. Problems never carry a line
or a value, since these files hold passwords.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from dockerdecl.errors import Problem, Where
from dockerdecl.expressions import expression
from dockerdecl.manifest.interpolation import required_variable, unset_variable
from dockerdecl.manifest.texts import SourceText, place
from dockerdecl.manifest.variables import Lookup, VariableSyntaxError, expand, parse_template
from dockerdecl.values import dataclass

_SKIPPED = expression(r"(?:\s|#[^\n]*)*")
_EXPORT = expression(r"export[ \t]+")
_KEY = expression(r"[\w.\-\[\]]*")
_BLANK = expression(r"[ \t\r\v\f\x85\xa0]*")
_UNQUOTED = expression(r"[^\n]*")
_REST = expression(r"[ \t\r]*(?:#[^\n]*)?(?:\n|\Z)")
_ESCAPE = expression(r"\\(?:([\"abfnrtv\\$])|0([0-3][0-7]{2}))")
_ESCAPED = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "$": "$$",
}


@dataclass(slots=True)
class EnvFile:
    """The variables of a file, the last of equal names, and what is wrong or not set in it."""

    values: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def parse_env_file(source: SourceText, lookup: Lookup, earlier: Mapping[str, str]) -> EnvFile:
    """The variables of `earlier` files and, over them, those in `source`.

    A value may name others: those that `lookup` knows, then those above it, then those of earlier files.
    """
    return _Parser(source, lookup, EnvFile(dict(earlier))).parse()


@dataclass(slots=True)
class _Parser:
    source: SourceText
    outer: Lookup
    file: EnvFile

    def parse(self) -> EnvFile:
        text = self.source.content
        at = _skip(_SKIPPED, text, 0)
        while at < len(text):
            at = self._statement(at)
            at = _skip(_SKIPPED, text, at)
        return self.file

    def _statement(self, start: int) -> int:
        """Reads one variable; gives where the next may begin."""
        text = self.source.content
        start = _skip(_EXPORT, text, start)
        end = _skip(_KEY, text, start)
        name = text[start:end]
        at = _skip(_BLANK, text, end)
        separator = text[at : at + 1]
        if not name or separator not in ("=", ":", "\n", ""):
            return self._bad_name(at if name else start)
        if separator not in ("=", ":"):
            value = self._lookup(name)
            if value is not None:
                self.file.values[name] = value
            return at
        written = at + 1
        at = _skip(_BLANK, text, written)
        if text[at : at + 1] in ("'", '"'):
            return self._quoted(name, at)
        end = _skip(_UNQUOTED, text, at)
        comment = text.find(" #", written, end)
        value = text[at : end if comment < 0 else comment].rstrip()
        self._set(name, value, range(at, end))
        return end

    def _quoted(self, name: str, start: int) -> int:
        text = self.source.content
        quote = text[start]
        found = re.compile(rf"(?:[^\\{quote}]|\\.)*{quote}", re.DOTALL).match(text, start + 1)
        if found is None:
            message = f"the value of `{name}` begins with a quote that is never closed"
            self._problem("env-file-syntax", message, start, f"end it with `{quote}`")
            return len(text)
        raw = text[start + 1 : found.end() - 1]
        if quote == "'":
            self.file.values[name] = raw.replace("\\'", "'")
        else:
            self._set(name, *_unescaped(raw, start + 1))
        rest = _REST.match(text, found.end())
        if rest is None:
            hint = "put all of the value in the quotes; a comment begins with `#`"
            self._problem("env-file-syntax", f"text follows the quoted value of `{name}`", found.end(), hint)
        return _skip(_UNQUOTED, text, found.end())

    def _set(self, name: str, template: str, origins: range | list[int]) -> None:
        """Sets `name` to the expanded `template`; `origins` are the places of its characters in the file."""
        if "$" not in template:
            self.file.values[name] = template
            return
        try:
            expansion = expand(parse_template(template), self._lookup)
        except VariableSyntaxError as error:
            self._problem("variable-syntax", error.message, origins[error.offset], error.hint)
            return
        for reference in expansion.unset:
            self.file.warnings.append(unset_variable(reference.name, self._place(origins[reference.offset])))
        for missing in expansion.missing:
            where = self._place(origins[missing.offset])
            self.file.problems.append(required_variable(missing.name, missing.message, where))
        self.file.values[name] = expansion.text

    def _lookup(self, name: str) -> str | None:
        value = self.outer(name)
        return self.file.values.get(name) if value is None else value

    def _bad_name(self, at: int) -> int:
        hint = "write `NAME=value`; a comment begins with `#`, and a value of several lines needs quotes"
        self._problem("env-file-syntax", "this is not the name of a variable followed by `=`", at, hint)
        return _skip(_UNQUOTED, self.source.content, at)

    def _problem(self, code: str, message: str, at: int, hint: str) -> None:
        self.file.problems.append(Problem(code, message, where=self._place(at), hint=hint))

    def _place(self, at: int) -> Where:
        return place(self.source.content, at, self.source.name)


def _skip(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


def _unescaped(raw: str, start: int) -> tuple[str, list[int]]:
    """`raw` with its escapes replaced, and the place of each character that came of it."""
    characters: list[str] = []
    origins: list[int] = []
    at = 0
    while at < len(raw):
        found = _ESCAPE.match(raw, at)
        letter, octal = found.groups() if found else (None, None)
        replaced = _ESCAPED[letter] if letter else chr(int(octal, 8)) if octal else raw[at]
        characters.append(replaced)
        origins.extend([start + at] * len(replaced))
        at = found.end() if found else at + 1
    return "".join(characters), origins
