"""Several files as one manifest; containers from the table in tests/cases/merge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.errors import Where
from dockerdecl.manifest.merge import Merged, merge_manifests
from dockerdecl.manifest.nodes import Mapping, Positions, to_plain
from dockerdecl.manifest.paths import Base, resolve_paths
from dockerdecl.manifest.yaml_nodes import parse

TABLE = Path(__file__).parents[2] / "cases" / "merge" / "containers.yaml"
CASES: Any = to_plain(parse(TABLE.read_bytes(), TABLE.name))


def merged(*texts: str) -> Merged:
    roots = [parse(text.encode(), f"{number}.yaml") for number, text in enumerate(texts, start=1)]
    return merge_manifests([root for root in roots if isinstance(root, Mapping)])


def container(written: Any) -> str:
    text = written if isinstance(written, str) else yaml.safe_dump(written, sort_keys=False)
    return "containers:\n  web:\n" + "".join(f"    {line}\n" for line in text.splitlines())


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_two_files_of_a_container(case: dict[str, Any]) -> None:
    result = merged(container(case["base"]), container(case["over"]))
    assert result.problems == ()
    assert to_plain(result.root) == {"containers": {"web": case["merged"]}}


@pytest.mark.parametrize(
    ("base", "over", "meant"),
    [
        ("networks: {n: {labels: [a=1]}}", "networks: {n: {labels: {b: 2}}}", {"n": {"labels": {"a": "1", "b": "2"}}}),
        (
            "networks: {n: {ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1}, {subnet: 10.1.0.0/24}]}}}",
            "networks: {n: {ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.2}, {subnet: 10.2.0.0/24}]}}}",
            {
                "n": {
                    "ipam": {
                        "config": [
                            {"subnet": "10.0.0.0/24", "gateway": "10.0.0.2"},
                            {"subnet": "10.1.0.0/24"},
                            {"subnet": "10.2.0.0/24"},
                        ]
                    }
                }
            },
        ),
        ("volumes: {v: {driver: local}}", "volumes: {v: , w: }", {"v": {"driver": "local"}, "w": None}),
        (
            "images: {i: {build: /a, tags: [x]}}",
            "images: {i: {build: {args: [A=1]}, tags: [x, y]}}",
            {"i": {"build": {"context": "/a", "args": ["A=1"]}, "tags": ["x", "y"]}},
        ),
    ],
)
def test_other_sections(base: str, over: str, meant: object) -> None:
    result = merged(base, over)
    assert result.problems == ()
    assert list(to_plain(result.root).values()) == [meant]  # type: ignore[union-attr]  # a mapping


def test_a_reset_of_one_overlay_is_over_before_the_next() -> None:
    root = merged("x: {a: [1]}", "x: {a: !reset []}", "x: {a: [2]}").root
    assert to_plain(root) == {"x": {"a": ["2"]}}


def test_what_came_from_a_file_is_placed_in_it() -> None:
    positions = Positions(
        merged(
            "containers:\n  web:\n    image: a\n    environment: [A=1]\n",
            "containers:\n  web:\n    image: b\n    environment:\n      B: 2\n    user: x\n",
        ).root
    )
    assert positions.value(("containers", "web", "image")) == Where("2.yaml", 3, 12)
    assert positions.key(("containers", "web", "user")) == Where("2.yaml", 6, 5)
    assert positions.key(("containers", "web")) == Where("1.yaml", 2, 3)
    assert positions.value(("containers", "web", "environment", "A")) == Where("1.yaml", 4, 19)
    assert positions.key(("containers", "web", "environment", "B")) == Where("2.yaml", 5, 7)


def test_a_single_file_stays_as_it_is_written() -> None:
    text = "containers: {web: {environment: [A=1, A=2], ports: ['1:1', '1:1']}}"
    assert merged(text).root == parse(text.encode(), "1.yaml")


KEYS = ["build", "command", "depends_on", "devices", "environment", "env_file", "extra_hosts", "logging", "networks"]
KEYS += [
    "ports",
    "secrets",
    "tmpfs",
    "ulimits",
    "volumes",
    "context",
    "target",
    "source",
    "path",
    "driver",
    "type",
    "o",
]
LEAVES = st.none() | st.sampled_from(["", "a", "A=1", "a:b", "./x:/y:ro", "80:80/tcp", "[::1]:1:2", ":", "=", "bind"])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=12,
)
SECTIONS = st.dictionaries(st.sampled_from(["containers", "images", "networks", "volumes", "secrets", "x"]), ANYTHING)


@given(SECTIONS, SECTIONS)
def test_whatever_is_written_is_merged_or_refused_with_a_place(base: Any, over: Any) -> None:
    result = merged(yaml.safe_dump(base), yaml.safe_dump(over))
    assert all(problem.where and problem.where.file == "2.yaml" for problem in result.problems)
    resolve_paths(result.root, Base(Path("/"), None))


@given(SECTIONS)
def test_an_empty_overlay_changes_nothing(base: Any) -> None:
    assert to_plain(merged(yaml.safe_dump(base), "{}").root) == base
