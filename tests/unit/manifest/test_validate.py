"""From nodes to a typed document: what is taken, and in which words mistakes are told."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerdecl.errors import Where
from dockerdecl.manifest.compose_words import UNSUPPORTED
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar, Sequence
from dockerdecl.manifest.schema import SECTIONS, manifest_schema
from dockerdecl.manifest.validate import Checked, check_fields
from tests.unit.manifest.loading import loaded, refused

HERE = Where("dockerdecl.yaml", 1, 1)
VALIDATORS_WORDS = re.compile(
    r"Input should|pydantic|valid (dictionary|tuple|string)|Extra inputs|Field required|Value error|https?://|ValidationError"
)


def tree(value: Any) -> Node:
    """A tree without places, of the plain form of a manifest."""
    match value:
        case dict():
            return Mapping(tuple(Entry(str(key), HERE, tree(item)) for key, item in value.items()), HERE)
        case list():
            return Sequence(tuple(tree(item) for item in value), HERE)
    return Scalar(value, plain=True, where=HERE)


def checked(manifest: dict[str, Any]) -> Checked:
    root = tree({"apiVersion": "dockerdecl/v1", "project": "shop", **manifest})
    assert isinstance(root, Mapping)
    return check_fields(root)


def test_keys_that_begin_with_x_are_nobodys_at_any_level(tmp_path: Path) -> None:
    manifest = loaded(
        tmp_path,
        """
x-common: &common
  x-owner: me
  image: web
containers:
  web:
    <<: *common
    healthcheck: {test: [CMD, check], x-why: because}
    ports: [{target: 80, x-name: http}]
networks: {back: {x-a: {b: c}, ipam: {x-b: [1]}}}
volumes: {data: {x-a: 1}}
images: {web: {ref: "web:1", x-a: 1}}
""",
    )
    assert manifest.document.containers["web"].image == "web"
    assert set(manifest.document.networks) == {"back"}


def test_a_key_that_begins_with_x_does_not_hide_what_is_wrong_beside_it(tmp_path: Path) -> None:
    text = "images: {web: {ref: 'web:1', x-a: 1, pull: always, load: a.tar}}\n"
    assert [problem.code for problem in refused(tmp_path, text)] == ["wrong-value"]


def test_labels_and_variables_may_begin_with_x_and_are_kept(tmp_path: Path) -> None:
    text = "containers: {web: {image: web, labels: {x-a: 1}, environment: {x-b: 2}}}\n"
    container = loaded(tmp_path, text).document.containers["web"]
    assert (container.labels, container.environment) == ({"x-a": "1"}, {"x-b": "2"})


def test_networks_and_volumes_may_be_declared_with_nothing(tmp_path: Path) -> None:
    document = loaded(tmp_path, "networks:\n  back:\nvolumes:\n  data:\nsecrets:\n").document
    assert (list(document.networks), list(document.volumes), document.secrets) == (["back"], ["data"], {})


def test_mistakes_that_others_hid_are_told_in_the_same_run(tmp_path: Path) -> None:
    text = """
images:
  web: {ref: "web:1", pull: sometimes}
containers:
  web:
    image: web
    ports: [{target: 80-81, published: 8080-8082, protocol: http}]
    links: [db]
"""
    said = [(problem.code, problem.where and problem.where.line) for problem in refused(tmp_path, text)]
    assert said == [("wrong-value", 5), ("wrong-value", 9), ("unknown-container", 10)]


def test_a_value_that_two_fields_were_made_of_is_told_once(tmp_path: Path) -> None:
    problems = refused(tmp_path, "containers: {web: {image: web, ulimits: {nofile: many}}}\n")
    assert [problem.message for problem in problems] == ["`many` is no whole number"]


def test_no_problem_shows_what_a_secret_holds(tmp_path: Path) -> None:
    text = "secrets: {key: {content: hunter2, environment: KEY}, other: {content: [hunter2]}}\n"
    for problem in refused(tmp_path, text):
        assert "hunter2" not in f"{problem.message} {problem.hint}"


def schema_parts() -> Iterator[tuple[str, dict[str, Any]]]:
    schema = manifest_schema()
    yield from schema["$defs"].items()


def test_what_is_told_as_unsupported_is_not_supported() -> None:
    parts = dict(schema_parts())
    for name, words in UNSUPPORTED.items():
        assert not set(words) & set(parts[name]["properties"]), name


WORDS = st.sampled_from(["", "x", "1", "-1", "a:b", "a:b:c:d", "=", "yes", "8080:80", "/a", "x-a", "state", "image"])
VALUES = st.recursive(
    st.none() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


def fields_of(name: str) -> list[str]:
    return sorted(dict(schema_parts())[name]["properties"])


SECTION_MODELS = {
    "images": "Image",
    "networks": "Network",
    "volumes": "Volume",
    "secrets": "FileSource",
    "configs": "FileSource",
    "containers": "Container",
}
ONE_RESOURCE = [
    st.fixed_dictionaries(
        {section: st.fixed_dictionaries({"a": st.dictionaries(st.sampled_from(fields_of(model)), VALUES, max_size=4)})}
    )
    for section, model in SECTION_MODELS.items()
]
MANIFESTS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    *ONE_RESOURCE, st.dictionaries(st.sampled_from(SECTIONS), VALUES, max_size=3)
)


@settings(max_examples=150, deadline=None)
@given(MANIFESTS)
def test_whatever_is_written_is_taken_or_refused_in_words_of_our_own(manifest: dict[str, Any]) -> None:
    outcome = checked(manifest)
    assert outcome.document is not None, "only a newer format leaves nothing to judge"
    for problem in outcome.problems:
        assert problem.hint
        assert not VALIDATORS_WORDS.search(f"{problem.message} {problem.hint}"), problem


@pytest.mark.parametrize("form", [str, lambda text: text.upper().replace("_", "-")])
def test_every_field_is_the_nearest_to_itself_misspelled(form: Any) -> None:
    for field in fields_of("Container"):
        if len(field) > 4:
            outcome = checked({"containers": {"web": {"image": "web", form(field)[:-1]: "1"}}})
            hints = [problem.hint for problem in outcome.problems if problem.code == "unknown-key"]
            assert hints in ([f"did you mean `{field}`?"], []), field


def large(count: int) -> str:
    containers = "".join(
        f"""
  c{number}:
    image: nginx:1
    environment:
      LOG_LEVEL: info
      REGION: here
    ports: ["{10000 + number}:80"]
    volumes:
      - data:/data
      - ./site:/site:ro
    networks:
      back:
        aliases: [alias{number}]
    labels:
      team: web
    mem_limit: 64m
    cpus: 0.5
    restart: always
    healthcheck:
      test: [CMD, check]
      interval: 5s
    depends_on: [{f"c{number - 1}" if number else ""}]"""
        for number in range(count)
    )
    return f"containers:{containers}\nnetworks: {{back: {{}}}}\nvolumes: {{data: {{}}}}\n"


def test_a_thousand_containers_are_checked_in_well_under_a_second(tmp_path: Path) -> None:
    text = large(1000)
    loaded(tmp_path, text)
    started = time.process_time()
    manifest = loaded(tmp_path, text)
    assert time.process_time() - started < 1.2, "measured: 0.3 to 0.4 s; the limit leaves room for a busy machine"
    assert manifest.summary()["container"] == 1000


def test_a_chain_of_containers_may_be_long(tmp_path: Path) -> None:
    chain = "".join(f"  c{n}: {{image: web, depends_on: [c{n + 1}]}}\n" for n in range(3000))
    assert loaded(tmp_path, f"containers:\n{chain}  c3000: {{image: web}}\n").document
