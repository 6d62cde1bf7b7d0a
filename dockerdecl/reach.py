"""The way to an engine for what people do beside reconciling: which engine, and which project is meant.

Takes a request, gives an open engine and the project's name. A manifest that is invalid stands in no one's way who only
wants to look at a log: of it, no more is read than its project, until somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dockerdecl.collector import wake
from dockerdecl.errors import DockerdeclError
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine
    from dockerdecl.manifest.manifest import Manifest
    from dockerdecl.operations.found import FoundContainer
    from dockerdecl.reconcile import Request
    from dockerdecl.resources.desired import Desired


@dataclass(frozen=True, slots=True)
class Reached:
    """An engine that was reached, for a project, or for none where nothing names one. A context manager."""

    request: Request
    engine: Engine = field(repr=False)
    project: str | None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.close()

    def containers(self, words: Iterable[str] = (), *, own: bool = False) -> tuple[FoundContainer, ...]:
        """The containers that `words` mean, all of the project without any; as `operations.found.choose`."""
        from dockerdecl.operations.found import choose, find_containers

        return choose(find_containers(self.engine), words, self.project, own=own)

    def container(self, word: str, *, own: bool = False) -> FoundContainer:
        """The one container that `word` means; as `operations.found.choose_one`."""
        from dockerdecl.operations.found import choose_one, find_containers

        return choose_one(find_containers(self.engine), word, self.project, own=own)

    def manifest(self) -> Manifest:
        """The manifest, valid. Raises DockerdeclError (exit code 3) with every problem, and where there is none."""
        from dockerdecl.reconcile import validate

        return validate(self.request)

    def declared(self) -> Desired | None:
        """What the manifest declares, as far as the manifest alone says; None where there is none.

        No file that it names is read, and no secret is asked for. Raises DockerdeclError where it is invalid.
        """
        from dockerdecl.convert.loading import load

        request = self.request
        try:
            manifest = load(
                request.files,
                environ=request.environ,
                env_files=request.env_files,
                working_directory=request.working_directory,
                project=request.project,
                profiles=request.profiles,
                need_contents=False,
            )
        except DockerdeclError as error:
            if request.files or error.code != "manifest-not-found":
                raise
            return None
        return manifest.desired("")


def reach(request: Request, *, project_needed: bool = False) -> Reached:
    """Reach the engine of a request, for its project. Close it when done.

    The project is the one that is named, else the manifest's. A manifest is needed only where the request names files,
    or where a `project_needed` is named nowhere else. Raises DockerdeclError where the engine can't be reached.
    """
    from dockerdecl.engine.connection import connect

    wake()  # who looks inside may stay for days
    project = _project(request, needed=project_needed)
    return Reached(request, connect(request.host, request.context, request.environ), project)


def _project(request: Request, *, needed: bool) -> str | None:
    if request.project:
        return request.project
    from dockerdecl.convert.loading import project_name

    try:
        named = project_name(
            request.files,
            environ=request.environ,
            env_files=request.env_files,
            working_directory=request.working_directory,
        )
    except DockerdeclError as error:
        if needed or request.files or error.code != "manifest-not-found":
            raise
        return None
    if named is None:
        from dockerdecl.reconcile import project_of

        return project_of(request)
    return named
