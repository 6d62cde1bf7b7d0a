"""Policy files: every mistake in one is told with its place, from the table in tests/cases/policies/errors.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from dockerdecl.errors import DockerdeclError, ExitCode, Problem, Where
from dockerdecl.policy.load import load_policies
from dockerdecl.policy.spec import policy_schema

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "cases/policies/errors.yaml").read_text())
# What only the program can tell, since a schema knows no grammar.
SHAPES = {"unknown-key", "missing-field", "newer-format"}


def problems_of(folder: Path, text: str) -> tuple[Problem, ...]:
    (folder / "policy.yaml").write_text(text)
    with pytest.raises(DockerdeclError) as raised:
        load_policies([(Path("policy.yaml"), None)], folder)
    assert raised.value.exit_code is ExitCode.INVALID
    return raised.value.problems


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_mistake_is_told_once_with_its_place(case: dict[str, Any], tmp_path: Path) -> None:
    problems = problems_of(tmp_path, case["policy"])
    said = [f"{p.code} {str(p.where).removeprefix('policy.yaml:')} {p.message}" for p in problems]
    assert len(said) == len(case["errors"]), said
    for expected, line in zip(case["errors"], said, strict=True):
        code, where, part = expected.split(" ", 2)
        assert line.startswith(f"{code} {where} "), (expected, line)
        assert part in line
    assert case.get("hint", "") in (problems[0].hint or "")
    for problem in problems:
        assert problem.hint
        assert problem.line is not None


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name)
        for name, case in CASES.items()
        if {e.split(" ")[0] for e in case["errors"]} <= SHAPES
    ],
)
def test_the_schema_refuses_the_wrong_shapes_that_the_program_refuses(case: dict[str, Any]) -> None:
    schema = policy_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert not jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(case["policy"]))


def test_all_files_are_told_about_at_once_and_read_once(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("apiVersion: dockerdecl/policy/v1\nx-ours: anything\nrules:\n")
    good = load_policies([(Path("good.yaml"), None), (tmp_path / "good.yaml", None)], tmp_path)
    assert [policy.name for policy in good] == ["good.yaml"]
    (tmp_path / "bad.yaml").write_text("apiVersion: dockerdecl/policy/v1\nrule: []\n")
    place = Where("dockerdecl.yaml", 3, 9)
    named = [(Path("bad.yaml"), None), (Path("missing.yaml"), place), (Path("good.yaml"), None)]
    with pytest.raises(DockerdeclError) as raised:
        load_policies(named, tmp_path)
    assert [(p.code, str(p.where)) for p in raised.value.problems] == [
        ("unknown-key", "bad.yaml:2:1"),
        ("file-not-found", str(place)),
    ]
