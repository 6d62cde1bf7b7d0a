"""The JSON Schema: that it is one, says what a field is, and takes and refuses what the program does."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import jsonschema
import pytest
import yaml

from dockerdecl.manifest.manifest import load
from dockerdecl.manifest.schema import manifest_schema
from tests.unit.manifest.loading import HEAD
from tests.unit.manifest.test_references import RIGHT

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases" / "manifest_errors" / "fields.yaml"
STARTER = ROOT / "dockerdecl" / "cli" / "starter.yaml"
# What only the program can tell, since a schema knows no other key, no grammar and no wrong spelling of a number.
SHAPES = {"unknown-key", "unsupported-field", "missing-field", "wrong-kind", "newer-format"}


def judge() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(manifest_schema())


def shape_cases() -> list[Any]:
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    found = [
        pytest.param(HEAD.partition("\n")[2] * ("project" not in case) + case["manifest"], id=name)
        for name, case in cases.items()
        if {error.split(" ")[0] for error in case["errors"]} <= SHAPES
    ]
    assert len(found) > 15
    return found


def test_it_is_a_schema_that_names_its_dialect() -> None:
    schema = manifest_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")


def test_every_field_is_described_for_editors() -> None:
    schema = manifest_schema()
    for name, part in [("manifest", schema), *schema["$defs"].items()]:
        for field, described in part.get("properties", {}).items():
            assert described.get("description"), f"{name}.{field}"


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_it_takes_what_the_program_takes(text: str) -> None:
    judge().validate(yaml.safe_load(HEAD + dedent(text)))


@pytest.mark.parametrize("path", [STARTER, *sorted((ROOT / "examples").glob("*/dockerdecl.yaml"))], ids=str)
def test_it_takes_every_example(path: Path) -> None:
    judge().validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_starter_is_valid(tmp_path: Path) -> None:
    assert load((STARTER,), environ={}, env_files=(), working_directory=tmp_path).document.project == "example"


@pytest.mark.parametrize("text", shape_cases())
def test_it_refuses_the_wrong_shapes_that_the_program_refuses(text: str) -> None:
    assert not judge().is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    [
        "networks: {back: }",
        "volumes:",
        "x-anything: [1]",
        "containers: {web: {image: web, x-a: 1, networks: {back: }, mem_limit: 64m, cpus: 0.5, tty: '${TTY}'}}",
        "include: [a.yaml, {path: b.yaml}]",
        "containers: {web: {image: web, depends_on: [db], links: [db], ports: [80, '81:81', {target: 82}]}}",
        "containers: {web: {image: web, environment: [A=b], command: serve, entrypoint: [a], env_file: a.env}}",
    ],
)
def test_it_takes_every_form_of_a_field(text: str) -> None:
    judge().validate(yaml.safe_load(HEAD + text))
