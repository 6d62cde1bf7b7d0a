"""Containers steered by hand, under the lock of their project, so that no apply meets them on the way.

Takes an engine, containers and a wish, gives what became of them. Prints nothing, asks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from dockerdecl.errors import DockerdeclError

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine
    from dockerdecl.engine.locks import HeldLock
    from dockerdecl.operations.found import FoundContainer
    from dockerdecl.operations.states import StatesDocument, Wish
    from dockerdecl.reconcile import Request
    from dockerdecl.resources.address import Address
    from dockerdecl.resources.desired import DesiredContainer


def steer(
    engine: Engine, chosen: Sequence[FoundContainer], wish: Wish, request: Request, *, named: bool = True
) -> StatesDocument:
    """Do what is wished to the chosen containers, or where none was `named`, to those that it means of a project's.

    One run at a time changes a project, as everywhere. But a kill waits for nobody: it is for what hangs, and that may
    be what an apply waits for. Raises DockerdeclError (exit code 5) where another run changes a project.
    """
    from dockerdecl.execution.lock import locked
    from dockerdecl.operations.found import find_containers
    from dockerdecl.operations.states import Verb, change_states, meant_by_all

    projects = sorted({one.project for one in chosen if one.project})
    with ExitStack() as held:
        for project in projects if wish.verb is not Verb.KILL else ():
            held.enter_context(locked(engine, project, f"dockerdecl {wish.verb}", request.lock_seconds))
        declared = _declared(request, projects)
        wanted = chosen if named else meant_by_all(chosen, wish.verb, declared)
        return change_states(engine, wanted, wish, declared, find_containers(engine))


def _declared(request: Request, projects: Sequence[str]) -> Mapping[Address, DesiredContainer]:
    "what is declared of them; nothing where no manifest says so, or where it is invalid"
    from dockerdecl.reconcile import validate

    try:
        desired = validate(request).desired("")
    except DockerdeclError:
        return {}
    return desired.containers if projects == [desired.project] else {}


def unlock(request: Request) -> tuple[HeldLock, ...]:
    """Take the lock of the manifest's project away from whoever has it; gives what was removed."""
    from dockerdecl.engine.connection import connect
    from dockerdecl.execution import lock
    from dockerdecl.reconcile import project_of

    project = project_of(request)
    with connect(request.host, request.context, request.environ) as engine:
        return lock.unlock(engine, project)
