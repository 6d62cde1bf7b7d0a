"""The manifest in a bundle, read where it is applied: relative paths and variables are those of that place.

Takes a bundle's path, gives a `Manifest` whose images come from the bundle.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dockerdecl.errors import ExitCode, Problem, fail, invalid
from dockerdecl.manifest.builds import with_builds
from dockerdecl.manifest.bundle_files import bundled_manifest, read_bundle
from dockerdecl.manifest.load import read_nodes
from dockerdecl.manifest.manifest import Manifest, manifest_of
from dockerdecl.manifest.texts import SourceText
from dockerdecl.resources.desired import Load
from dockerdecl.resources.resolve import resolve_images


def load_bundle(
    path: Path,
    *,
    environ: Mapping[str, str],
    env_files: tuple[Path, ...],
    working_directory: Path,
    project: str | None = None,
    profiles: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    need_contents: bool = True,
) -> Manifest:
    """The manifest in a bundle, after all of the bundle was verified; as `manifest.load`.

    Raises DockerdeclError (exit code 3) where the bundle is damaged, or lacks what must be given beside it.
    """
    bundle = read_bundle(working_directory / path)
    text = bundle.manifest
    given = SourceText(f"{path}:manifest.json", bundle.path, text, hashlib.sha256(text.encode()).hexdigest())
    loaded = read_nodes((), environ=environ, env_files=env_files, working_directory=working_directory, given=given)
    manifest = manifest_of(
        with_builds(loaded, project),
        working_directory,
        project=project,
        profiles=tuple(dict.fromkeys((*bundle.index["profiles"], *profiles))),
        named=named,
        need_contents=need_contents,
    )
    contents = manifest.contents
    contents = replace(
        contents,
        configs={**contents.configs, **bundle.configs},
        sources={**contents.sources, **bundle.sources()},
    )
    found = replace(manifest, contents=contents, bundle_locked=bundle.index.get("locked") is True)
    if need_contents:
        _require_images(found, path)
    return found


def with_lock_of_bundle(manifest: Manifest, lock_file: Path | None) -> Manifest:
    """The same, where a lock file has chosen its images.

    Raises DockerdeclError where it has not (exit code 3), and where another lock file is named (a usage error).
    """
    if lock_file is not None:
        message = "a bundle was locked when it was made, or not at all: leave `--lock-file` out"
        raise fail("bundle-lock-file", message, exit_code=ExitCode.USAGE)
    if not manifest.bundle_locked:
        hint = "make it with `dockerdecl bundle --locked`; without `--locked` here, its images are those it was made of"
        raise invalid(Problem("bundle-not-locked", "no lock file has chosen the images of this bundle", hint=hint))
    return manifest


def _require_images(manifest: Manifest, path: Path) -> None:
    "what no profile wanted when it was made is not in it, and would be pulled where there is no registry"
    problems: list[Problem] = []
    for address, image in sorted(resolve_images(manifest.document, manifest.contents).items()):
        if not image.absent and not isinstance(image.source, Load):
            where, line = manifest.where(str(address))
            message = f"{path} doesn't hold the image {image.reference}, which nothing needed when it was made"
            problems.append(Problem("bundle-lacks-image", message, str(address), where, _FURTHER, line))
    if problems:
        raise invalid(*problems)


_FURTHER = "make it with all profiles that are to be applied: `dockerdecl bundle --profile NAME`"


def project_of_bundle(path: Path) -> str | None:
    """The project of a bundle, of which nothing is verified."""
    project = json.loads(bundled_manifest(path)).get("project")
    return project if isinstance(project, str) else None
