"""The way from an engine to a manifest of what is there, and its check: applied right away, it must have nothing to do.

Takes a request and which containers are meant, gives the manifest. Writes no file but a temporary one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dockerdecl.errors import DockerdeclError, ExitCode, fail
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.convert.generate import Generated
    from dockerdecl.operations.found import FoundContainer
    from dockerdecl.planning.values import Plan
    from dockerdecl.reconcile import Request


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which containers are meant: by name, all, by label, or by Compose project."""

    words: tuple[str, ...] = ()
    everything: bool = False
    labels: tuple[str, ...] = ()
    compose_project: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The manifest; what an apply would change all the same, by address; and who was left out, with the reason."""

    generated: Generated
    differences: Mapping[str, str]
    left_out: tuple[str, ...]


def generate_manifest(request: Request, wanted: Wanted) -> Outcome:
    """The manifest of the containers that are meant, for the request's project, which must be named.

    Raises DockerdeclError where nothing is meant, or it can't be read.
    """
    from dockerdecl.convert.found import read_found
    from dockerdecl.convert.generate import generate
    from dockerdecl.operations.found import find_containers
    from dockerdecl.reach import reach

    project = request.project or ""
    with reach(request) as reached:
        chosen, left_out = _chosen(find_containers(reached.engine), wanted, project)
        found = read_found(reached.engine, [container.id for container in chosen])
    first = generate(found, project)
    differences = _differences(request, first)
    keys = {address.partition(".")[2]: told for address, told in differences.items()}
    return Outcome(generate(found, project, keys) if keys else first, differences, tuple(left_out))


def _chosen(found: Sequence[FoundContainer], wanted: Wanted, project: str) -> tuple[list[FoundContainer], list[str]]:
    from dockerdecl.operations.found import choose

    named = choose(found, wanted.words, None) if wanted.words else ()
    owned = [container for container in named if container.project]
    if owned:
        message = f"{owned[0].name} belongs to the project {owned[0].project} already, whose manifest declares it"
        raise fail("declared-already", message, hint="name others, or take it out there first")
    meant = [container for container in found if is_meant(container, wanted)]
    free = [container for container in meant if not container.project]
    chosen = {container.id: container for container in (*named, *free)}
    if not chosen:
        message = "there is no container that is meant and belongs to no project yet"
        raise fail("container-unknown", message, hint="`dockerdecl ps -a --everyone` lists what is there")
    return [*chosen.values()], [f"{c.name} ({c.project})" for c in meant if c.project]


def is_meant(container: FoundContainer, wanted: Wanted) -> bool:
    """Whether a container is meant without being named; what `debug` made for a while is not."""
    if container.temporary:
        return False
    if wanted.everything:
        return True
    by_project = wanted.compose_project is not None and container.compose_project == wanted.compose_project
    pairs = (text.partition("=") for text in wanted.labels)
    by_label = wanted.labels and all(
        name in container.labels and (not equals or container.labels[name] == value) for name, equals, value in pairs
    )
    return bool(by_project or by_label)


def _differences(request: Request, generated: Generated) -> dict[str, str]:
    "by address what an apply would change, once all is adopted: nothing, where everything could be told"
    from dockerdecl import reconcile
    from dockerdecl.manifest.sources import DEFAULT_NAMES

    with tempfile.TemporaryDirectory(prefix="dockerdecl-") as folder:
        path = Path(folder) / DEFAULT_NAMES[0]
        path.touch(mode=0o600)
        path.write_text(generated.text, encoding="utf-8")
        again = replace(
            request,
            files=(path,),
            env_files=(),
            environ={**request.environ, **generated.variables},
            working_directory=Path(folder),
            adopt=True,
        )
        try:
            with reconcile.plan(again) as prepared:
                return dict(_told(prepared.plan))
        except DockerdeclError as error:
            if error.exit_code is ExitCode.UNREACHABLE or not all(problem.address for problem in error.problems):
                raise
            return {str(problem.address): problem.message for problem in error.problems}


def _told(plan: Plan) -> Iterator[tuple[str, str]]:
    from dockerdecl.planning.values import Action

    for change in plan.changes:
        if change.action not in (Action.NONE, Action.ADOPT):
            fields = ", ".join(dict.fromkeys(".".join(field.path[:2]) for field in change.fields))
            yield str(change.address), fields or change.reason
