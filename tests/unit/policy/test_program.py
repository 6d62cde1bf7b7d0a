"""Policies as CI meets them: options, streams, exit codes, and documents, of the program itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dockerdecl import schemas
from dockerdecl.cli.app import main

MANIFEST = """apiVersion: dockerdecl/v1
project: shop
containers:
  web:
    image: web
    privileged: true
"""
DENYING = "apiVersion: dockerdecl/policy/v1\nbuiltin: {privileged: deny, image-latest: warn}\n"
WARNING = "apiVersion: dockerdecl/policy/v1\nbuiltin: {privileged: warn}\n"
NOWHERE = "unix:///nonexistent/docker.sock"
# Of the SARIF 2.1.0 schema (OASIS), what code hosts need of a log.
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "properties": {
                            "driver": {
                                "required": ["name", "semanticVersion", "rules"],
                                "properties": {"rules": {"items": {"$ref": "#/$defs/rule"}, "uniqueItems": True}},
                            }
                        }
                    },
                    "results": {"items": {"$ref": "#/$defs/result"}},
                },
            },
        },
    },
    "$defs": {
        "text": {"required": ["text"], "properties": {"text": {"type": "string", "minLength": 3}}},
        "rule": {
            "required": ["id", "shortDescription", "help", "defaultConfiguration"],
            "properties": {
                "id": {"pattern": "^[a-z0-9-]+$"},
                "shortDescription": {"$ref": "#/$defs/text"},
                "help": {"$ref": "#/$defs/text"},
                "defaultConfiguration": {"properties": {"level": {"enum": ["error", "warning"]}}},
            },
        },
        "result": {
            "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
            "properties": {
                "level": {"enum": ["error", "warning"]},
                "message": {"$ref": "#/$defs/text"},
                "locations": {"minItems": 1, "items": {"$ref": "#/$defs/location"}},
            },
        },
        "location": {
            "required": ["physicalLocation"],
            "properties": {
                "physicalLocation": {
                    "required": ["artifactLocation", "region"],
                    "properties": {
                        "artifactLocation": {
                            "required": ["uri"],
                            "properties": {
                                "uri": {"type": "string", "pattern": "^[^\\s]+$"},
                                "uriBaseId": {"const": "%SRCROOT%"},
                            },
                        },
                        "region": {
                            "required": ["startLine", "startColumn"],
                            "properties": {"startLine": {"minimum": 1}, "startColumn": {"minimum": 1}},
                        },
                    },
                }
            },
        },
    },
}


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("DOCKERDECL_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    for name, text in (("dockerdecl.yaml", MANIFEST), ("deny.yaml", DENYING), ("warn.yaml", WARNING)):
        (tmp_path / name).write_text(text)


def sarif_of(text: str) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator(SARIF).validate(log)
    run: dict[str, Any] = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [r["ruleId"] for r in run["results"]]
    return run


@pytest.mark.parametrize("command", [["validate"], ["plan", "-H", NOWHERE], ["apply", "--yes", "-H", NOWHERE]])
def test_a_deny_ends_every_command_before_the_engine_is_asked(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no engine at all: what is denied exits with 3, and what is only warned of gets as far as that."""
    assert main([*command, "--policy", "deny.yaml"]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "error[policy-privileged]: " in printed.err
    assert " --> dockerdecl.yaml:6:17" in printed.err
    assert "warning[policy-image-latest]: " in printed.err
    assert "{rule: privileged, address: container.web, reason: ...}" in printed.err
    assert main([*command, "--policy", "warn.yaml"]) == (0 if command == ["validate"] else 4)
    assert ("warning[policy-privileged]: " in capsys.readouterr().err) is (command == ["validate"])


def test_policies_come_from_the_manifest_the_option_and_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path in a manifest is meant from its folder; policies of several files and includes all hold."""
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "more.yaml").write_text("policy: [../warn.yaml]\nproject: shop\n")
    (inner / "own.yaml").write_text(MANIFEST + "policy: ../deny.yaml\n")
    assert main(["validate", "-f", "inner/own.yaml"]) == 3
    assert main(["validate", "-f", "dockerdecl.yaml", "-f", "inner/more.yaml"]) == 0
    assert "warning[policy-privileged]" in capsys.readouterr().err
    (inner / "deep.yaml").write_text("policy: ../deny.yaml\n")
    (tmp_path / "outer.yaml").write_text(MANIFEST + "policy: warn.yaml\ninclude: [inner/deep.yaml]\n")
    assert main(["validate", "-f", "outer.yaml"]) == 3
    monkeypatch.setenv("DOCKERDECL_POLICY", "warn.yaml:deny.yaml")
    assert main(["validate"]) == 3


def test_a_policy_that_is_missing_is_told_where_it_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dockerdecl.yaml").write_text(MANIFEST + "policy: [warn.yaml, gone.yaml]\n")
    assert main(["validate"]) == 3
    assert "error[file-not-found]: the file `gone.yaml` does not exist\n --> dockerdecl.yaml:7:21" in (
        capsys.readouterr().err
    )


def test_a_manifest_can_not_talk_its_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A policy of CI holds whatever the manifest says for itself."""
    own = "apiVersion: dockerdecl/policy/v1\nallow: [{rule: privileged, address: '*', reason: ours}]\n"
    (tmp_path / "own.yaml").write_text(own)
    text = f"{MANIFEST}    x-policy: {{allow: {{privileged: ours}}}}\npolicy: own.yaml\n"
    (tmp_path / "dockerdecl.yaml").write_text(text)
    assert main(["validate", "--policy", "deny.yaml"]) == 3
    assert "what `x-policy` says here does not hold" in capsys.readouterr().err


def test_sarif_has_what_code_hosts_need(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--policy", "deny.yaml", "--format", "sarif"]) == 3
    printed = capsys.readouterr()
    run = sarif_of(printed.out)
    assert "error[policy-privileged]" in printed.err, "the log of the job tells it too"
    first, second = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert (first["ruleId"], first["level"]) == ("policy-privileged", "error")
    assert place == {
        "artifactLocation": {"uri": "dockerdecl.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 6, "startColumn": 17},
    }
    assert first["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "container.web"}]
    assert (second["ruleId"], second["level"]) == ("policy-image-latest", "warning")
    helps = {rule["id"]: rule["help"]["text"] for rule in run["tool"]["driver"]["rules"]}
    assert "cap_add" in helps["policy-privileged"]


def test_sarif_has_mistakes_of_the_manifest_and_of_a_policy_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "with space.yaml").write_text(MANIFEST.replace("privileged", "priviliged"))
    assert main(["validate", "-f", "with space.yaml", "--format", "sarif"]) == 3
    (result,) = sarif_of(capsys.readouterr().out)["results"]
    assert result["ruleId"] == "unknown-key"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "with%20space.yaml"
    (tmp_path / "bad.yaml").write_text("apiVersion: dockerdecl/policy/v1\nrule: []\n")
    assert main(["validate", "--policy", "bad.yaml", "--format", "sarif"]) == 3
    (result,) = sarif_of(capsys.readouterr().out)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "bad.yaml"
    assert main(["validate", "-f", "gone.yaml", "--format", "sarif"]) == 3
    sarif_of(capsys.readouterr().out)


def test_sarif_of_nothing_is_a_log_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--format", "sarif"]) == 0
    assert sarif_of(capsys.readouterr().out)["results"] == []


@pytest.mark.parametrize(("policy", "exit_code", "valid"), [("deny.yaml", 3, False), ("warn.yaml", 0, True)])
def test_json_is_what_its_schema_says(
    policy: str, exit_code: int, valid: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", "--policy", policy, "--format", "json"]) == exit_code
    document = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(schemas.schema("validation")).validate(document)
    assert document["valid"] is valid
    assert document["project"] == ("shop" if valid else None)
    finding = document["findings"][0]
    assert (finding["code"], finding["file"], finding["line"]) == ("policy-privileged", "dockerdecl.yaml", 6)
    assert document["summary"]["errors"] == (0 if valid else 1)


def test_a_run_of_the_program_ends_as_ci_sees_it() -> None:
    """Once in a process of its own: exit code and streams."""
    command = [sys.executable, "-m", "dockerdecl", "validate"]
    environment = {**os.environ, "DOCKERDECL_POLICY": "deny.yaml", "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.endswith("reason: ...}\n")
