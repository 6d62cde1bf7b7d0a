"""The page of Compose's words: each that its specification has, and what it is here, or why there is none.

Takes the specification's words (compose_specification.json), the models, and the table of words that are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from dockerdecl.manifest.compose_words import UNSUPPORTED
from dockerdecl.resources.container.spec import Container
from dockerdecl.resources.files.spec import FileSource
from dockerdecl.resources.network.spec import Network
from dockerdecl.resources.spec import Spec
from dockerdecl.resources.volume.spec import Volume
from tools.fields import documentation
from tools.markdown import code, page, section, table

SPECIFICATION = Path(__file__).parent / "compose_specification.json"

_OBJECTS: Mapping[str, tuple[str, type[Spec]]] = MappingProxyType(
    {
        "service": ("a container", Container),
        "network": ("a network", Network),
        "volume": ("a volume", Volume),
        "secret": ("a secret", FileSource),
        "config": ("a config", FileSource),
    }
)


def coverage_page() -> str:
    """Every word of the Compose Specification, and what it is in a manifest."""
    words: dict[str, list[str]] = json.loads(SPECIFICATION.read_text(encoding="utf-8"))
    return page(
        "Words of Compose",
        "What the Compose Specification has words for. A word that is carried out has the forms and the meaning that "
        "it has there; one that is not is refused with what to write instead, never passed over.",
        *(_section(name, words[name]) for name in _OBJECTS),
    )


def _section(name: str, words: list[str]) -> str:
    here, model = _OBJECTS[name]
    lines = list(_lines(words, model))
    count = sum(line[1] == "yes" for line in lines)
    return section(
        f"A {name}", f"Here it is {here}. {count} of {len(words)} words are carried out.", table(_COLUMNS, lines)
    )


_COLUMNS = ("word", "carried out", "what it is, or what to write instead")


def _lines(words: list[str], model: type[Spec]) -> Iterator[tuple[str, ...]]:
    refused = UNSUPPORTED.get(model.__name__, {})
    for word in words:
        if word in model.model_fields:
            yield code(word), "yes", documentation(model, word)
        else:
            yield code(word), "no", refused[word]
