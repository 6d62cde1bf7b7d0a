"""What is measured: the works in the order in which they are done on a host, from nothing to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.host import Changed


class Work(StrEnum):
    """One thing that people do with such a tool."""

    HELP = "help"
    VERSION = "version"
    VALIDATE = "validate"
    APPLY = "apply"
    PLAN = "plan"
    PLAN_ONE = "plan-one"
    PLAN_ALL = "plan-all"
    APPLY_ONE = "apply-one"
    REPLACE = "replace"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class About:
    """What a work is called, which form of the host it is given, and how often a round does it.

    One that `changes` the host can be done once only.
    """

    title: str
    given: Changed = Changed.NONE
    repeats: int = 1
    changes: bool = False


ABOUT: Mapping[Work, About] = {
    Work.HELP: About("`--help`", repeats=5),
    Work.VERSION: About("`version`", repeats=5),
    Work.VALIDATE: About("validate", repeats=3),
    Work.APPLY: About("apply from nothing", changes=True),
    Work.PLAN: About("plan, nothing to do", repeats=3),
    Work.PLAN_ONE: About("plan, one changed", Changed.ONE, repeats=3),
    Work.PLAN_ALL: About("plan, all changed", Changed.ALL, repeats=3),
    Work.APPLY_ONE: About("apply of one change", Changed.ONE, changes=True),
    Work.REPLACE: About("replace all", Changed.ALL, changes=True),
    Work.DESTROY: About("destroy", Changed.ALL, changes=True),
}
ALONE = (Work.HELP, Work.VERSION)
"""These need no host, so they are measured once a round, at size 0."""
