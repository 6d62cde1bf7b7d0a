"""What is allowed on purpose: by the policy, by the manifest where the policy lets it, and never in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockerdecl.errors import DockerdeclError
from tests.unit.policy.judging import described, judged

MANIFEST = """
containers:
  web: {image: "web:1", privileged: true, pid: host}
  db:
    image: "db:1"
    privileged: true
    x-policy: {allow: {privileged: it reads the sensors}}
"""
DENIED = "every capability and device of the host"


def told(folder: Path, *policies: str, manifest: str = MANIFEST, **options: Any) -> tuple[list[str], list[str]]:
    judgement = judged(folder, manifest, *policies, **options)
    return [described(p) for p in judgement.errors], [described(p) for p in judgement.warnings]


def allowing(address: str, *, more: str = "") -> str:
    return f"builtin: {{privileged: deny}}\nallow: [{{rule: privileged, address: '{address}', reason: why{more}}}]"


def test_a_policy_allows_by_address(tmp_path: Path) -> None:
    errors, warnings = told(tmp_path, allowing("container.web"))
    assert (len(errors), warnings) == (1, [])
    assert errors[0].startswith("8:17 container.db ")
    assert told(tmp_path, allowing("container.*")) == ([], [])


def test_a_policy_allows_for_a_project_alone(tmp_path: Path) -> None:
    """What is meant for another project allows nothing here, and is nothing to warn of either."""
    assert told(tmp_path, allowing("container.*", more=", project: 'sh*'")) == ([], [])
    errors, warnings = told(tmp_path, allowing("container.*", more=", project: other"))
    assert (len(errors), warnings) == (2, [])


def test_an_allowance_that_nothing_needs_is_told(tmp_path: Path) -> None:
    errors, warnings = told(tmp_path, "allow: [{rule: privileged, address: container.web, reason: once}]")
    assert errors == []
    assert warnings == [
        "9:36 container.db `privileged` is allowed here, where nothing needs it",
        "policy-1.yaml:2:9 - `privileged` is allowed for `container.web`, where nothing needs it",
    ]


def test_a_manifest_allows_only_what_the_policy_lets_it(tmp_path: Path) -> None:
    judgement = judged(tmp_path, MANIFEST, "builtin: {privileged: deny}")
    assert [problem.address for problem in judgement.errors] == ["container.web", "container.db"]
    assert "the policy lets no manifest allow this rule" in (judgement.errors[1].hint or "")
    assert judgement.warnings == ()
    errors, warnings = told(tmp_path, "builtin: {privileged: {level: deny, manifest_may_allow: true}}")
    assert (len(errors), warnings) == (1, [])
    assert errors[0].startswith("5:37 container.web ")


def test_a_manifest_may_allow_a_rule_of_ones_own(tmp_path: Path) -> None:
    rule = "rules: [{id: privileged-db, message: no, manifest_may_allow: true, when: {path: privileged, equals: true}}]"
    manifest = MANIFEST.replace("{privileged: it", "{privileged-db: it")
    errors, _ = told(tmp_path, rule, manifest=manifest)
    assert errors == ["5:37 container.web no"]


def test_what_one_policy_allows_another_still_denies(tmp_path: Path) -> None:
    """So a policy of CI can't be got round by one that the manifest names. A deny wins over a warning."""
    errors, warnings = told(tmp_path, allowing("container.*"), "builtin: {privileged: deny}")
    assert ([error[:4] for error in errors], warnings) == (["5:37", "8:17"], [])
    errors, warnings = told(tmp_path, "builtin: {privileged: warn}", "builtin: {privileged: deny}")
    assert (len(errors), warnings) == (2, [])


@pytest.mark.parametrize(
    ("extension", "complaint"),
    [
        ("{allow: {privileged: }}", "`privileged` is allowed without a reason"),
        ("{allow: {privileged: [a]}}", "`privileged` is allowed without a reason"),
        ("{alow: {privileged: a}}", "`x-policy` has no key `alow`"),
        ("[privileged]", "`x-policy` takes `allow` with a map, not a list"),
        ("{allow: privileged}", "`x-policy` takes `allow` with a map, not a single value"),
    ],
)
def test_an_allowance_in_a_manifest_that_is_written_wrongly_is_told(
    extension: str, complaint: str, tmp_path: Path
) -> None:
    manifest = f"containers:\n  web:\n    image: x\n    x-policy: {extension}\n"
    with pytest.raises(DockerdeclError) as raised:
        judged(tmp_path, manifest, "preset: recommended")
    assert [(p.code, p.message) for p in raised.value.problems] == [("x-policy-form", complaint)]
    assert str(raised.value.problems[0].where).startswith("dockerdecl.yaml:6:")
    assert judged(tmp_path, manifest).errors == (), "without a policy, an extension is anybody's"


def test_what_is_inactive_is_not_judged(tmp_path: Path) -> None:
    """A container of a profile that is not active is not there; what is allowed for it is not unused."""
    manifest = """
containers:
  web: {image: "web:1"}
  debug: {image: "web:1", privileged: true, profiles: [debug], x-policy: {allow: {device: a}}}
"""
    assert told(tmp_path, allowing("container.debug"), manifest=manifest) == ([], [])
    assert told(tmp_path, "builtin: {privileged: deny}", manifest=manifest) == ([], [])
    errors, _ = told(tmp_path, "builtin: {privileged: deny}", manifest=manifest, profiles=("debug",))
    assert len(errors) == 1


def test_no_secret_is_told(tmp_path: Path) -> None:
    """A secret that got into a path is masked, and a line that has one in it is not quoted."""
    manifest = """
secrets: {token: {environment: TOKEN}}
containers:
  web: {image: "web:1", privileged: true, environment: {API_PASSWORD: swordfish}, secrets: [token]}
  db: {image: "db:1", volumes: ["/etc/${TOKEN}:/t"], devices: ["/dev/swordfish"]}
"""
    judgement = judged(tmp_path, manifest, "preset: recommended", environ={"TOKEN": "open-sesame"})
    shown = "".join(f"{p.message}{p.hint}{p.line}" for p in (*judgement.errors, *judgement.warnings))
    assert "open-sesame" not in shown
    assert "swordfish" not in shown
    assert "`/etc/(sensitive)`" in shown
