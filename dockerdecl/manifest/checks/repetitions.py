"""Names that a list says twice, of which a map would silently keep one.

Takes the tree as it was written, since the typed document has no trace of them; gives findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dockerdecl.manifest.checks.finding import Finding
from dockerdecl.manifest.nodes import Mapping, Scalar, Sequence


def _alias(text: str) -> str:
    target, _, alias = text.partition(":")
    return alias or target


def _whole(text: str) -> str:
    return text


_NAMED_BY: dict[str, Callable[[str], str]] = {
    "links": _alias,
    "networks": _whole,
    "depends_on": _whole,
    "volumes_from": lambda text: text.removeprefix("container:").partition(":")[0],
}


def check_repetitions(root: Mapping) -> Iterator[Finding]:
    """Links of one alias, and networks, dependencies and sources of volumes that are listed twice."""
    containers = root.get("containers")
    for entry in containers.entries if isinstance(containers, Mapping) else ():
        if isinstance(entry.value, Mapping):
            for word, name_of in _NAMED_BY.items():
                listed = entry.value.get(word)
                if isinstance(listed, Sequence):
                    yield from _twice(listed, name_of, ("containers", entry.key, word))


def _twice(listed: Sequence, name_of: Callable[[str], str], path: tuple[str, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, item in enumerate(listed.items):
        if isinstance(item, Scalar) and item.text:
            name = name_of(item.text)
            if name in seen:
                message = f"`{name}` stands in `{path[-1]}` a second time"
                yield Finding("listed-twice", (*path, index), message, "take one of them out, or name it otherwise")
            seen.add(name)
