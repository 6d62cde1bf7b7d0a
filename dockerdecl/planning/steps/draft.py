"""Steps in the making: collected under keys, so that they can name one another before they have numbers.

A need that names no step in the end is none: whoever writes a rule need not know whether the other side happens.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dockerdecl.planning.values import Step, Undo
from dockerdecl.planning.verbs import Payload, RemoveVolume
from dockerdecl.resources.ownership import ADOPTED_BY

Key = tuple[str, str]
"""The address a step belongs to, and what it is for there."""

PREPARING = frozenset(
    {"pull", "load", "import", "build", "tag", "create-network", "create-volume", "create", "put-files", "connect"}
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
        waiting = {key: {need for need in entry.needs if need in self.entries} for key, entry in self.entries.items()}
        dependants: dict[Key, list[Key]] = {key: [] for key in self.entries}
        for key, needs in waiting.items():
            for need in needs:
                dependants[need].append(key)
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
        state: dict[Key, bool] = {}

        def visit(key: Key) -> bool:
            if key not in state:
                entry = self.entries[key]
                state[key] = entry.payload.verb in DISRUPTING
                state[key] = state[key] or any(tuple(visit(need) for need in entry.needs if need in self.entries))
            return state[key]

        return {key for key in self.entries if visit(key)}
