"""Steps in the making: collected under keys, so that they can name one another before they have numbers.

A need that names no step in the end is none: whoever writes a rule need not know whether the other side happens.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import field

from dockerdecl.planning.values import Step, Undo
from dockerdecl.planning.verbs import Payload, RemoveVolume
from dockerdecl.resources.ownership import ADOPTED_BY
from dockerdecl.values import dataclass

Key = tuple[str, str]
"""The address a step belongs to, and what it is for there."""

PREPARING = frozenset(
    {"pull", "load", "import", "build", "tag", "push", "create-network", "create-volume", "create"}
    | {"put-files", "connect"}
)
DISRUPTING = frozenset(
    {"pre-stop", "stop", "rename", "remove", "disconnect", "pause", "remove-network", "remove-volume", "remove-image"}
)
CHECKPOINT: Key = ("", "checkpoint")


def removals(owner: object, name: str) -> list[Key]:
    """The steps any of which removes the container of this name that an address has now."""
    return [(str(owner), part) for part in ("remove", "remove-old", f"remove:{name}", f"discard:{name}")]


def forget(draft: Draft, address: object, labels: Mapping[str, str], after: Key) -> None:
    """After something that was adopted is gone, the record of that goes too: before, nobody would know whose it is."""
    record = labels.get(ADOPTED_BY)
    if record is not None:
        draft.add((str(address), f"forget:{record}"), RemoveVolume(record, anonymous=True), f"forget {record}", [after])


@dataclass(slots=True)
class Entry:
    """A step without a number."""

    payload: Payload
    text: str
    needs: set[Key]
    saga: str | None
    undo: tuple[Undo, ...]


@dataclass(slots=True)
class Draft:
    """Collects steps and gives them in a safe order."""

    entries: dict[Key, Entry] = field(default_factory=dict)
    _keys: dict[str, list[Key]] = field(default_factory=dict)

    def add(
        self,
        key: Key,
        payload: Payload,
        text: str,
        needs: Iterable[Key] = (),
        *,
        saga: str | None = None,
        undo: Iterable[Undo] = (),
    ) -> Key:
        """Add a step; gives its key."""
        if key not in self.entries:
            self._keys.setdefault(key[0], []).append(key)
        self.entries[key] = Entry(payload, text, {*needs} - {key}, saga, tuple(undo))
        return key

    def need(self, key: Key, needs: Iterable[Key]) -> None:
        """Further needs of a step, if it exists."""
        if key in self.entries:
            self.entries[key].needs |= {*needs} - {key}

    def of(self, address: object, *parts: str) -> list[Key]:
        """The keys of an address, of these parts of it (`connect` stands for every `connect:...`), that exist."""
        keys = self._keys.get(str(address), ())
        return [key for key in keys if not parts or key[1].partition(":")[0] in parts]

    def steps(self) -> tuple[Step, ...]:
        """The steps, numbered from 1 so that every need has a lower number, the same for the same plan."""
        position = {key: number for number, key in enumerate(self.entries)}
        waiting = self._needs()
        dependants = _turned(waiting)
        ready = [(position[key], key) for key, needs in waiting.items() if not needs]
        heapq.heapify(ready)
        numbers: dict[Key, int] = {}
        while ready:
            _, key = heapq.heappop(ready)
            numbers[key] = len(numbers) + 1
            for dependant in dependants[key]:
                waiting[dependant].discard(key)
                if not waiting[dependant]:
                    heapq.heappush(ready, (position[dependant], dependant))
        stuck = [key for key in self.entries if key not in numbers]
        assert not stuck, f"steps need one another: {stuck}"
        return tuple(self._step(key, number, numbers) for key, number in numbers.items())

    def _step(self, key: Key, number: int, numbers: dict[Key, int]) -> Step:
        entry = self.entries[key]
        needs = frozenset(numbers[need] for need in entry.needs if need in numbers)
        return Step(number, key[0], entry.payload, entry.text, needs, entry.saga, entry.undo)

    def comes_after(self, key: Key, other: Key) -> bool:
        """Whether a step needs another one, directly or by way of others."""
        seen, waiting = {key}, [key]
        while waiting:
            needs = {need for need in self.entries[waiting.pop()].needs if need in self.entries} - seen
            if other in needs:
                return True
            seen |= needs
            waiting += needs
        return False

    def disrupted(self) -> set[Key]:
        """The steps that disturb what runs, and all that come after one of those."""
        dependants = _turned(self._needs())
        found = {key for key, entry in self.entries.items() if entry.payload.verb in DISRUPTING}
        waiting = list(found)
        while waiting:
            further = dependants[waiting.pop()] - found
            found |= further
            waiting += further
        return found

    def in_circles(self) -> frozenset[str]:
        """The addresses of the steps that need one another in a circle, or stand between two of those."""
        needs = self._needs()
        stuck = _unreachable(needs)
        among = {key: needs[key] & stuck for key in stuck}
        return frozenset(address for address, _ in _unreachable(_turned(among)))

    def _needs(self) -> dict[Key, set[Key]]:
        return {key: entry.needs & self.entries.keys() for key, entry in self.entries.items()}


def _turned(needs: Mapping[Key, set[Key]]) -> dict[Key, set[Key]]:
    "what needs each key"
    found: dict[Key, set[Key]] = {key: set() for key in needs}
    for key, needed in needs.items():
        for need in needed:
            found[need].add(key)
    return found


def _unreachable(needs: Mapping[Key, set[Key]]) -> set[Key]:
    "what is left when all goes whose needs are gone"
    dependants, waiting = _turned(needs), {key: len(needed) for key, needed in needs.items()}
    ready = [key for key, count in waiting.items() if not count]
    left = {*needs}
    while ready:
        key = ready.pop()
        left.discard(key)
        for dependant in dependants[key]:
            waiting[dependant] -= 1
            if not waiting[dependant]:
                ready.append(dependant)
    return left
