"""Manifests held against policies, for the tests of this folder: both written from texts, read as a user's would be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dockerdecl.errors import Problem
from dockerdecl.policy.judge import Judgement, judge
from dockerdecl.policy.load import load_policies
from tests.unit.manifest.loading import loaded

POLICY_HEAD = "apiVersion: dockerdecl/policy/v1\n"


def judged(
    folder: Path, manifest: str, *policies: str, files: Mapping[str, str | bytes] | None = None, **options: Any
) -> Judgement:
    """What the policies `policy-1.yaml` and so on say of the manifest."""
    paths = []
    for number, text in enumerate(policies, 1):
        paths.append((folder / f"policy-{number}.yaml", None))
        paths[-1][0].write_text(POLICY_HEAD + text)
    return judge(loaded(folder, manifest, files, **options), load_policies(paths, folder))


def described(problem: Problem) -> str:
    """A problem in a line: its place, its address, its message."""
    place = str(problem.where).removeprefix("dockerdecl.yaml:") if problem.where else "-"
    return f"{place} {problem.address or '-'} {problem.message}"
