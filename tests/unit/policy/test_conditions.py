"""Conditions of rules of one's own: what they hold for, from the table in tests/cases/policies/conditions.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerdecl.policy.conditions import Compiler, Condition, Test
from dockerdecl.resources.container.spec import Container
from tests.unit.policy.judging import described, judged

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "cases/policies/conditions.yaml").read_text())
MANIFEST: str = TABLE.pop("_manifest")
CONTAINERS: Mapping[str, Any] = {
    key: Container.model_validate(spec).model_dump(mode="json", by_alias=True)
    for key, spec in yaml.safe_load(MANIFEST)["containers"].items()
}


def texts(value: Any) -> Any:
    "as the strict reader gives it: every single value is a text"
    match value:
        case dict():
            return {key: texts(item) for key, item in value.items()}
        case list():
            return [texts(item) for item in value]
        case bool():
            return str(value).lower()
    return str(value)


def compiled(condition: Any) -> Test:
    compiler = Compiler(Container)
    test = compiler.test(Condition.model_validate(texts(condition)), ())
    assert compiler.mistakes == []
    return test


def holds(condition: Any) -> list[str]:
    test = compiled(condition)
    return [key for key, container in CONTAINERS.items() if test(container) is not None]


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
def test_a_condition_holds_for_what_it_says(case: dict[str, Any]) -> None:
    assert holds(case["condition"]) == case["holds"]


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
def test_a_rule_finds_where_its_condition_holds(case: dict[str, Any], tmp_path: Path) -> None:
    """`when` finds what a condition holds for, `unless` all else."""
    for word, found in (("when", case["holds"]), ("unless", [key for key in CONTAINERS if key not in case["holds"]])):
        rule = {"id": "mine", "message": "not so", word: case["condition"]}
        judgement = judged(tmp_path, MANIFEST, yaml.safe_dump({"rules": [rule]}))
        assert {problem.address for problem in judgement.errors} == {f"container.{key}" for key in found}
        assert {problem.code for problem in judgement.errors} <= {"policy-mine"}


CONDITIONS = st.recursive(
    st.sampled_from([case["condition"] for case in TABLE.values()]),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"all": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, max_size=3)}),
    ),
    max_leaves=5,
)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(CONDITIONS, min_size=1, max_size=3))
def test_all_any_and_not_are_those_of_logic(conditions: list[Any]) -> None:
    each = [set(holds(condition)) for condition in conditions]
    every = set(CONTAINERS)
    assert set(holds({"all": conditions})) == every.intersection(*each)
    assert set(holds({"any": conditions})) == set().union(*each)
    assert set(holds({"not": conditions[0]})) == every - each[0]
    assert set(holds({"not": {"any": conditions}})) == set(holds({"all": [{"not": one} for one in conditions]}))


def test_a_finding_of_a_rule_stands_where_the_condition_was_met(tmp_path: Path) -> None:
    manifest = """
containers:
  web: {image: web, ports: ["127.0.0.1:80:80", "0.0.0.0:81:81"]}
volumes: {data: {driver_opts: {type: nfs, device: ":/x"}}}
networks: {back: {internal: true}}
images: {web: {ref: "web:1"}}
"""
    policy = """
rules:
  - {id: everywhere, message: not everywhere, when: {path: "ports[*].host_ip", equals: 0.0.0.0}}
  - {id: checked, message: check it, hint: write healthcheck, unless: {path: healthcheck.test, exists: true}}
  - {id: local, message: local only, on: volume, level: warn, when: {path: driver_opts.type, matches: ^nfs}}
  - {id: inside, message: inside, on: network, when: {path: internal, equals: true}}
  - {id: ours, message: ours only, on: image, unless: {path: ref, matches: ^ours/}}
  - {id: off, message: nothing, level: "off", unless: {path: image, equals: none}}
"""
    judgement = judged(tmp_path, manifest, policy)
    assert [described(problem) for problem in judgement.errors] == [
        "5:3 container.web check it",
        "5:48 container.web not everywhere",
        "7:29 network.back inside",
        "8:10 image.web ours only",
    ]
    assert [described(problem) for problem in judgement.warnings] == ["6:38 volume.data local only"]
    assert (judgement.errors[0].hint or "").startswith("write healthcheck\n")
