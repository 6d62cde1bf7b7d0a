"""What a plan is: changes, each with its fields and its reason, and ordered steps that would make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from functools import cached_property
from typing import Any

from dockerdecl.errors import Problem
from dockerdecl.planning.standing import container_names, owned_containers
from dockerdecl.planning.verbs import Payload
from dockerdecl.resources.actual import Actual, EngineFacts, LiveContainer
from dockerdecl.resources.address import Address
from dockerdecl.resources.desired import Desired
from dockerdecl.resources.rows import Context
from dockerdecl.values import dataclass

Path = tuple[str, ...]


class Action(StrEnum):
    """What happens to an address."""

    CREATE = "create"
    """It is made."""
    UPDATE = "update"
    """It changes in place."""
    REPLACE = "replace"
    """It is made anew."""
    REMOVE = "remove"
    """It is taken down."""
    START = "start"
    """It is started, or goes on after a pause."""
    STOP = "stop"
    """It is stopped or paused."""
    ADOPT = "adopt"
    """It is taken under ownership, as it is."""
    NONE = "none"
    """Nothing; a plan's document leaves it out."""


class Reason(StrEnum):
    """Why, for programs. What is told people of the particular case is said where the change is made."""

    MISSING = "missing"
    """It is declared, and not on the engine."""
    DIFFERS = "differs"
    """Fields of it differ from the manifest."""
    ASKED_FOR = "asked-for"
    """The user named it: with `--replace`, or to `adopt`."""
    NOT_DECLARED = "not-declared"
    """It is the project's, and declared no more."""
    DECLARED_ABSENT = "declared-absent"
    """It is declared `state: absent`."""
    NOT_NEEDED = "not-needed"
    """The project brought it, and nothing needs it any more."""
    DESTROY = "destroy"
    """The project is taken down."""
    IMAGE_MOVED = "image-moved"
    """The image's reference means another image than the one that it was made from."""
    IMAGE_OUTDATED = "image-outdated"
    """The registry has another image under this reference."""
    IMAGE_RENEWED = "image-renewed"
    """Its image changes in this plan."""
    SOURCE_CHANGED = "source-changed"
    """The archive or the build context that the image comes from is another one."""
    BASE_CHANGED = "base-changed"
    """What the image is built from is another image."""
    LOCK_DIFFERS = "lock-differs"
    """The lock file has another image under this reference."""
    REVISION_DIFFERS = "revision-differs"
    """The revision that is gone back to had another image under this reference."""
    PLATFORM_DIFFERS = "platform-differs"
    """The image is there for another platform than the declared one."""
    TAGS_DIFFER = "tags-differ"
    """Further references of the image are missing."""
    MIRROR_OUTDATED = "mirror-outdated"
    """Where the image is mirrored from, there is another image now."""
    NOT_PUSHED = "not-pushed"
    """The registry that the image is pushed to hasn't got it."""
    REGISTRY_DIFFERS = "registry-differs"
    """The registry that the image is pushed to has another one under this reference."""
    REGISTRY_MADE = "registry-made"
    """The registry that the image is pushed to is made, or started, by a container of the same plan."""
    NETWORK_REPLACED = "network-replaced"
    """A network that it is on is made anew."""
    VOLUME_REPLACED = "volume-replaced"
    """A volume that it has is made anew."""
    NAMESPACE_OWNER_REPLACED = "namespace-owner-replaced"
    """The container whose namespace it shares is made anew."""
    NAMESPACE_OWNER_RESTARTED = "namespace-owner-restarted"
    """The container whose namespace it shares is started anew."""
    LINK_TARGET_REPLACED = "link-target-replaced"
    """The container that it has a legacy link to is made anew."""
    VOLUMES_FROM_CHANGED = "volumes-from-changed"
    """The volumes of the container that it takes them from change."""
    DEPENDENCY_REPLACED = "dependency-replaced"
    """It asks to be restarted with a container that is made anew."""
    NOT_RUNNING = "not-running"
    """It is declared running, and does not run."""
    PAUSED = "paused"
    """It is declared running, and is paused."""
    NOT_PAUSED = "not-paused"
    """It is declared paused, and is not."""
    RUNNING = "running"
    """It runs, and is declared not to."""
    UNHEALTHY = "unhealthy"
    """It runs, and the health check that was asked for fails: it is started anew."""
    NOT_COMPLETED = "not-completed"
    """It is declared completed, and has not exited with 0."""
    DEAD = "dead"
    """The engine could not finish removing it."""
    INTERRUPTED = "interrupted"
    """An interrupted replacement is put right."""
    NONE = "none"
    """It is as declared."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that differs, in the manifest's words. `forces` is what it takes: `update` or `replace`.

    `obstacle` tells of a field that can change in place why it can't here.
    """

    path: Path
    before: Any
    after: Any
    sensitive: bool = False
    forces: str = "replace"
    obstacle: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one address, and why.

    `blocked` is what the user has to decide first: such a change has no steps, and its plan can't be applied. `loss` is
    what it takes away for good, where the user has not allowed that by name yet.
    """

    address: Address
    action: Action
    code: Reason
    reason: str
    fields: tuple[FieldChange, ...] = ()
    blocked: Problem | None = None
    loss: str | None = None


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

    @property
    def blocked(self) -> tuple[Problem, ...]:
        """What has to be decided before any of it can be done."""
        return tuple(change.blocked for change in self.changes if change.blocked)


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for beside the manifest.

    `targets` limits the plan to these addresses and what they need; `replace` makes these anew though nothing differs.
    `allow_loss` are the addresses that may be lost: volumes whose data goes, and what was adopted.
    `settle` is how long, in seconds, what was started must stay up. `show_sensitive` shows what is masked else. With
    `adopt`, what others made is taken under ownership where it is what the manifest declares.
    """

    targets: tuple[Address, ...] = ()
    replace: tuple[Address, ...] = ()
    allow_loss: tuple[Address, ...] = ()
    settle: float = 1.0
    show_sensitive: bool = False
    adopt: bool = False


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
    def owned(self) -> Mapping[Address, list[LiveContainer]]:
        """The project's containers by address; the first one is the one that the address means."""
        return owned_containers(self.actual, self.desired)

    @cached_property
    def context(self) -> Context:
        """What lenses need to know that holds for the whole engine."""
        names = container_names(self.actual, self.desired, self.owned)
        return Context(
            container_names=names,
            renamed={live.name: names[live.id] for live in self.actual.containers if live.id in names},
            api_version=self.actual.engine.api_version,
            limits_swap=self.actual.engine.limits_swap,
            product=self.actual.engine.product,
        )

    def asked_for(self, address: Address) -> bool:
        """Whether the user wants this made anew though nothing differs."""
        return covered(address, self.options.replace)


def covered(address: Address, targets: Iterable[Address]) -> bool:
    """Whether one of the targets names this address."""
    return any(target.covers(address) for target in targets)
