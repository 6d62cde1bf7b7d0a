"""Draws pictures in SVG that are readable on light and on dark pages: bars of ratios, and lines over the size."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 760
LEFT, RIGHT, TOP = 190, 70, 44
BAR, GAP = 15, 14
COLOURS = ("#0969da", "#bf5700", "#8250df", "#1a7f37", "#9a6700")
DARK_COLOURS = ("#58a6ff", "#f0883e", "#bc8cff", "#3fb950", "#d29922")
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 14px }
.small { font-size: 11px; fill: #59636e }
.end { text-anchor: end } .middle { text-anchor: middle }
.line { stroke: #d1d9e0 } .one { stroke: #59636e; stroke-dasharray: 4 3 }
polyline { fill: none; stroke-width: 2 }
"""
DARK_STYLE = """
text { fill: #e6edf3 } .small { fill: #9198a1 } .line { stroke: #3d444d } .one { stroke: #9198a1 }
"""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars in groups: a value for some of the names, in each group; 1 is marked. A name's place gives its colour."""

    title: str
    names: Sequence[str]
    groups: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines for some of the names, over sizes, both axes logarithmic."""

    title: str
    names: Sequence[str]
    lines: Mapping[str, Mapping[int, float]]


def bars(picture: Bars) -> str:
    """Side by side in their groups, as long as their values."""
    most = max((value for group in picture.groups.values() for value in group.values()), default=1.0)
    scale = (WIDTH - LEFT - RIGHT) / max(most, 1.2)
    parts, y = [], TOP + 10
    for group, values in picture.groups.items():
        parts.append(_text(LEFT - 10, y + len(values) * BAR / 2 + 4, group, "end"))
        for name, value in values.items():
            colour = _colour(picture.names, name)
            parts.append(
                f'<rect class="f{colour}" x="{LEFT}" y="{y}" width="{value * scale:.1f}" height="{BAR - 3}" rx="2"/>'
            )
            parts.append(_text(LEFT + value * scale + 5, y + 10, f"{value:.2f}", "small"))
            y += BAR
        y += GAP
    one = LEFT + scale
    mark = f'<line class="one" x1="{one:.1f}" y1="{TOP}" x2="{one:.1f}" y2="{y - GAP + 4}"/>'
    used = {name for values in picture.groups.values() for name in values}
    return _page(picture.title, _legend(picture.names, used), [mark, *parts], y + 4)


def lines(picture: Lines) -> str:
    """From the smallest size to the greatest."""
    height, bottom = 330, 290
    sizes = sorted({size for line in picture.lines.values() for size in line})
    values = [value for line in picture.lines.values() for value in line.values()]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(size: int) -> float:
        return 70 + (math.log10(size) - first) / ((last - first) or 1) * (WIDTH - 110)

    def y(value: float) -> float:
        return bottom - (math.log10(value) - low) / ((high - low) or 1) * (bottom - TOP - 20)

    parts = []
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<line class="line" x1="70" y1="{at:.1f}" x2="{WIDTH - 40}" y2="{at:.1f}"/>')
        parts.append(_text(62, at + 4, f"{10.0**power:g} s", "small end"))
    parts += [_text(x(size), bottom + 18, f"N = {size:,}", "small middle") for size in sizes]
    for name, line in picture.lines.items():
        colour = _colour(picture.names, name)
        points = [(x(size), y(value)) for size, value in sorted(line.items())]
        parts.append(f'<polyline class="s{colour}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>')
        parts += [f'<circle class="f{colour}" cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in points]
    return _page(picture.title, _legend(picture.names, picture.lines), parts, height)


def _colour(names: Sequence[str], name: str) -> int:
    return names.index(name) % len(COLOURS)


def _legend(names: Sequence[str], used: Container[str]) -> list[str]:
    parts, x = [], 20.0
    for name in names:
        if name in used:
            parts.append(f'<rect class="f{_colour(names, name)}" x="{x:.0f}" y="30" width="10" height="10" rx="2"/>')
            parts.append(_text(x + 15, 39, name, "small"))
            x += 32 + 6.5 * len(name)
    return parts


def _page(title: str, legend: Sequence[str], parts: Sequence[str], height: float) -> str:
    style = f"{_colours(COLOURS)}{STYLE}@media (prefers-color-scheme: dark) {{{_colours(DARK_COLOURS)}{DARK_STYLE}}}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" role="img">'
        f"<title>{escape(title)}</title><style>{style}</style>"
    )
    return "\n".join((head, _text(20, 20, title, "title"), *legend, *parts, "</svg>\n"))


def _colours(colours: Sequence[str]) -> str:
    return " ".join(f".f{i} {{ fill: {c} }} .s{i} {{ stroke: {c} }}" for i, c in enumerate(colours))


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
