"""A plain tree as the text of a manifest.

Takes maps, lists and scalars, with comments by path; gives YAML that says the same to every reader: what could be taken
for something else than text is quoted, and a dollar sign is doubled, but in a `Template`, whose variables are meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dockerdecl.expressions import expression

Path = tuple[str, ...]
Comments = Mapping[Path, Sequence[str]]

WIDTH = 100

_PLAIN = expression(r"(?:[A-Za-z/][A-Za-z0-9_./@+=,-]*|[0-9]+(?:[a-z]{1,2}[0-9]*)*[a-z]|[0-9]+\.[0-9]+)")
_WORDS_OF_YAML = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_PLAIN_WITH_COLONS = expression(r"[A-Za-z/][A-Za-z0-9_./@+=,-]*(?::[A-Za-z0-9_./@+=,-]+)+")

_BREAKS = expression("[\x7f-\x9f\u2028\u2029\ufeff]")


class Template(str):
    """Text with variables that are to be replaced; in any other text, a dollar sign is itself."""

    __slots__ = ()


def yaml_text(tree: Mapping[str, Any], comments: Comments) -> str:
    """The text of a manifest; the comments of the empty path come first."""
    lines = [f"# {text}".rstrip() for text in comments.get((), ())]
    return "\n".join([*lines, *_map(tree, (), comments)]) + "\n"


def _map(tree: Mapping[str, Any], path: Path, comments: Comments) -> Iterator[str]:
    indent = "  " * len(path)
    for key, value in tree.items():
        below = (*path, str(key))
        yield from (f"{indent}# {text}" for text in comments.get(below, ()))
        head = f"{indent}{_scalar(str(key), flow=False, keep=True)}:"
        flow = None if _has_comments(below, comments) else _flow(value)
        if flow is not None and len(head) + 1 + len(flow) <= WIDTH:
            yield f"{head} {flow}"
        elif isinstance(value, Mapping):
            yield head
            yield from _map(value, below, comments)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield head
            yield from _list(value, indent)
        else:
            yield f"{head} {_scalar(value, flow=False)}"


def _has_comments(path: Path, comments: Comments) -> bool:
    return any(other[: len(path)] == path and other != path for other in comments)


def _list(values: Sequence[Any], indent: str) -> Iterator[str]:
    for value in values:
        flow = _flow(value, whole=True)
        yield f"{indent}  - {_scalar(value, flow=False) if flow is None else flow}"


def _flow(value: Any, *, whole: bool = False) -> str | None:
    "on one line; a map only where it holds nothing but scalars and lists of them, unless the `whole` of it must be"
    match value:
        case Mapping():
            shallow = len(value) <= 3 and all(not isinstance(part, Mapping) for part in value.values())
            if not (whole or shallow):
                return None
            keys = {key: _scalar(str(key), flow=True, keep=True) for key in value}
            return "{" + ", ".join(f"{keys[k]}: {_flow(part, whole=True)}" for k, part in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(str(_flow(part, whole=True)) for part in value) + "]"
        case None:
            return ""
    return _scalar(value, flow=True)


def _scalar(value: Any, *, flow: bool, keep: bool = False) -> str:
    "`keep`: a key, in which no variable is ever looked for"
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case None:
            return ""
    text = str(value)
    if not (keep or isinstance(value, Template)):
        text = text.replace("$", "$$")
    plain = _PLAIN.fullmatch(text) or (not flow and _PLAIN_WITH_COLONS.fullmatch(text))
    if plain and text.lower() not in _WORDS_OF_YAML and not (flow and "," in text):
        return text
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
