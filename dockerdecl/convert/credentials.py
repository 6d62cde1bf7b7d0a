"""Values that a manifest must not hold: they become variables. Takes names and values, gives templates, and keeps what
each variable stands for. Shows no value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from dockerdecl.convert.yaml_text import Template
from dockerdecl.expressions import expression
from dockerdecl.resources.masking import looks_like_a_credential
from dockerdecl.values import dataclass

_NOT_A_VARIABLE = expression(r"[^A-Za-z0-9_]+")
_IN_A_URL = expression(r"(?<=://)([^/@\s:]*:[^/@\s]+)(?=@)")
_OPTION = expression(r"(?s)(--?[A-Za-z][A-Za-z0-9_-]*)=(.+)")
_IN_OPTIONS = expression(r"(?<![^,])([A-Za-z_]*pass(?:word)?[A-Za-z_]*)=([^,]+)")


@dataclass(slots=True)
class Variables:
    """The variables of one manifest: what each stands for, and which are asked for by more than one place."""

    values: dict[str, str] = field(default_factory=dict)

    def of(self, wanted: str, value: str, owner: str) -> str:
        """A template that stands for a value: named as wanted, with the owner's key before it where that is taken."""
        plain = _NOT_A_VARIABLE.sub("_", wanted).strip("_").upper() or "VALUE"
        plain = f"_{plain}" if plain[0].isdigit() else plain
        owned = _NOT_A_VARIABLE.sub("_", f"{owner}_{plain}").strip("_").upper()
        numbered = (f"{owned}_{number}" for number in range(2, len(self.values) + 3))
        name = next(n for n in (plain, owned, *numbered) if self.values.get(n, value) == value)
        self.values[name] = value
        return f"${{{name}:?}}"

    def map(self, values: Mapping[str, Any], owner: str) -> dict[str, Any]:
        """A map whose values are templates where the key or the value tells of a credential."""
        return {name: self._value(name, value, owner) for name, value in values.items()}

    def _value(self, name: str, value: Any, owner: str) -> Any:
        if not isinstance(value, str) or not value:
            return value
        names_a_file = name.upper().endswith("_FILE") and value.startswith("/")
        if looks_like_a_credential(name) and not names_a_file:
            return Template(self.of(name, value, owner))
        if _IN_A_URL.search(value):
            return self._replaced(_IN_A_URL, value, lambda found: (f"{name}_LOGIN", "", found[1]), owner)
        if _IN_OPTIONS.search(value):
            return self._replaced(_IN_OPTIONS, value, lambda found: (found[1], f"{found[1]}=", found[2]), owner)
        return value

    def words(self, words: Sequence[str], owner: str) -> list[str]:
        """A command whose credentials are templates: `--password=…`, and the word after `--password`."""
        found: list[str] = []
        before = ""
        for word in words:
            option = _OPTION.fullmatch(word)
            if option and looks_like_a_credential(option[1].lstrip("-")):
                template = self.of(option[1].strip("-"), option[2], owner)
                found.append(Template(_escaped(f"{option[1]}=") + template))
            elif before.startswith("-") and looks_like_a_credential(before.lstrip("-")) and not word.startswith("-"):
                found.append(Template(self.of(before.lstrip("-"), word, owner)))
            elif _IN_A_URL.search(word):
                found.append(self._replaced(_IN_A_URL, word, lambda found: ("LOGIN", "", found[1]), owner))
            else:
                found.append(word)
            before = word if "=" not in word else ""
        return found

    def _replaced(self, pattern: re.Pattern[str], text: str, parts: Any, owner: str) -> Template:
        done, at = "", 0
        for found in pattern.finditer(text):
            name, head, value = parts(found)
            done += _escaped(text[at : found.start()] + head) + self.of(name, value, owner)
            at = found.end()
        return Template(done + _escaped(text[at:]))


def _escaped(text: str) -> str:
    return text.replace("$", "$$")


def env_text(values: Mapping[str, str]) -> str:
    """The variables as a `.env` file that gives back each value, whatever is in it."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in sorted(values.items()))


def _quoted(value: str) -> str:
    "in single quotes nothing is replaced; what those can't hold is escaped in double ones"
    if "'" not in value and "\\" not in value:
        return f"'{value}'"
    escapes = {"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(character, character) for character in value) + '"'
