"""A manifest, or a Compose file that is taken for one: what all commands read.

Takes what the user named, gives a `Manifest`. Which of the two a file is, its first words tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dockerdecl.errors import DockerdeclError, Problem, invalid

if TYPE_CHECKING:
    from dockerdecl.manifest.load import Loaded
    from dockerdecl.manifest.manifest import Manifest


def load(
    files: tuple[Path, ...],
    *,
    environ: Mapping[str, str],
    env_files: tuple[Path, ...],
    working_directory: Path,
    project: str | None = None,
    profiles: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    need_contents: bool = True,
) -> Manifest:
    """The manifest in `files`, as `manifest.load` gives it, also where they are Compose's.

    Without `files`, `dockerdecl.yaml` counts, or where there is none what Compose would read in its place.
    """
    from dockerdecl.manifest.manifest import load as load_manifest

    bundle = bundle_of(files, working_directory)
    if bundle is not None:
        from dockerdecl.manifest.bundled import load_bundle

        return load_bundle(
            bundle,
            environ=environ,
            env_files=env_files,
            working_directory=working_directory,
            project=project,
            profiles=profiles,
            named=named,
            need_contents=need_contents,
        )
    compose = _compose(files, working_directory, environ)
    if compose:
        return load_compose(
            compose,
            environ=environ,
            env_files=env_files,
            working_directory=working_directory,
            project=project,
            profiles=profiles,
            named=named,
            need_contents=need_contents,
        )
    return load_manifest(
        files,
        environ=environ,
        env_files=env_files,
        working_directory=working_directory,
        project=project,
        profiles=profiles,
        named=named,
        need_contents=need_contents,
    )


def load_compose(
    files: tuple[Path, ...],
    *,
    environ: Mapping[str, str],
    env_files: tuple[Path, ...],
    working_directory: Path,
    project: str | None = None,
    profiles: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    need_contents: bool = True,
) -> Manifest:
    """The manifest that Compose files amount to; places are those of the Compose files."""
    from dockerdecl.convert.compose_files import settings
    from dockerdecl.convert.from_compose import read_compose
    from dockerdecl.manifest.builds import with_builds
    from dockerdecl.manifest.manifest import manifest_of

    loaded = read_compose(
        files, environ=environ, env_files=env_files, working_directory=working_directory, project=project
    )
    chosen = settings(environ, loaded.project_directory).get("COMPOSE_PROFILES", "")
    try:
        return manifest_of(
            with_builds(loaded, project),
            working_directory,
            project=project,
            profiles=profiles or tuple(name for name in chosen.split(",") if name),
            named=named,
            need_contents=need_contents,
        )
    except DockerdeclError as error:  # what is left out is part of what can't be done, too
        raise DockerdeclError(*error.problems, exit_code=error.exit_code, warnings=loaded.warnings) from error


def project_name(
    files: tuple[Path, ...], *, environ: Mapping[str, str], env_files: tuple[Path, ...], working_directory: Path
) -> str | None:
    """The project that a manifest or Compose file names, whatever else is wrong with it; None where it names none.

    Raises DockerdeclError where a file can't be read.
    """
    from dockerdecl.manifest.load import project_name as named_by_manifest

    bundle = bundle_of(files, working_directory)
    if bundle is not None:
        from dockerdecl.manifest.bundled import project_of_bundle

        return project_of_bundle(working_directory / bundle)
    compose = _compose(files, working_directory, environ)
    if compose:
        from dockerdecl.convert.from_compose import read_compose

        return _project(
            read_compose(compose, environ=environ, env_files=env_files, working_directory=working_directory)
        )
    return named_by_manifest(files, environ=environ, env_files=env_files, working_directory=working_directory)


def bundle_of(files: tuple[Path, ...], working_directory: Path) -> Path | None:
    """The bundle among `files`, as it was named. Raises DockerdeclError where something else is named beside it."""
    if not files:
        return None
    from dockerdecl.manifest.sources import may_be_bundle

    found = next((file for file in files if may_be_bundle(working_directory / file)), None)
    if found is not None and len(files) > 1:
        message = f"{found} is a bundle, and a bundle is a whole manifest"
        raise invalid(Problem("bundle-not-alone", message, hint=_ALONE))
    return found


_ALONE = "name it alone, or make another one of all the files"


def _compose(files: tuple[Path, ...], working_directory: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    from dockerdecl.convert.compose_files import compose_files

    return compose_files(files, working_directory, environ)


def _project(loaded: Loaded) -> str | None:
    from dockerdecl.manifest.nodes import Scalar

    project = loaded.root.get("project")
    return project.text if isinstance(project, Scalar) else None
