"""Addresses: how the manifest, a plan and a label name one resource, such as `container.web` or `container.web[2]`."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, cached_property

from dockerdecl.expressions import expression
from dockerdecl.values import dataclass


class Kind(StrEnum):
    """What can be declared; the order is the one in which plans list them."""

    IMAGE = "image"
    NETWORK = "network"
    VOLUME = "volume"
    CONTAINER = "container"


_ADDRESS = expression(r"(image|network|volume|container)\.(.+?)(?:\[([1-9][0-9]{0,8})\])?", re.DOTALL)


@dataclass(frozen=True)
class Address:
    """One resource of a project. `index` numbers the replicas of a container from 1."""

    kind: Kind
    key: str
    index: int | None = None

    @cached_property
    def _text(self) -> str:
        return f"{self.kind}.{self.key}" + (f"[{self.index}]" if self.index else "")

    def __str__(self) -> str:
        return self._text

    def __lt__(self, other: Address) -> bool:
        return self.sort_key < other.sort_key

    @cached_property
    def sort_key(self) -> tuple[int, str, int]:
        """Kinds in their order, then keys, then replicas by number."""
        return (list(Kind).index(self.kind), self.key, self.index or 0)

    def covers(self, other: Address) -> bool:
        """Whether naming this address names `other` too: itself, or every replica of a container."""
        return self == other or (self.index is None and (self.kind, self.key) == (other.kind, other.key))


@cache
def parse_address(text: str) -> Address | None:
    """The address that `text` spells, or None where it spells none; labels are read again and again."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    kind, key, index = match.groups()
    return Address(Kind(kind), key, int(index) if index else None)
