"""Where the boxes of a graph stand: in columns, so that every line leads from left to right.

Takes the sizes of boxes and the links between them, gives places and lines. A box stands right of all that needs it;
within a column, boxes stand near what they are linked with. Links of one kind to one box join on their way. Knows no
colour, no text and no kind of thing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from dockerdecl.values import dataclass

COLUMN_GAP = 112.0
ROW_GAP = 18.0
_BEND_GAP = 12.0
_BEND_HEIGHT = 6.0
_MOST_ROWS = 14
_SWEEPS = 10

Size = tuple[float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A line from one box to another one; lines of one `kind` to one box may join."""

    source: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a line, from `start` to `end`. `first` and `last` where it leaves, and reaches, a box.

    `flipped` where the link leads the other way, from right to left.
    """

    kind: str
    start: Point
    end: Point
    source: str
    target: str
    first: bool
    last: bool
    flipped: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each box has its upper left corner, the lines, and the size of it all."""

    places: Mapping[str, Point]
    lines: tuple[Line, ...]
    width: float
    height: float


_Spot = tuple[str, str, int]
"""A box (its name, "", 0), or a bend of the lines of a kind to a box in a column (name, kind, column)."""


@dataclass(frozen=True, slots=True)
class _Piece:
    start: _Spot
    end: _Spot
    kind: str
    flipped: bool


@dataclass(frozen=True, slots=True)
class _Turned:
    """A link as it is drawn; `flipped` where it leads the other way."""

    source: str
    target: str
    kind: str
    flipped: bool


@dataclass(slots=True)
class _Sketch:
    sizes: Mapping[str, Size]
    column_of: dict[_Spot, int] = field(default_factory=dict)
    pieces: dict[_Piece, None] = field(default_factory=dict)
    columns: list[list[_Spot]] = field(default_factory=list)
    middle: dict[_Spot, float] = field(default_factory=dict)

    def height(self, spot: _Spot) -> float:
        """How much room a spot takes."""
        return _BEND_HEIGHT if spot[1] else self.sizes[spot[0]][1]


def lay_out(sizes: Mapping[str, Size], links: Iterable[Link]) -> Layout:
    """The places of all boxes; those that are linked with none are not for this."""
    known = sorted({link for link in links if link.source != link.target})
    turned = _without_circles(sizes, known)
    ranks = _narrowed(_ranks(sizes, {(link.source, link.target) for link in turned}), sizes)
    sketch = _Sketch(sizes)
    for name in sizes:
        sketch.column_of[name, "", 0] = ranks[name]
    for link in turned:
        _add_pieces(sketch, ranks, link)
    sketch.columns = [[] for _ in range(max(sketch.column_of.values(), default=-1) + 1)]
    for spot, column in sketch.column_of.items():
        sketch.columns[column].append(spot)
    _order(sketch)
    _place(sketch)
    return _finished(sketch)


def _without_circles(names: Iterable[str], links: Sequence[Link]) -> list[_Turned]:
    "every link, turned where it would close a circle"
    follows: dict[str, list[str]] = {}
    for link in links:
        follows.setdefault(link.source, []).append(link.target)
    back: set[tuple[str, str]] = set()
    state: dict[str, bool] = {}
    for name in names:
        stack = [(name, iter(follows.get(name, ())))] if name not in state else []
        state.setdefault(name, True)
        while stack:
            current, rest = stack[-1]
            target = next(rest, None)
            if target is None:
                state[current] = False
                stack.pop()
            elif target not in state:
                state[target] = True
                stack.append((target, iter(follows.get(target, ()))))
            elif state[target]:
                back.add((current, target))
    return [
        _Turned(link.target, link.source, link.kind, True)
        if (link.source, link.target) in back
        else _Turned(link.source, link.target, link.kind, False)
        for link in links
    ]


def _ranks(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    "the longest way to each; what nothing leads to stands just before what it leads to"
    follows: dict[str, set[str]] = {name: set() for name in names}
    before: dict[str, int] = dict.fromkeys(follows, 0)
    for source, target in pairs:
        follows[source].add(target)
        before[target] += 1
    ranks = dict.fromkeys(follows, 0)
    queue = [name for name, count in before.items() if not count]
    sources = list(queue)
    while queue:
        name = queue.pop()
        for target in follows[name]:
            ranks[target] = max(ranks[target], ranks[name] + 1)
            before[target] -= 1
            if not before[target]:
                queue.append(target)
    for name in sources:
        if follows[name]:
            ranks[name] = min(ranks[target] for target in follows[name]) - 1
    return ranks


def _narrowed(ranks: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    "a column that would be too high becomes several"
    by_rank: dict[int, list[str]] = {}
    for name in names:
        by_rank.setdefault(ranks[name], []).append(name)
    found, column = {}, 0
    for rank in sorted(by_rank):
        members = by_rank[rank]
        several = math.ceil(len(members) / _MOST_ROWS)
        for position, name in enumerate(members):
            found[name] = column + position * several // len(members)
        column += several
    return found


def _add_pieces(sketch: _Sketch, ranks: Mapping[str, int], link: _Turned) -> None:
    spot: _Spot = (link.source, "", 0)
    kind = f"{link.kind} flipped" if link.flipped else link.kind or " "
    for column in range(ranks[link.source] + 1, ranks[link.target]):
        bend: _Spot = (link.target, kind, column)
        sketch.column_of[bend] = column
        sketch.pieces[_Piece(spot, bend, link.kind, link.flipped)] = None
        spot = bend
    sketch.pieces[_Piece(spot, (link.target, "", 0), link.kind, link.flipped)] = None


def _neighbours(sketch: _Sketch) -> tuple[dict[_Spot, list[_Spot]], dict[_Spot, list[_Spot]]]:
    left: dict[_Spot, list[_Spot]] = {}
    right: dict[_Spot, list[_Spot]] = {}
    for piece in sketch.pieces:
        right.setdefault(piece.start, []).append(piece.end)
        left.setdefault(piece.end, []).append(piece.start)
    return left, right


def _order(sketch: _Sketch) -> None:
    "by the mean position of the neighbours, from left to right and back, a few times"
    left, right = _neighbours(sketch)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        near = left if forward else right
        columns = sketch.columns if forward else sketch.columns[::-1]
        position: dict[_Spot, float] = {s: i for column in sketch.columns for i, s in enumerate(column)}
        for column in columns:
            wanted = {
                spot: sum(position[n] for n in near[spot]) / len(near[spot]) if spot in near else position[spot]
                for spot in column
            }
            column.sort(key=wanted.__getitem__)
            position.update({spot: float(index) for index, spot in enumerate(column)})


def _place(sketch: _Sketch) -> None:
    "each as near to its neighbours as those above and below it allow"
    left, right = _neighbours(sketch)
    for column in sketch.columns:
        _settle(sketch, column, dict.fromkeys(column, 0.0))
    for sweep in range(_SWEEPS):
        near = left if sweep % 2 == 0 else right
        columns = sketch.columns if sweep % 2 == 0 else sketch.columns[::-1]
        for column in columns:
            wanted = {
                spot: sum(sketch.middle[n] for n in near[spot]) / len(near[spot])
                if spot in near
                else sketch.middle[spot]
                for spot in column
            }
            _settle(sketch, column, wanted)


def _settle(sketch: _Sketch, column: Sequence[_Spot], wanted: Mapping[_Spot, float]) -> None:
    "the middles with the least squares of what they miss, in this order and without an overlap"
    offsets: list[float] = []
    for above, spot in zip([None, *column], column, strict=False):
        if above is None:
            offsets.append(0.0)
            continue
        gap = _BEND_GAP if above[1] or spot[1] else ROW_GAP
        offsets.append(offsets[-1] + (sketch.height(above) + sketch.height(spot)) / 2 + gap)
    blocks: list[tuple[float, int]] = []
    for offset, spot in zip(offsets, column, strict=True):
        mean, count = wanted[spot] - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, size = blocks.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    for spot, offset, mean in zip(column, offsets, means, strict=True):
        sketch.middle[spot] = mean + offset


def _finished(sketch: _Sketch) -> Layout:
    tops = [sketch.middle[spot] - sketch.height(spot) / 2 for column in sketch.columns for spot in column]
    shift = -min(tops, default=0.0)
    x, lefts, widths = 0.0, [], []
    for column in sketch.columns:
        widths.append(max((sketch.sizes[spot[0]][0] for spot in column if not spot[1]), default=0.0))
        lefts.append(x)
        x += widths[-1] + COLUMN_GAP
    places = {
        spot[0]: (lefts[index], sketch.middle[spot] + shift - sketch.height(spot) / 2)
        for index, column in enumerate(sketch.columns)
        for spot in column
        if not spot[1]
    }
    bottoms = [sketch.middle[spot] + sketch.height(spot) / 2 for column in sketch.columns for spot in column]
    lines = tuple(_lines(sketch, shift, lefts, widths))
    return Layout(places, lines, max(x - COLUMN_GAP, 0.0), max(bottoms, default=0.0) + shift)


def _lines(sketch: _Sketch, shift: float, lefts: Sequence[float], widths: Sequence[float]) -> Iterator[Line]:
    leaves, reaches = _harbours(sketch)
    for piece in sketch.pieces:
        start, end, kind, flipped = piece.start, piece.end, piece.kind, piece.flipped
        column = sketch.column_of[start]
        x = lefts[column] + (widths[column] if start[1] else sketch.sizes[start[0]][0])
        yield Line(
            kind,
            (x, leaves[piece] + shift),
            (lefts[sketch.column_of[end]], reaches[piece] + shift),
            start[0],
            end[0],
            first=not start[1],
            last=not end[1],
            flipped=flipped,
        )
        if end[1]:  # straight on through the column of the bend
            column, y = sketch.column_of[end], sketch.middle[end] + shift
            across = (lefts[column], y), (lefts[column] + widths[column], y)
            yield Line(kind, *across, start[0], end[0], first=False, last=False, flipped=flipped)


def _harbours(sketch: _Sketch) -> tuple[dict[_Piece, float], dict[_Piece, float]]:
    "at which height each piece leaves and reaches its ends: those at one box side by side, in the order of the others"
    leaving: dict[_Spot, list[_Piece]] = {}
    reaching: dict[_Spot, list[_Piece]] = {}
    for piece in sketch.pieces:
        leaving.setdefault(piece.start, []).append(piece)
        reaching.setdefault(piece.end, []).append(piece)
    for pieces in leaving.values():
        pieces.sort(key=lambda piece: sketch.middle[piece.end])
    for pieces in reaching.values():
        pieces.sort(key=lambda piece: sketch.middle[piece.start])
    return _heights(sketch, leaving), _heights(sketch, reaching)


def _heights(sketch: _Sketch, by_spot: Mapping[_Spot, Sequence[_Piece]]) -> dict[_Piece, float]:
    heights: dict[_Piece, float] = {}
    for spot, pieces in by_spot.items():
        room = 0.0 if spot[1] else min(14.0, (sketch.height(spot) - 16) / len(pieces))
        for index, piece in enumerate(pieces):
            heights[piece] = sketch.middle[spot] + (index - (len(pieces) - 1) / 2) * room
    return heights
