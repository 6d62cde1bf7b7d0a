"""A Compose file where a manifest is expected: which one is read, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from dockerdecl.convert.loading import load, project_name
from dockerdecl.errors import DockerdeclError, ExitCode

WEB = "services: {web: {image: web}}\n"
DB = "services: {db: {image: db}}\n"
MANIFEST = "apiVersion: dockerdecl/v1\nproject: shop\ncontainers: {own: {image: own}}\n"


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "named", "environ", "keys"),
    [
        ({"compose.yaml": WEB}, (), {}, ["web"]),
        ({"docker-compose.yml": WEB}, (), {}, ["web"]),
        ({"compose.yaml": WEB, "compose.override.yml": DB}, (), {}, ["db", "web"]),
        ({"compose.yaml": WEB, "compose.override.yml": DB}, ("compose.yaml",), {}, ["web"]),
        ({"compose.yaml": WEB, "dockerdecl.yaml": MANIFEST}, (), {}, ["own"]),
        ({"compose.yaml": WEB, "dockerdecl.yaml": MANIFEST}, ("compose.yaml",), {}, ["web"]),
        ({"stack.yaml": '{"services": {"web": {"image": "web"}}}'}, ("stack.yaml",), {}, ["web"]),
        ({"stack.yaml": "web: {image: web}\n"}, ("stack.yaml",), {}, None),
        ({"compose.yaml": '{"services": {"web": {"image": "web"}}}'}, (), {}, ["web"]),
        ({"a.yaml": WEB, "b.yaml": DB}, ("a.yaml", "b.yaml"), {}, ["db", "web"]),
        ({"a.yaml": WEB, "b.yaml": DB}, (), {"COMPOSE_FILE": "a.yaml:b.yaml"}, ["db", "web"]),
        ({"a.yaml": WEB, "b.yaml": DB, ".env": "COMPOSE_FILE=b.yaml\n"}, (), {}, ["db"]),
        (
            {"compose.yaml": "services: {web: {image: web, profiles: [x]}, db: {image: db, profiles: [y]}}"},
            (),
            {"COMPOSE_PROFILES": "x"},
            ["web"],
        ),
        ({"compose.yaml": "include: [sub/c.yaml]\n", "sub/c.yaml": WEB}, (), {}, ["web"]),
    ],
)
def test_the_file_that_is_meant_is_read(
    tmp_path: Path, files: dict[str, str], named: tuple[str, ...], environ: dict[str, str], keys: list[str] | None
) -> None:
    folder = written(tmp_path, files)
    paths = tuple(Path(name) for name in named)
    if keys is None:  # neither its name nor a word in it says that it is Compose's
        with pytest.raises(DockerdeclError) as raised:
            load(paths, environ=environ, env_files=(), working_directory=folder)
        assert raised.value.exit_code is ExitCode.INVALID
        return
    manifest = load(paths, environ=environ, env_files=(), working_directory=folder)
    assert sorted(manifest.document.containers) == keys


@pytest.mark.parametrize(
    ("text", "environ", "project", "name"),
    [
        (WEB, {}, None, "myshop-2"),
        (f"name: other\n{WEB}", {}, None, "other"),
        (f"name: '${{STACK:-x}}1'\n{WEB}", {"STACK": "y"}, None, "y1"),
        (f"name: other\n{WEB}", {"COMPOSE_PROJECT_NAME": "third"}, None, "third"),
        (f"name: other\n{WEB}", {"COMPOSE_PROJECT_NAME": "third"}, "fourth", "fourth"),
    ],
)
def test_the_project_is_called_as_compose_calls_it(
    tmp_path: Path, text: str, environ: dict[str, str], project: str | None, name: str
) -> None:
    folder = written(tmp_path / "_My.Shop-2", {"compose.yaml": text})
    manifest = load((), environ=environ, env_files=(), working_directory=folder, project=project)
    assert manifest.document.project == name
    if project is None:
        assert project_name((), environ=environ, env_files=(), working_directory=folder) == name


def test_a_mistake_is_told_where_compose_has_it(tmp_path: Path) -> None:
    text = "services:\n  web:\n    image: web\n    develop: {}\n    prots: [80]\n    provider: {type: x}\n"
    folder = written(tmp_path, {"compose.yaml": text})
    with pytest.raises(DockerdeclError) as raised:
        load((), environ={}, env_files=(), working_directory=folder)
    told = {(problem.code, str(problem.where)) for problem in raised.value.problems}
    assert told == {("unknown-key", "compose.yaml:5:5"), ("unsupported-field", "compose.yaml:6:5")}
    assert [(warning.code, str(warning.where)) for warning in raised.value.warnings] == [
        ("compose-word-left-out", "compose.yaml:4:5")
    ]
