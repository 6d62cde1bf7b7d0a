"""What a `.dockerignore` leaves out of a build context.

Takes the text of the file, gives a matcher for paths relative to the context. Matches as Docker's own
`moby/patternmatcher` does, which is neither gitignore nor fnmatch. Pure: reads no file.
"""

from __future__ import annotations

import posixpath
import re

from dockerdecl.errors import Problem, Where, invalid
from dockerdecl.expressions import expression
from dockerdecl.values import dataclass

_SPECIAL = expression(r"[*?\[\\]")
_UNFINISHED = "ends in a `\\` that escapes nothing"


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One line. `matches` matches a path as a whole if the line names it or a directory above it."""

    text: str
    is_exception: bool
    matches: re.Pattern[str]

    def may_match_below(self, directory: str) -> bool:
        literal = _SPECIAL.split(self.text, maxsplit=1)[0]
        return literal != self.text or f"{literal}/".startswith(f"{directory}/")


@dataclass(frozen=True, slots=True)
class Dockerignore:
    """The patterns of a file in their order; of those that match a path the last decides."""

    patterns: tuple[_Pattern, ...] = ()

    def ignores(self, path: str) -> bool:
        """Whether `path` (relative to the context, parted by `/`, not `.`) is left out."""
        ignored = False
        for pattern in self.patterns:
            if pattern.is_exception == ignored and pattern.matches.fullmatch(path):
                ignored = not ignored
        return ignored

    def may_keep_below(self, directory: str) -> bool:
        """Whether something below the ignored `directory` may be kept by an exception (`!`): it must be seen then."""
        return any(pattern.is_exception and pattern.may_match_below(directory) for pattern in self.patterns)


def parse(text: str, file: str = ".dockerignore") -> Dockerignore:
    """The matcher that `text` describes. Raises DockerdeclError with each line of `file` that is no pattern."""
    patterns: list[_Pattern] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        # A comment begins in the first column: ` #x` names a file.
        stripped = "" if line.startswith("#") else line.strip()
        if not stripped:
            continue
        is_exception = stripped.startswith("!")
        written = stripped[1:].strip() if is_exception else stripped
        try:
            patterns.append(_pattern(written, is_exception))
        except ValueError as error:
            where = Where(file, number, 1)
            problems.append(
                Problem("dockerignore-invalid", f"`{stripped}` {error}", where=where, line=line.rstrip("\r"))
            )
    if problems:
        raise invalid(*problems)
    return Dockerignore(tuple(patterns))


def _pattern(written: str, is_exception: bool) -> _Pattern:
    if not written:
        raise ValueError("excepts nothing: a pattern must follow the `!`")
    text = _clean(written)
    return _Pattern(text, is_exception, re.compile(f"(?:{_expression(text)})(?s:/.*)?"))


def _clean(path: str) -> str:
    # Python keeps two leading slashes, Go's filepath.Clean does not.
    cleaned = posixpath.normpath(re.sub(r"\A/+", "/", path))
    return cleaned[1:] if len(cleaned) > 1 and cleaned.startswith("/") else cleaned


def _expression(text: str) -> str:
    """The regular expression of a pattern. `**` at an end of a pattern that is otherwise literal is a plain affix."""
    if not _SPECIAL.search(text.removesuffix("**")):
        return re.escape(text) if not text.endswith("**") else re.escape(text.removesuffix("**")) + "(?s:.*)"
    tail = text.removeprefix("**")
    if text.startswith("**") and not _SPECIAL.search(tail):
        return f"(?s:.*){re.escape(tail)}" + (f"|{re.escape(tail[1:])}" if tail.startswith("/") else "")
    return _with_wildcards(text)


def _with_wildcards(text: str) -> str:
    parts: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        position += 1
        if text.startswith("**", position - 1):
            position += 1 + text.startswith("/", position + 1)
            parts.append(".*" if position == len(text) else "(?:.*/)?")
        elif character == "*":
            parts.append("[^/]*")
        elif character == "?":
            parts.append("[^/]")
        elif character == "[":
            expression, position = _character_class(text, position)
            parts.append(expression)
        elif character == "\\":
            if position == len(text):
                raise ValueError(_UNFINISHED)
            parts.append(re.escape(text[position]))
            position += 1
        else:
            parts.append(re.escape(character))
    return "".join(parts)


def _character_class(text: str, position: int) -> tuple[str, int]:
    """The class that begins behind `[` at `position`, and the position behind its `]`."""
    negated = text.startswith("^", position)
    position += negated
    ranges: list[str] = []
    while not text.startswith("]", position) or not ranges:
        low, position = _class_character(text, position)
        high = low
        if text.startswith("-", position):
            high, position = _class_character(text, position + 1)
        if low > high:
            raise ValueError(f"has the range `{low}-{high}`, which runs backwards")
        ranges.append(f"{re.escape(low)}-{re.escape(high)}")
    return f"[{'^' if negated else ''}{''.join(ranges)}]", position + 1


def _class_character(text: str, position: int) -> tuple[str, int]:
    character = text[position : position + 1]
    if character == "\\":
        position += 1
        character = text[position : position + 1]
        if not character:
            raise ValueError(_UNFINISHED)
    elif character in ("", "-", "]"):
        raise ValueError("has a `[` without its `]`, or a `-` or `]` within that is not escaped with `\\`")
    return character, position + 1
