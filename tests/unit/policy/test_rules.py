"""The built-in rules: what each finds and what it lets be, from the table in tests/cases/policies/rules.yaml."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from dockerdecl.policy.builtin import RULES
from dockerdecl.policy.spec import RECOMMENDED, BuiltIn
from tests.unit.policy.judging import described, judged

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "cases/policies/rules.yaml").read_text())


def saved_image() -> bytes:
    "a `docker save` archive with one image `old:1`"
    config = json.dumps({"config": {}, "rootfs": {"type": "layers", "diff_ids": []}}).encode()
    manifest = json.dumps([{"Config": "c.json", "RepoTags": ["old:1"], "Layers": []}]).encode()
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in (("c.json", config), ("manifest.json", manifest)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_rule_finds_what_it_does_not_want_and_nothing_else(case: dict[str, Any], tmp_path: Path) -> None:
    policy = yaml.safe_dump({"builtin": {case["rule"]: case.get("setting", "deny")}})
    judgement = judged(tmp_path, case["manifest"], policy, files={"old.tar": saved_image()})
    found = [described(problem) for problem in judgement.errors]
    assert len(found) == len(case["found"]), found
    for expected, line in zip(case["found"], found, strict=True):
        place, address, part = expected.split(" ", 2)
        assert line.startswith(f"{place} {address} "), (expected, line)
        assert part in line
    assert {problem.code for problem in judgement.errors} <= {f"policy-{case['rule']}"}
    assert judgement.warnings == ()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_finding_says_what_would_be_right_and_how_to_allow_it(case: dict[str, Any], tmp_path: Path) -> None:
    """What the hint says to add to the policy, added there, makes the finding go."""
    policy = yaml.safe_dump({"builtin": {case["rule"]: case.get("setting", "deny")}})
    before = judged(tmp_path, case["manifest"], policy, files={"old.tar": saved_image()})
    hints = [(problem.hint or "").split("\n") for problem in before.errors]
    assert all(first and "policy-1.yaml" in second for first, second, _ in hints)
    allowances = "".join(f"{line}\n" for line in dict.fromkeys(third for _, _, third in hints))
    after = judged(tmp_path, case["manifest"], f"{policy}allow:\n{allowances}", files={"old.tar": saved_image()})
    assert after.errors == after.warnings == ()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_policy_without_rules_turns_nothing_on(case: dict[str, Any], tmp_path: Path) -> None:
    judgement = judged(tmp_path, case["manifest"], "", files={"old.tar": saved_image()})
    assert judgement.errors == judgement.warnings == ()


def test_every_rule_is_checked_and_tried() -> None:
    assert [rule.name for rule in RULES] == [*BuiltIn.model_fields]
    assert {case["rule"] for case in CASES.values()} == {field.word for field in BuiltIn.model_fields.values()}


def test_the_recommended_rules_hold_without_being_written(tmp_path: Path) -> None:
    """`preset: recommended` turns on what it lists, and what is written beside it wins."""
    manifest = """
containers:
  a: {image: web, privileged: true, pid: host, volumes: ["/etc:/etc", "/run:/run"], cap_add: [KILL],
      security_opt: [seccomp=unconfined], devices: [/dev/null], ports: [80]}
"""
    judgement = judged(tmp_path, manifest, "preset: recommended")
    found = {problem.code.removeprefix("policy-"): "deny" for problem in judgement.errors}
    found |= {problem.code.removeprefix("policy-"): "warn" for problem in judgement.warnings}
    assert found == {name.replace("_", "-"): level for name, level in RECOMMENDED.items()}
    changed = judged(tmp_path, manifest, "preset: recommended\nbuiltin: {privileged: off, device: deny}")
    codes = {problem.code for problem in changed.errors}
    assert "policy-device" in codes
    assert "policy-privileged" not in codes
