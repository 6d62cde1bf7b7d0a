"""Changes in the words of the manifest. Planning compares by the engine's names; people wrote keys.

Takes changes and what is declared, gives the same changes with the key of everything that is declared in the place of
its engine name. Names that nothing declared has stay: the engine's is the only one there is. Decides nothing, so it
comes last, after the steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dockerdecl.planning.values import Change, FieldChange
from dockerdecl.resources.address import Kind
from dockerdecl.resources.desired import Desired
from dockerdecl.values import dataclass


def in_manifest_words(changes: Iterable[Change], desired: Desired) -> tuple[Change, ...]:
    """The changes as the user would have written them."""
    words = _words(desired)
    return tuple(
        replace(change, fields=tuple(words.field(field) for field in change.fields))
        if change.address.kind is Kind.CONTAINER
        else change
        for change in changes
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """The key of each declared thing by its engine name."""

    networks: Mapping[str, str]
    volumes: Mapping[str, str]
    containers: Mapping[str, str]

    def field(self, field: FieldChange) -> FieldChange:
        match field.path:
            case ("networks", name, *below):
                return replace(field, path=("networks", self.networks.get(name, name), *below))
            case ("volumes_from", name):
                return replace(field, path=("volumes_from", self.containers.get(name, name)))
            case ("volumes", *_):
                return replace(field, before=self._mount(field.before), after=self._mount(field.after))
            case ("links", *_):
                return replace(field, before=self._container(field.before), after=self._container(field.after))
            case ("network_mode" | "pid" | "ipc",):
                return replace(field, before=self._namespace(field.before), after=self._namespace(field.after))
        return field

    def _mount(self, value: Any) -> Any:
        "a whole mount, or the source of one; a host path begins with a slash, so that no volume is named like one"
        match value:
            case {"type": "volume", "source": str(source)}:
                return {**value, "source": self.volumes.get(source, source)}
            case str():
                return self.volumes.get(value, value)
        return value

    def _container(self, value: Any) -> Any:
        return self.containers.get(value, value) if isinstance(value, str) else value

    def _namespace(self, value: Any) -> Any:
        kind, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
        return f"service:{self.containers[name]}" if kind == "container" and name in self.containers else value


def _words(desired: Desired) -> _Words:
    return _Words(
        networks={network.name: address.key for address, network in desired.networks.items()},
        volumes={volume.name: address.key for address, volume in desired.volumes.items()},
        # the manifest's words for a container with replicas mean the first of them
        containers={c.name: address.key for address, c in desired.containers.items() if address.index in (None, 1)},
    )
