"""What a plan is: changes, each with its fields and its reason, and ordered steps that would make them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from dockerdecl.planning.standing import container_names
from dockerdecl.planning.verbs import Payload
from dockerdecl.resources.actual import Actual, EngineFacts
from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.rows import Context

Path = tuple[str, ...]


class Action(StrEnum):
    """What happens to an address."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    REMOVE = "remove"
    START = "start"
    STOP = "stop"
    ADOPT = "adopt"
    NONE = "none"


class Reason(StrEnum):
    """Why, for programs. What each one means for people is said where the change is made."""

    MISSING = "missing"
    DIFFERS = "differs"
    ASKED_FOR = "asked-for"
    NOT_DECLARED = "not-declared"
    DECLARED_ABSENT = "declared-absent"
    DESTROY = "destroy"
    IMAGE_MOVED = "image-moved"
    IMAGE_OUTDATED = "image-outdated"
    IMAGE_RENEWED = "image-renewed"
    SOURCE_CHANGED = "source-changed"
    BASE_CHANGED = "base-changed"
    TAGS_DIFFER = "tags-differ"
    NETWORK_REPLACED = "network-replaced"
    VOLUME_REPLACED = "volume-replaced"
    NAMESPACE_OWNER_REPLACED = "namespace-owner-replaced"
    NAMESPACE_OWNER_RESTARTED = "namespace-owner-restarted"
    LINK_TARGET_REPLACED = "link-target-replaced"
    VOLUMES_FROM_CHANGED = "volumes-from-changed"
    DEPENDENCY_REPLACED = "dependency-replaced"
    NOT_RUNNING = "not-running"
    PAUSED = "paused"
    NOT_PAUSED = "not-paused"
    RUNNING = "running"
    NOT_COMPLETED = "not-completed"
    DEAD = "dead"
    INTERRUPTED = "interrupted"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that differs, in the manifest's words. `forces` is what it takes: `update` or `replace`."""

    path: Path
    before: Any
    after: Any
    sensitive: bool = False
    forces: str = "replace"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one address, and why."""

    address: Address
    action: Action
    code: Reason
    reason: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing that is no change."""

    address: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes a step back: an ordinary payload, for the same address."""

    payload: Payload
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One engine call, or one wait.

    `needs` are the ids of the steps that come before. Steps of one `saga` belong together: where one of them fails,
    those that were done are taken back, last first, each by its `undo`; a saga that is not whole in the end as well.
    """

    id: int
    address: str
    payload: Payload
    text: str
    needs: frozenset[int] = frozenset()
    saga: str | None = None
    undo: tuple[Undo, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done to one engine so that it matches. Made against the actual state that `engine` describes.

    `secrets` are the texts that must not be shown, should an engine or a container repeat them.
    """

    project: str
    engine: EngineFacts
    changes: tuple[Change, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[Note, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def empty(self) -> bool:
        """Whether nothing is to be done."""
        return not self.steps and all(change.action is Action.NONE for change in self.changes)


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for beside the manifest.

    `targets` limits the plan to these addresses and what they need; `replace` makes these anew though nothing differs.
    `settle` is how long, in seconds, what was started must stay up. `show_sensitive` shows what is masked else.
    """

    targets: tuple[Address, ...] = ()
    replace: tuple[Address, ...] = ()
    settle: float = 1.0
    show_sensitive: bool = False


@dataclass(frozen=True)
class Situation:
    """What a plan is made from."""

    desired: Desired
    actual: Actual
    options: Options = Options()

    @property
    def project(self) -> str:
        """The project planned for."""
        return self.desired.project

    @cached_property
    def context(self) -> Context:
        """What lenses need to know that holds for the whole engine."""
        return Context(
            container_names=container_names(self.actual, self.project),
            api_version=self.actual.engine.api_version,
            limits_swap=self.actual.engine.limits_swap,
        )

    def asked_for(self, address: Address) -> bool:
        """Whether the user wants this made anew though nothing differs."""
        return covered(address, self.options.replace)


def covered(address: Address, targets: Iterable[Address]) -> bool:
    """Whether one of the targets names this address."""
    return any(target.covers(address) for target in targets)
