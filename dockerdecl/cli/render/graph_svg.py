"""A graph drawn as SVG, by its own layout: no other program is needed.

Takes a `dockerdecl/graph/v1` document, gives one SVG that needs nothing beside it: it heeds a dark surrounding and
paper, and has a legend. Containers and volumes stand in columns by what they need; what is bound to nothing, networks
and images stand below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich.cells import cell_len

from dockerdecl.cli.render.graph_cards import WIDTH, Cards, fitted, xml
from dockerdecl.cli.render.graph_layout import COLUMN_GAP, ROW_GAP, Line, Link, lay_out
from dockerdecl.cli.render.graph_looks import bond_words, look_of, looks_in
from dockerdecl.cli.render.graph_style import STYLE
from dockerdecl.cli.render.marks import engine_of
from dockerdecl.cli.render.visible import visible
from dockerdecl.values import dataclass

Document = Mapping[str, Any]

_MARGIN = 28.0
_LEAST_WIDTH = 3 * WIDTH + 2 * 24
_GRID_GAP = 24.0
_MANY = 12
_SHOWN = {"declared": "as declared", "state": "as it is on the engine", "change": "with what the plan changes"}
_LINES = (
    ("depends_on", "depends on"),
    ("link", "link"),
    ("namespace", "shares a namespace"),
    ("volumes_from", "volumes from"),
    ("volume", "volume"),
    ("volume-ro", "volume, read-only"),
)


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of the picture: its SVG, drawn from the left upper corner on, and its size."""

    drawn: Sequence[str]
    width: float
    height: float


def graph_svg(document: Document, *, standalone: bool = True, link: Callable[[str], str | None] | None = None) -> str:
    """The picture. Within a page (not `standalone`) it has no style of its own: `STYLE` is to be in the page's.

    `link` gives for an address where a click on it leads.
    """
    nodes, shows = document["nodes"], document["shows"]
    networks = [node["address"] for node in nodes if node["kind"] == "network"]
    cards = Cards(shows, networks, link) if link else Cards(shows, networks)
    parts = [part for part in _parts(document, cards) if part.drawn]
    width = max([_LEAST_WIDTH, *(part.width for part in parts)]) + 2 * _MARGIN
    body, y = [], _MARGIN
    for part in (_head(document, width - 2 * _MARGIN), *parts):
        body += [f'<g transform="translate({_MARGIN:g} {y:.1f})">', *part.drawn, "</g>"]
        y += part.height + 26
    height = y - 26 + _MARGIN
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    style = [f"<style>{STYLE}</style>"] if standalone else []
    return "\n".join(
        [
            f'<svg class="dd-graph" xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="dd-title">',
            f'<title id="dd-title">{xml(_summary(document))}</title>',
            *style,
            f'<rect class="dd-paper" width="{width:.0f}" height="{height:.0f}"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _summary(document: Document) -> str:
    counts: dict[str, int] = {}
    for node in document["nodes"]:
        words = " ".join(part for part in (node["kind"], look_of(node, document["shows"]).words) if part)
        counts[words] = counts.get(words, 0) + 1
    told = ", ".join(f"{words}: {count}" for words, count in counts.items()) or "nothing"
    return f"Project {document['project']} {_SHOWN[document['shows']]}; {told}"


def _parts(document: Document, cards: Cards) -> Iterator[_Part]:
    nodes = document["nodes"]
    placed = {node["address"]: node for node in nodes if node["kind"] in ("container", "volume")}
    links = list(_links(document, placed))
    bound = {name for link in links for name in (link.source, link.target)}
    columns = _columns({address: node for address, node in placed.items() if address in bound}, links, cards)
    yield columns
    alone = [node for address, node in placed.items() if address not in bound]
    room = max(columns.width, _LEAST_WIDTH, min(6, round(len(alone) ** 0.5)) * (WIDTH + _GRID_GAP))
    yield _grid("On their own" if bound else "", alone, cards, room)
    yield _grid("Networks", [node for node in nodes if node["kind"] == "network"], cards, room)
    yield _grid("Images", [node for node in nodes if node["kind"] == "image"], cards, room)


def _links(document: Document, placed: Mapping[str, Document]) -> Iterator[Link]:
    """A link a pair of boxes; what binds them twice is told together."""
    together: dict[tuple[str, str], list[Document]] = {}
    for edge in document["edges"]:
        if edge["source"] in placed and edge["target"] in placed:
            together.setdefault((edge["source"], edge["target"]), []).append(edge)
    for (source, target), edges in together.items():
        words = ", ".join(dict.fromkeys(text for edge in edges if (text := bond_words(edge))))
        yield Link(source, target, f"{_line_kind(edges)}\n{words}")


def _line_kind(edges: Sequence[Document]) -> str:
    kinds = {edge["kind"] for edge in edges}
    for kind, name in (("legacy link", "link"), ("links", "link"), ("namespace", "namespace")):
        if kind in kinds:
            return name
    if "volume" in kinds:
        return "volume-ro" if all(edge["read_only"] for edge in edges) else "volume"
    return "volumes_from" if "volumes_from" in kinds else "depends_on"


def _columns(nodes: Mapping[str, Document], links: Sequence[Link], cards: Cards) -> _Part:
    if not nodes:
        return _Part((), 0, 0)
    layout = lay_out({address: cards.size(node) for address, node in nodes.items()}, links)
    lines = [_line(line) for line in layout.lines]
    labels = [_label(line) for line in layout.lines if line.last and line.kind.partition("\n")[2]]
    boxes = [cards.drawn(node, layout.places[address]) for address, node in nodes.items()]
    return _Part([*lines, *boxes, *labels], layout.width, layout.height)


def _line(line: Line) -> str:
    (x1, y1), (x2, y2) = line.start, line.end
    half = (x2 - x1) / 2
    ends = line.first if line.flipped else line.last
    arrow = f' marker-{"start" if line.flipped else "end"}="url(#dd-arrow)"' if ends else ""
    if ends and not line.flipped:
        x2 -= 3
    path = f"M{x1:.1f} {y1:.1f}C{x1 + half:.1f} {y1:.1f} {x2 - half:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    kind = line.kind.partition("\n")[0]
    return f'<path class="dd-line dd-l-{kind}" d="{path}"{arrow}/>'


def _label(line: Line) -> str:
    (x1, y1), (x2, y2) = line.start, line.end
    words = line.kind.partition("\n")[2].split(", ")
    x, y = (x1 + x2) / 2, (y1 + y2) / 2 - 4 - 11 * (len(words) - 1)
    room = COLUMN_GAP - 6
    lines = (f'<tspan x="{x:.1f}" dy="{11 if i else 0}">{fitted(t, room, 5.7)}</tspan>' for i, t in enumerate(words))
    return f'<text class="dd-word" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{"".join(lines)}</text>'


def _grid(heading: str, nodes: Sequence[Document], cards: Cards, room: float) -> _Part:
    if not nodes:
        return _Part((), 0, 0)
    shown, left_out = _without_ordinary(nodes, cards)
    across = max(int((room + _GRID_GAP) / (WIDTH + _GRID_GAP)), 3)
    drawn = [f'<text class="dd-heading" x="0" y="12">{xml(heading)}</text>'] if heading else []
    y = 24.0 if heading else 0.0
    for first in range(0, len(shown), across):
        row = shown[first : first + across]
        for index, node in enumerate(row):
            drawn.append(cards.drawn(node, (index * (WIDTH + _GRID_GAP), y)))
        y += max(cards.size(node)[1] for node in row) + ROW_GAP
    if left_out:
        drawn.append(f'<text class="dd-detail" x="0" y="{y + 6:.1f}">{xml(left_out)}</text>')
        y += 12 + ROW_GAP
    width = min(len(shown), across) * (WIDTH + _GRID_GAP) - _GRID_GAP
    return _Part(drawn, width, y - ROW_GAP)


def _without_ordinary(nodes: Sequence[Document], cards: Cards) -> tuple[Sequence[Document], str]:
    "many images are shown only where there is something to say of one"
    if len(nodes) <= _MANY or nodes[0]["kind"] != "image":
        return nodes, ""
    shown = [node for node in nodes if look_of(node, cards.shows).words not in ("", "present", "unchanged")]
    ordinary = (
        look_of(next(node for node in nodes if node not in shown), cards.shows) if len(shown) < len(nodes) else None
    )
    words = f", {ordinary.words}" if ordinary and ordinary.words else ""
    return shown, f"{'and ' if shown else ''}{len(nodes) - len(shown)} images{words}" if ordinary else ""


def _head(document: Document, width: float) -> _Part:
    engine = document.get("engine")
    where = f"on {engine_of(engine)}" if engine else "no engine was asked"
    drawn = [
        _ARROW,
        f'<text class="dd-title" x="0" y="20">{xml(document["project"])}</text>',
        f'<text class="dd-detail" x="0" y="40">{xml(_SHOWN[document["shows"]])}, {xml(where)}</text>',
    ]
    if not document["nodes"]:
        drawn.append('<text class="dd-name" x="0" y="76">Nothing is declared.</text>')
        return _Part(drawn, width, 84)
    x, y = 0.0, 58.0
    for piece, needed in _legend(document):
        if x and x + needed > width:
            x, y = 0.0, y + 26
        drawn.append(f'<g transform="translate({x:.1f} {y:.1f})">{piece}</g>')
        x += needed + 14
    return _Part(drawn, width, y + (24 if x else 0))


def _legend(document: Document) -> Iterator[tuple[str, float]]:
    for look in looks_in(document["nodes"], document["shows"]):
        words = f"{look.sign} {look.words}"
        pill = cell_len(visible(words)) * 6.6 + 14
        text = f'<text class="dd-state" x="{pill / 2:.1f}" y="13" text-anchor="middle">{xml(words)}</text>'
        yield (
            f'<g class="dd-t-{look.tone}"><rect class="dd-pill" width="{pill:.1f}" height="18" rx="9"/>{text}</g>',
            pill,
        )
    placed = {node["address"]: node for node in document["nodes"] if node["kind"] in ("container", "volume")}
    kinds = {link.kind.partition("\n")[0] for link in _links(document, placed)}
    for kind, words in _LINES:
        if kind in kinds:
            text = f'<text class="dd-detail" x="38" y="13">{words}</text>'
            yield (
                f'<path class="dd-line dd-l-{kind}" d="M0 9H28" marker-end="url(#dd-arrow)"/>{text}',
                42 + len(words) * 6.2,
            )


_ARROW = (
    '<defs><marker id="dd-arrow" viewBox="0 0 8 8" refX="5" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse" markerUnits="userSpaceOnUse"><path class="dd-tip" d="M0 0L8 4L0 8z"/></marker></defs>'
)
