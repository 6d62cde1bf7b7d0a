"""Manifests on disk for the tests of this folder: written from texts, loaded as a user would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dockerdecl.errors import DockerdeclError, Problem
from dockerdecl.manifest.manifest import Manifest, load

HEAD = "apiVersion: dockerdecl/v1\nproject: shop\n"


def loaded(folder: Path, text: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> Manifest:
    """The manifest of `text` below the usual head, with `files` beside it; `environ` may be among the options."""
    for name, content in {"dockerdecl.yaml": HEAD + text, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load((), **{"environ": {}, "env_files": (), "working_directory": folder, **options})


def refused(folder: Path, text: str, **options: Any) -> tuple[Problem, ...]:
    """What is said against the manifest of `text`."""
    with pytest.raises(DockerdeclError) as raised:
        loaded(folder, text, **options)
    return raised.value.problems
