"""The manifest in a bundle, read where it is applied: relative paths and variables are those of that place.

Takes a bundle's path, gives a `Manifest` whose images come from the bundle.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dockerdecl.manifest.builds import with_builds
from dockerdecl.manifest.bundle_files import bundled_manifest, read_bundle
from dockerdecl.manifest.load import read_nodes
from dockerdecl.manifest.manifest import Manifest, manifest_of
from dockerdecl.manifest.texts import SourceText


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
    return replace(manifest, contents=contents)


def project_of_bundle(path: Path) -> str | None:
    """The project of a bundle, of which nothing is verified."""
    project = json.loads(bundled_manifest(path)).get("project")
    return project if isinstance(project, str) else None
