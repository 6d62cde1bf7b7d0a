"""A graph in the language of Graphviz.

Takes a `dockerdecl/graph/v1` document, gives text for `dot`. Every text of the document is quoted, so that nothing in
it is an attribute or an escape of Graphviz.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dockerdecl.cli.render.graph_looks import TONES, bond_words, key_of, look_of, looks_in
from dockerdecl.cli.render.visible import visible

Document = Mapping[str, Any]

_SHAPES = {"container": "box", "network": "ellipse", "volume": "cylinder", "image": "component"}
_LINES = {
    "depends_on": "style=solid",
    "links": "style=bold",
    "legacy link": "style=bold",
    "namespace": "style=dashed",
    "volumes_from": "style=dotted",
    "volume": 'color="#b08f5c"',
    "network": 'dir=none, color="#93a1af"',
    "image": 'style=dotted, arrowhead=none, color="#93a1af"',
}
_READ_ONLY = 'style=dashed, color="#b08f5c"'


def graph_dot(document: Document) -> str:
    """The graph as text for `dot`."""
    nodes, shows = document["nodes"], document["shows"]
    numbers = {node["address"]: f"n{index}" for index, node in enumerate(nodes)}
    return "\n".join(
        [
            f"digraph {quoted(document['project'])} {{",
            "  rankdir=LR; nodesep=0.25; ranksep=0.9; pad=0.3; fontname=Helvetica;",
            f"  label={quoted(_caption(document))}; labelloc=t; labeljust=l; fontsize=16;",
            '  node [fontname=Helvetica, fontsize=11, style="filled,rounded", margin="0.14,0.07"];',
            '  edge [fontname=Helvetica, fontsize=9, color="#66737f"];',
            *(f"  {numbers[node['address']]} {_attributes(node, shows)};" for node in nodes),
            *(line for edge in document["edges"] if (line := _edge(edge, numbers))),
            "}",
            "",
        ]
    )


def _caption(document: Document) -> str:
    legend = "   ".join(f"{look.sign} {look.words}" for look in looks_in(document["nodes"], document["shows"]))
    return "\n".join(part for part in (document["project"], legend) if part)


def _attributes(node: Document, shows: str) -> str:
    look = look_of(node, shows)
    tone = TONES[look.tone]
    lines = [key_of(node["address"]), node["detail"] if node["kind"] == "container" else node["name"], *node["ports"]]
    lines.append(f"{look.sign} {look.words}".strip())
    style = "filled" + (",rounded" if node["kind"] == "container" else "") + (",dashed" if look.dashed else "")
    label = quoted("\n".join(str(line) for line in dict.fromkeys(lines) if line))
    shape = _SHAPES.get(node["kind"], "box")
    return f'[label={label}, shape={shape}, style="{style}", color="{tone.line}", fillcolor="{tone.fill}"]'


def _edge(edge: Document, numbers: Mapping[str, str]) -> str | None:
    source, target = numbers.get(edge["source"]), numbers.get(edge["target"])
    if source is None or target is None:
        return None
    line = _READ_ONLY if edge["kind"] == "volume" and edge["read_only"] else _LINES.get(edge["kind"], "")
    words = bond_words(edge)
    attributes = ", ".join(part for part in (line, f"label={quoted(words)}" if words else "") if part)
    return f"  {source} -> {target} [{attributes}];"


def quoted(text: str) -> str:
    """A text as a string of Graphviz; a line feed in it begins a new line."""
    return '"' + "\\n".join(_line(part) for part in text.split("\n")) + '"'


def _line(text: str) -> str:
    # An entity such as &amp; would be read as one; a backslash begins an escape.
    return visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
