"""A graph in the language of Mermaid, which code hosts draw within Markdown.

Takes a `dockerdecl/graph/v1` document, gives text. Every text of the document stands in quotes, with each character
that could mean something as its number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dockerdecl.cli.render.graph_looks import TONES, bond_words, key_of, look_of, looks_in
from dockerdecl.cli.render.visible import visible
from dockerdecl.expressions import expression

Document = Mapping[str, Any]

_SHAPES = {"container": ("[", "]"), "network": ("([", "])"), "volume": ("[(", ")]"), "image": ("{{", "}}")}
_ARROWS = {
    "depends_on": "-->",
    "links": "==>",
    "legacy link": "==>",
    "namespace": "-.->",
    "volumes_from": "-.->",
    "volume": "-->",
    "network": "---",
    "image": "-.-",
}
_PLAIN = expression(r"[^A-Za-z0-9 .,:/_+()\[\]→●✔◐✖↻‖○■·-]")
_LIST = expression(r"^[-+]|(?<=^\d)\.|(?<=^\d\d)\.")


def graph_mermaid(document: Document) -> str:
    """The graph as text for Mermaid."""
    nodes, shows = document["nodes"], document["shows"]
    numbers = {node["address"]: f"n{index}" for index, node in enumerate(nodes)}
    looks = looks_in(nodes, shows)
    classes: dict[str, list[str]] = {}
    for node in nodes:
        look = look_of(node, shows)
        classes.setdefault(f"{look.tone}{'Dashed' if look.dashed else ''}", []).append(numbers[node["address"]])
    legend = ", ".join(f"{look.sign} {look.words}" for look in looks)
    return "\n".join(
        [
            "flowchart LR",
            *([f"  %% {_plain(legend)}"] if legend else []),
            *(f"  {numbers[node['address']]}{_shape(node, shows)}" for node in nodes),
            *(line for edge in document["edges"] if (line := _edge(edge, numbers))),
            *(_class(name) for name in classes),
            *(f"  class {','.join(members)} {name}" for name, members in classes.items()),
            "",
        ]
    )


def _shape(node: Document, shows: str) -> str:
    look = look_of(node, shows)
    lines = [key_of(node["address"]), node["detail"] if node["kind"] == "container" else node["name"], *node["ports"]]
    lines.append(f"{look.sign} {look.words}".strip())
    opened, closed = _SHAPES.get(node["kind"], ("[", "]"))
    return f'{opened}"{"<br/>".join(_plain(str(line)) for line in dict.fromkeys(lines) if line)}"{closed}'


def _edge(edge: Document, numbers: Mapping[str, str]) -> str | None:
    source, target = numbers.get(edge["source"]), numbers.get(edge["target"])
    if source is None or target is None:
        return None
    words = bond_words(edge)
    label = f'|"{_plain(words)}"|' if words else ""
    return f"  {source} {_ARROWS.get(edge['kind'], '-->')}{label} {target}"


def _class(name: str) -> str:
    tone = TONES[name.removesuffix("Dashed")]
    dashes = ",stroke-dasharray:5 4" if name.endswith("Dashed") else ""
    return f"  classDef {name} fill:{tone.fill},stroke:{tone.line},color:#1b2733{dashes}"


def _plain(text: str) -> str:
    # At the beginning, `- ` and `1. ` would make a list.
    return _LIST.sub(_number, _PLAIN.sub(_number, visible(text)))


def _number(match: re.Match[str]) -> str:
    return "".join(f"#{ord(character)};" for character in match.group())
