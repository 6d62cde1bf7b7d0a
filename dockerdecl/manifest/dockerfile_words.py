"""The words of a Dockerfile's line: split, with variables put in, and the heredocs that they begin.

Takes text, gives text, by the rules of Docker's builder (which are near those of a shell, but not the same). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dockerdecl.expressions import expression

_NAME = expression(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]")
_HEREDOC = expression(r"(\d*)<<(-?)([^<]+)")


def split_words(text: str, escape: str = "\\") -> tuple[str, ...]:
    """The words of `text` as written, quotes and escapes kept, parted by white space outside of them."""
    mark = re.escape(escape)
    word = re.compile(rf"""(?:"(?:{mark}.|[^"{mark}])*"?|'[^']*'?|{mark}.?|[^\s"'{mark}])+""", re.DOTALL)
    return tuple(word.findall(text))


def heredoc_names(text: str) -> Iterator[tuple[str, bool]]:
    """The terminators of the heredocs that `text` begins, and whether tabs before them are stripped (`<<-`)."""
    for word in split_words(text):
        heredoc = _HEREDOC.fullmatch(word)
        if heredoc:
            # An unset variable stays as it is in a heredoc's name, so only quotes and escapes are undone.
            name = re.sub(r"""\\(.)|["']""", r"\1", heredoc[3])
            yield name, heredoc[2] == "-"


def expand(text: str, values: Mapping[str, str], escape: str = "\\") -> str:
    """`text` with its variables replaced and its quotes undone; an unset variable is empty.

    Knows `$X`, `${X}`, and `-`, `+`, `?` in `${X-word}`, with or without a colon. Raises ValueError for what else
    stands in `${}`, for a missing brace or quote, and for `${X?message}` where X is unset.
    """
    return _Expansion(text, values, escape).until("")


class _Expansion:
    """One walk through one text; `position` is where it stands."""

    def __init__(self, text: str, values: Mapping[str, str], escape: str) -> None:
        self._text = text
        self._values = values
        self._escape = escape
        self._position = 0

    def until(self, end: str) -> str:
        """The expanded text up to one of the characters in `end`, which is taken but not given."""
        parts: list[str] = []
        while self._position < len(self._text):
            character = self._next()
            if character in end:
                return "".join(parts)
            if character == self._escape:
                parts.append(self._next() or character)
            elif character == "'":
                parts.append(self._single_quoted())
            elif character == '"':
                parts.append(self._double_quoted())
            elif character == "$":
                parts.append(self._variable())
            else:
                parts.append(character)
        if end:
            raise ValueError(f"`{self._text}` lacks a `{end}`")
        return "".join(parts)

    def _next(self) -> str:
        self._position += 1
        return self._text[self._position - 1 : self._position]

    def _single_quoted(self) -> str:
        end = self._text.find("'", self._position)
        if end < 0:
            raise ValueError(f"`{self._text}` lacks a closing `'`")
        quoted, self._position = self._text[self._position : end], end + 1
        return quoted

    def _double_quoted(self) -> str:
        parts = []
        while (character := self._next()) != '"':
            if not character:
                raise ValueError(f'`{self._text}` lacks a closing `"`')
            if character == "$":
                parts.append(self._variable())
            elif character == self._escape and self._text[self._position : self._position + 1] in (
                '"',
                "$",
                self._escape,
            ):
                parts.append(self._next())
            else:
                parts.append(character)
        return "".join(parts)

    def _variable(self) -> str:
        braced = self._text.startswith("{", self._position)
        name = _NAME.match(self._text, self._position + braced)
        if name is None:
            if braced:
                raise ValueError(f"`{self._text}` has a `${{` without a name behind it")
            return "$"
        self._position = name.end()
        if not braced:
            return self._values.get(name[0], "")
        if self._text.startswith("}", self._position):
            self._position += 1
            return self._values.get(name[0], "")
        return self._modified(name[0])

    def _modified(self, name: str) -> str:
        modifier = re.compile(r"(:?)([-+?])").match(self._text, self._position)
        if modifier is None:
            raise ValueError(f"`{self._text}` is not understood behind `${{{name}`: `-`, `+` and `?` can stand there")
        self._position = modifier.end()
        word = self.until("}")
        value = self._values.get(name)
        is_set = bool(value) if modifier[1] else value is not None
        if modifier[2] == "+":
            return word if is_set else ""
        if not is_set and modifier[2] == "?":
            raise ValueError(f"the variable `{name}` is not set" + (f": {word}" if word else ""))
        return (value or "") if is_set else word
