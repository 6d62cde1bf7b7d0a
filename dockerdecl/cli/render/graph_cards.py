"""The boxes of a drawn graph: how large each is, and what is written in it.

Takes nodes of a `dockerdecl/graph/v1` document, gives SVG. Every text of the document is escaped, and cut to its box;
the whole of it is in the box's title.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from html import escape
from typing import Any

from rich.cells import cell_len

from dockerdecl.cli.render.graph_looks import Look, key_of, look_of
from dockerdecl.cli.render.values import shorten
from dockerdecl.cli.render.visible import visible
from dockerdecl.expressions import expression
from dockerdecl.values import dataclass

Node = Mapping[str, Any]
Point = tuple[float, float]

WIDTH = 236.0
_SMALL_HEIGHT = 46.0
_HEAD_HEIGHT = 50.0
_LINE_HEIGHT = 17.0
_CHIP_HEIGHT = 20.0
_MOST_PORTS = 4
_NETWORK_TONES = 8
_CHARACTER = 6.6
_BOLD_CHARACTER = 7.9
_MONO_CHARACTER = 6.7
_NO_XML = expression("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml(text: str) -> str:
    """A text of a document within XML: nothing in it is markup, or something that XML forbids."""
    return escape(_NO_XML.sub("�", visible(text)), quote=True)


def fitted(text: str, width: float, character: float = _CHARACTER) -> str:
    """As much of a text as has room, escaped."""
    return xml(shorten(visible(text), int(width / character), "…"))


@dataclass(frozen=True, slots=True)
class Cards:
    """The boxes of one graph. `link` gives where a click on a node leads, if anywhere."""

    shows: str
    networks: Sequence[str]
    link: Callable[[str], str | None] = field(default=lambda _: None)

    def size(self, node: Node) -> tuple[float, float]:
        """How much room a node takes."""
        if node["kind"] != "container":
            return WIDTH, _SMALL_HEIGHT
        ports = min(len(node["ports"]), _MOST_PORTS + 1)
        rows = len(list(self._chip_rows(node)))
        below = ports * _LINE_HEIGHT + rows * _CHIP_HEIGHT
        return WIDTH, _HEAD_HEIGHT + below + (8.0 if below else 0.0)

    def drawn(self, node: Node, place: Point) -> str:
        """A node at its place."""
        look = look_of(node, self.shows)
        width, height = self.size(node)
        classes = f"dd-node dd-{xml(node['kind'])} dd-t-{look.tone}{' dd-dashed' if look.dashed else ''}"
        inside = "".join(
            [
                f"<title>{xml(_whole(node, look))}</title>",
                f'<rect class="dd-box" width="{width:g}" height="{height:g}" rx="9"/>',
                self._side(node, height),
                *self._head(node, look),
                *self._body(node),
            ]
        )
        x, y = place
        group = f'<g class="{classes}" data-address="{xml(node["address"])}" transform="translate({x:.1f} {y:.1f})">'
        target = self.link(node["address"])
        if target is not None:
            return f'<a href="{xml(target)}">{group}{inside}</g></a>'
        return f"{group}{inside}</g>"

    def network_class(self, address: str) -> str:
        """The class that gives a network its colour."""
        known = list(self.networks)
        return f"dd-n{known.index(address) % _NETWORK_TONES}" if address in known else "dd-n0"

    def _side(self, node: Node, height: float) -> str:
        if node["kind"] == "network":
            return (
                f'<circle class="dd-swatch {self.network_class(node["address"])}" cx="21" cy="{height / 2:g}" r="7"/>'
            )
        if node["kind"] == "volume":
            return (
                '<g class="dd-icon" transform="translate(13 13)"><ellipse cx="8" cy="3.5" rx="7" ry="3"/>'
                '<path d="M1 3.5v13c0 1.7 3.1 3 7 3s7-1.3 7-3v-13"/><path d="M1 10c0 1.7 3.1 3 7 3s7-1.3 7-3"/></g>'
            )
        if node["kind"] == "image":
            return '<path class="dd-icon" transform="translate(13 14)" d="M8 0l8 4-8 4-8-4zM0 9l8 4 8-4M0 14l8 4 8-4"/>'
        return f'<rect class="dd-bar" x="0" y="9" width="4" height="{height - 18:g}" rx="2"/>'

    def _head(self, node: Node, look: Look) -> Iterator[str]:
        left = 16.0 if node["kind"] == "container" else 38.0
        words = f"{look.sign} {look.words}".strip()
        room = WIDTH - 12 - left
        if words:
            pill = cell_len(words) * _CHARACTER + 14
            x = WIDTH - 10 - pill
            yield f'<rect class="dd-pill" x="{x:.1f}" y="9" width="{pill:.1f}" height="18" rx="9"/>'
            yield f'<text class="dd-state" x="{x + pill / 2:.1f}" y="22" text-anchor="middle">{xml(words)}</text>'
            room -= pill + 8
        name = fitted(_name(node), room, _BOLD_CHARACTER)
        yield f'<text class="dd-name" x="{left:g}" y="23">{name}</text>'
        below = node["detail"] if node["kind"] == "container" else node["name"]
        if below:
            yield f'<text class="dd-detail" x="{left:g}" y="39">{fitted(below, WIDTH - 12 - left, 6.0)}</text>'

    def _body(self, node: Node) -> Iterator[str]:
        y = _HEAD_HEIGHT + 8
        for text in _port_lines(node["ports"]):
            yield f'<text class="dd-port" x="16" y="{y:g}">{fitted(text, WIDTH - 28, _MONO_CHARACTER)}</text>'
            y += _LINE_HEIGHT
        y -= 8
        for row in self._chip_rows(node):
            for x, width, address in row:
                kind = self.network_class(address)
                yield f'<circle class="{kind}" cx="{x + 5:.1f}" cy="{y + 8:g}" r="5"/>'
                name = fitted(key_of(address), width - 14, 6.0)
                yield f'<text class="dd-chip" x="{x + 14:.1f}" y="{y + 12:g}">{name}</text>'
            y += _CHIP_HEIGHT

    def _chip_rows(self, node: Node) -> Iterator[list[tuple[float, float, str]]]:
        "the networks of a container, each with its place in a row"
        row: list[tuple[float, float, str]] = []
        x = 16.0
        for address in node["networks"]:
            width = min(cell_len(visible(key_of(address))) * 6.2 + 16, WIDTH - 28)
            if row and x + width > WIDTH - 12:
                yield row
                row, x = [], 16.0
            row.append((x, width, address))
            x += width + 8
        if row:
            yield row


def _port_lines(ports: Sequence[str]) -> list[str]:
    shown = [str(port) for port in ports[:_MOST_PORTS]]
    return [*shown, f"and {len(ports) - _MOST_PORTS} more ports"] if len(ports) > _MOST_PORTS else shown


def _name(node: Node) -> str:
    key = key_of(node["address"])
    return key.rpartition("/")[2] or key if node["kind"] == "image" else key


def _whole(node: Node, look: Look) -> str:
    facts = [f"{node['address']}: {look.words}" if look.words else node["address"], f"on the engine: {node['name']}"]
    facts += [part for part in (node["detail"], node["reason"], *node["ports"]) if part]
    facts += [f"network {key_of(address)}" for address in node["networks"]]
    return " · ".join(facts)
