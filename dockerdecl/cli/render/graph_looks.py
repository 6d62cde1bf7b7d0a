"""How a node of a graph looks, whatever draws it: a tone, which is a colour, and a sign and words that say the same.

Takes nodes of a `dockerdecl/graph/v1` document, gives looks. Nothing is said by a colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from dockerdecl.cli.render.marks import MARKS
from dockerdecl.values import dataclass

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour in light and in dark surroundings: of lines and text, and of what lies behind them."""

    line: str
    fill: str
    dark_line: str
    dark_fill: str


TONES: Mapping[str, Tone] = MappingProxyType(
    {
        "green": Tone("#15803d", "#dcfce7", "#4ade80", "#0f3320"),
        "amber": Tone("#a16207", "#fef3c7", "#facc15", "#3a2d06"),
        "purple": Tone("#7e22ce", "#f3e8ff", "#d8b4fe", "#33124f"),
        "red": Tone("#b91c1c", "#fee2e2", "#fca5a5", "#451515"),
        "cyan": Tone("#0e7490", "#cffafe", "#67e8f9", "#083844"),
        "blue": Tone("#1d4ed8", "#dbeafe", "#93c5fd", "#172a54"),
        "grey": Tone("#52606d", "#eef1f4", "#a9b4c0", "#262d36"),
    }
)


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown of a node. `dashed` where it isn't there, or won't be."""

    sign: str
    words: str
    tone: str
    dashed: bool = False


_STATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "running": ("●", "green"),
        "healthy": ("✔", "green"),
        "starting": ("◐", "amber"),
        "unhealthy": ("✖", "red"),
        "restarting": ("↻", "amber"),
        "paused": ("‖", "cyan"),
        "created": ("○", "grey"),
        "stopped": ("■", "grey"),
        "completed": ("✔", "blue"),
        "failed": ("✖", "red"),
        "dead": ("✖", "red"),
        "present": ("●", "grey"),
        "missing": ("?", "amber"),
        "external": ("↗", "blue"),
    }
)
ACTION_TONES: Mapping[str, str] = MappingProxyType(
    {
        "create": "green",
        "update": "amber",
        "replace": "purple",
        "remove": "red",
        "start": "cyan",
        "stop": "cyan",
        "adopt": "blue",
    }
)
_UNCHANGED = Look("·", "unchanged", "grey")
_DECLARED = Look("", "", "grey")


def look_of(node: Node, shows: str) -> Look:
    """The look of a node in a graph that `shows` what is declared, the state, or a change."""
    match shows:
        case "change":
            return _action_look(node.get("action") or "unchanged")
        case "state":
            return _state_look(node)
    return _DECLARED


def _action_look(action: str) -> Look:
    if action == "unchanged":
        return _UNCHANGED
    sign = MARKS[action].sign if action in MARKS else "*"
    return Look(sign, action, ACTION_TONES.get(action, "grey"), action in ("create", "remove"))


def _state_look(node: Node) -> Look:
    state = node.get("state") or ""
    sign, tone = _STATES.get(state, ("●", "grey"))
    if node.get("declared", True):
        return Look(sign, state, tone, state == "missing")
    return Look(sign, f"{state}, not declared", "purple", True)


def looks_in(nodes: Iterable[Node], shows: str) -> list[Look]:
    """The looks that occur, each once, in the order of the tables above: what a legend lists."""
    found = {look_of(node, shows) for node in nodes} - {_DECLARED}
    order = [*MARKS, *_STATES]
    return sorted(found, key=lambda look: (order.index(look.words) if look.words in order else len(order), look.words))


def key_of(address: str) -> str:
    """An address without its kind: `web[2]` of `container.web[2]`."""
    return address.partition(".")[2] or address


def bond_words(edge: Mapping[str, Any]) -> str:
    """What is written on an edge: `healthy`, `link as database`, `ro`."""
    label, read_only = edge.get("label"), "read-only" if edge.get("read_only") else ""
    match edge["kind"]:
        case "links" | "legacy link":
            target = key_of(edge["target"])
            return f"{edge['kind'].removesuffix('s')} as {label}" if label and label != target else edge["kind"]
        case "namespace":
            return f"shares {label}" if label else "shares namespace"
        case "volumes_from":
            return f"volumes_from, {read_only}" if read_only else "volumes_from"
        case "volume":
            return read_only
        case "depends_on":
            return str(label or "")
    return ""
