"""Words of Compose that stand for something else here: profiles, builds, `deploy`, label files and the like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dockerdecl.manifest.builds import with_builds
from dockerdecl.manifest.compose_words import TOP_LEVEL, UNSUPPORTED
from dockerdecl.manifest.manifest import Manifest
from dockerdecl.manifest.schema import manifest_schema
from dockerdecl.resources.address import Address, Kind
from dockerdecl.resources.desired import Built, Pull
from tests.unit.manifest.loading import loaded

PROFILES = """
containers:
  web: {image: web}
  debug: {image: debug, profiles: [debug, tools]}
  seed: {image: seed, profiles: [seed]}
"""


def container(folder: Path, fields: str, files: Mapping[str, str] | None = None, **options: Any) -> Any:
    """One container as it was understood."""
    return loaded(folder, f"containers: {{web: {{image: web, {fields}}}}}\n", files, **options).document.containers[
        "web"
    ]


def keys(manifest: Manifest) -> list[str]:
    return sorted(address.key for address in manifest.desired("key").containers)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, ["web"]),
        ({"profiles": ("tools",)}, ["debug", "web"]),
        ({"profiles": ("tools", "seed")}, ["debug", "seed", "web"]),
        ({"profiles": ("*",)}, ["debug", "seed", "web"]),
        ({"named": ("seed",)}, ["seed", "web"]),
        ({"profiles": ("unknown",)}, ["web"]),
    ],
)
def test_profiles_say_which_containers_are_wanted(tmp_path: Path, options: dict[str, Any], wanted: list[str]) -> None:
    manifest = loaded(tmp_path, PROFILES, **options)
    assert keys(manifest) == wanted
    assert manifest.desired("key").inactive == {"web", "debug", "seed"} - {*wanted}


def test_a_profile_that_no_container_has_is_told(tmp_path: Path) -> None:
    (told,) = loaded(tmp_path, PROFILES, profiles=("tool", "seed")).warnings
    assert told.code == "unknown-profile"
    assert told.hint == "did you mean `tools`?"


def test_a_named_container_brings_its_profile_for_the_others(tmp_path: Path) -> None:
    text = "containers: {a: {image: a, profiles: [x], depends_on: [b]}, b: {image: b, profiles: [x]}}\n"
    assert keys(loaded(tmp_path, text, named=("a",))) == ["a", "b"]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("scale: 2", "replicas: 2"),
        ("deploy: {replicas: '2', mode: replicated}", "replicas: 2"),
        ("deploy: {mode: global}", "tty: false"),
        (
            "deploy: {resources: {limits: {cpus: '0.50', memory: 64M, pids: 9}, reservations: {memory: 32m}}}",
            "cpus: 0.5, mem_limit: 64m, pids_limit: 9, mem_reservation: 32m",
        ),
        ("deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}", "restart: 'on-failure:3'"),
        ("deploy: {restart_policy: {condition: none}}", "restart: 'no'"),
        (
            "deploy: {update_config: {order: start-first, parallelism: 2, monitor: 10s, failure_action: rollback}}",
            "replace: {order: start-first, max_parallel: 2, monitor: 10s}",
        ),
        (
            "replace: {health_timeout: 9s}, deploy: {update_config: {parallelism: 0, order: start-first}}",
            "replace: {health_timeout: 9s, order: start-first}",
        ),
        ("deploy: {restart_policy: {}}", "restart: always"),
        ("deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: all}]}}}", "gpus: all"),
        ("pull_policy: daily", "pull_policy: every_1d"),
        ("pull_policy: refresh, pull_refresh_after: 12h", "pull_policy: every_12h"),
        ("pull_policy: if_not_present", "pull_policy: missing"),
        (
            "use_api_socket: true",
            "volumes: [{type: bind, source: /var/run/docker.sock, target: /var/run/docker.sock}]",
        ),
        ("extra_hosts: {a: [10.0.0.1]}", "extra_hosts: ['a:10.0.0.1']"),
    ],
)
def test_one_thing_in_two_words_is_one(tmp_path: Path, written: str, plain: str) -> None:
    one, other = ({**container(tmp_path, fields).model_dump(), "tty": None} for fields in (written, plain))
    assert one == other


def test_devices_of_two_words_are_all_asked_for(tmp_path: Path) -> None:
    fields = "gpus: [{count: 1}], deploy: {resources: {reservations: {devices: [{capabilities: [tpu]}]}}}"
    assert [request.capabilities for request in container(tmp_path, fields).gpus] == [("gpu",), ("tpu",)]


def test_labels_come_from_files_beneath_those_that_are_written(tmp_path: Path) -> None:
    files = {"a.labels": "team=shop\ntier='front end'\n# a comment\n", "b.labels": "tier=back\nowner=x\n"}
    web = container(tmp_path, "label_file: [a.labels, b.labels], labels: {owner: me}", files)
    assert web.labels == {"team": "shop", "tier": "back", "owner": "me"}


def test_variables_of_hooks_without_a_value_are_taken_from_outside(tmp_path: Path) -> None:
    fields = "post_start: [{command: run me, environment: {A: null, B: 1, C: null}}]"
    (hook,) = container(tmp_path, fields, environ={"A": "x"}).post_start
    assert hook.command == ("run", "me")
    assert hook.environment == {"A": "x", "B": "1", "C": None}


def test_links_to_others_are_by_their_own_names(tmp_path: Path) -> None:
    text = "containers: {web: {image: web, links: [db], external_links: [redis, 'my.sql:mysql']}, db: {image: db}}\n"
    desired = loaded(tmp_path, text).desired("key")
    web = desired.containers[Address(Kind.CONTAINER, "web")]
    assert web.spec.links == {"db": "shop-db", "redis": "redis", "mysql": "my.sql"}
    assert [str(dependence.on) for dependence in web.dependencies] == ["container.db"]


def test_a_build_in_a_container_is_an_image_of_its_key(tmp_path: Path) -> None:
    text = """
containers:
  web: {build: ./web, platform: linux/arm64}
  app: {build: {context: ./web, args: {A: "1"}}, image: "registry.local/app:2"}
"""
    manifest = loaded(tmp_path, text, {"web/Dockerfile": "FROM scratch\n"})
    images = manifest.desired("key").images
    web, app = (images[Address(Kind.IMAGE, key)] for key in ("web", "app"))
    assert (web.reference, web.platform, app.reference) == ("shop-web:latest", "linux/arm64", "registry.local/app:2")
    assert isinstance(web.source, Built) and isinstance(app.source, Built)
    assert app.source.spec.args == {"A": "1"}
    where, _ = manifest.where("image.app", ("build", "context"))
    assert where is not None and where.line == 6


def test_builds_are_called_by_the_project_that_is_asked_for(tmp_path: Path) -> None:
    text = "containers: {web: {build: .}}\n"
    manifest = loaded(tmp_path, text, {"Dockerfile": "FROM scratch\n"}, project="other")
    assert manifest.desired("key").images[Address(Kind.IMAGE, "web")].reference == "other-web:latest"
    assert with_builds(manifest.loaded, None).root == manifest.loaded.root


def test_what_containers_say_of_their_image_holds_for_it(tmp_path: Path) -> None:
    text = """
images: {app: {ref: "app:1"}, own: {ref: "own:1", pull: never}}
containers:
  a: {image: app, pull_policy: always, platform: linux/arm64}
  b: {image: "other:1", pull_policy: every_2h30m}
  c: {image: own, pull_policy: never}
  d: {image: "mounts:1", volumes: [{type: image, source: app, target: /a}, {type: image, source: new, target: /b}]}
"""
    desired = loaded(tmp_path, text).desired("key")
    images = {address.key: image for address, image in desired.images.items()}
    assert images["app"].source == Pull("always") and images["app"].platform == "linux/arm64"
    assert images["own"].source == Pull("never")
    other = images["other:1"].source
    assert isinstance(other, Pull) and other.every == 9000
    mounting = desired.containers[Address(Kind.CONTAINER, "d")]
    assert [mount.source for mount in mounting.spec.volumes] == ["app:1", "new:latest"]
    assert {str(address) for address in mounting.mounted_images} == {"image.app", "image.new:latest"}


SPECIFICATION = Path(__file__).parents[3] / "tools" / "compose_specification.json"


def test_every_word_of_a_compose_service_is_known() -> None:
    """Each is a field of a container, or is refused with what to write instead."""
    words = set(json.loads(SPECIFICATION.read_text())["service"])
    known = set(manifest_schema()["$defs"]["Container"]["properties"])
    refused = set(UNSUPPORTED["Container"])
    assert len(words) == 92
    assert words - known - refused == set()
    assert words & refused == {"develop", "models", "provider"}
    assert "models" in TOP_LEVEL
