"""What a built-in rule finds. Takes nothing; the rules are pure functions from a subject and a setting to breaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from dockerdecl.manifest.nodes import NodePath
from dockerdecl.policy.subjects import Subject
from dockerdecl.resources.address import Kind
from dockerdecl.values import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that a rule does not want: where in the resource, what, and what would be right."""

    path: NodePath
    message: str
    hint: str


Check: TypeAlias = Callable[[Subject, Any], Iterator[Breach]]


@dataclass(frozen=True, slots=True)
class BuiltInRule:
    """How the rule of one attribute of `BuiltIn` is checked, on resources of these kinds."""

    name: str
    check: Check
    kinds: tuple[Kind, ...] = (Kind.CONTAINER,)
