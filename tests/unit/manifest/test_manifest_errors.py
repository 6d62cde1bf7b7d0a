"""Wrong manifests and all that is said about them, from the tables in tests/cases/manifest_errors.

A case need not name a project; one with `project: null` is judged by the project that it names, or lacks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dockerdecl.errors import DockerdeclError, ExitCode, Problem
from dockerdecl.manifest.manifest import load

CASES = Path(__file__).parents[2] / "cases" / "manifest_errors"


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{table.stem}: {name}")
        for table in sorted(CASES.glob("*.yaml"))
        for name, case in yaml.safe_load(table.read_text(encoding="utf-8")).items()
    ]


def write(case: dict[str, Any], folder: Path) -> None:
    files = {name: text.encode() for name, text in case.get("files", {}).items()}
    if "manifest" in case:
        files["dockerdecl.yaml"] = case["manifest"].encode()
    if "latin1" in case:
        files["dockerdecl.yaml"] = case["latin1"].encode("latin-1")
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def described(problem: Problem) -> str:
    where = str(problem.where).removeprefix("dockerdecl.yaml:") if problem.where else "-"
    return f"{problem.code} {where} {problem.message}"


def problems_of(case: dict[str, Any], folder: Path) -> tuple[Problem, ...]:
    write(case, folder)
    with pytest.raises(DockerdeclError) as raised:
        load(
            tuple(Path(name) for name in case.get("arguments", ())),
            environ=case.get("environ", {}),
            env_files=tuple(Path(name) for name in case.get("env_files", ())),
            working_directory=folder,
            project=case.get("project", "shop"),
        )
    assert raised.value.exit_code is ExitCode.INVALID
    return raised.value.problems


@pytest.mark.parametrize("case", cases())
def test_every_mistake_is_told_once_with_its_place(case: dict[str, Any], tmp_path: Path) -> None:
    said = [described(problem) for problem in problems_of(case, tmp_path)]
    assert len(said) == len(case["errors"]), said
    for expected in case["errors"]:
        code, where, part = expected.split(" ", 2)
        assert any(line.startswith(f"{code} {where} ") and part in line for line in said), (expected, said)


@pytest.mark.parametrize("case", cases())
def test_every_mistake_shows_its_line_and_says_what_would_be_right(case: dict[str, Any], tmp_path: Path) -> None:
    problems = problems_of(case, tmp_path)
    assert case.get("hint", "") in (problems[0].hint or "")
    for problem in problems:
        assert problem.hint
        if problem.where is None or problem.where.file.endswith(".env"):
            assert problem.line is None, "an env file holds passwords"
        else:
            assert problem.line is not None
            assert problem.where.column <= len(problem.line) + 1
