"""The awesome-compose collection: what is understood of each file, beside what Compose itself makes of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dockerdecl.convert.converting import Wanted, to_compose, to_manifest, write
from dockerdecl.convert.loading import load
from dockerdecl.resources.container.parts import Attachment
from dockerdecl.resources.document import Document
from tests.support.compose import compose_program

FOLDER = Path(__file__).parents[2] / "cases" / "compose" / "awesome"
PROJECTS = sorted(path for path in FOLDER.iterdir() if path.is_dir())
ENVIRON = {"HOME": "/home/me"}

each = pytest.mark.parametrize("folder", [pytest.param(path, id=path.name) for path in PROJECTS])


def source(folder: Path) -> Path:
    return next(folder.glob("compose.y*ml"))


def understood(file: Path, folder: Path, *, project: str | None = None) -> Document:
    manifest = load(
        (file,), environ=ENVIRON, env_files=(), working_directory=folder, project=project, need_contents=False
    )
    return manifest.document


def comparable(document: Document, folder: Path) -> Any:
    """What is declared, in the words that Compose writes out, and with its folder."""
    found = json.loads(document.model_dump_json(by_alias=True).replace(str(folder), f"/awesome/{folder.name}"))
    project = found["project"]
    for container in found["containers"].values():
        if container["networks"] is None and container["network_mode"] is None:
            container["networks"] = {"default": json.loads(Attachment().model_dump_json())}
        for grant in container["secrets"] or ():
            grant["target"] = grant["target"] or f"/run/secrets/{grant['source']}"
        for port in container["ports"] or ():
            port["mode"] = "ingress"
        for mount in container["volumes"]:
            for end in ("source", "target"):
                mount[end] = mount[end] and mount[end].rstrip("/")
            del mount["bind"], mount["volume"]  # empty on one side, and not there on the other
    for section in ("networks", "volumes"):
        for key, spec in found[section].items():
            spec["name"] = spec["name"] or f"{project}_{key}"
    found["networks"].pop("default", None)
    return found


def test_the_collection_is_whole() -> None:
    assert len(PROJECTS) == 39


@each
def test_it_is_understood_as_compose_understands_it(folder: Path) -> None:
    mine = comparable(understood(source(folder), folder), folder)
    theirs = comparable(understood(folder / "config.yaml", folder), folder)
    assert mine == theirs


@each
def test_the_manifest_and_the_compose_file_of_it_say_the_same(tmp_path: Path, folder: Path) -> None:
    direct = understood(source(folder), folder)
    project = direct.project
    manifest, compose = tmp_path / "dockerdecl.yaml", tmp_path / "compose.yaml"
    write(to_manifest(Wanted((source(folder),), ENVIRON, out=manifest)), manifest, overwrite=False)
    environ = {**ENVIRON, **_variables(folder)}
    written = load((manifest,), environ=environ, env_files=(), working_directory=tmp_path, need_contents=False)
    assert written.document == direct
    converted = to_compose(Wanted((manifest,), environ, out=compose))
    assert converted.warnings == written.warnings == ()
    write(converted, compose, overwrite=False)
    again = load((compose,), environ=environ, env_files=(), working_directory=tmp_path, need_contents=False)
    assert again.document == direct
    assert again.document.project == project


def _variables(folder: Path) -> dict[str, str]:
    file = folder / ".env"
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = (line.partition("#")[0].partition("=")[::2] for line in lines if "=" in line)
    return {name.strip(): value.strip().strip('"') for name, value in pairs}


@pytest.mark.slow
@each
def test_compose_makes_the_same_of_what_comes_back(tmp_path: Path, folder: Path) -> None:
    (tmp_path / folder.name).mkdir()
    home = tmp_path / folder.name
    for path in (source(folder), folder / ".env"):
        if path.exists():
            (home / path.name).write_bytes(path.read_bytes())
    manifest, compose = home / "dockerdecl.yaml", home / "back.yaml"
    write(to_manifest(Wanted((source(home),), ENVIRON, working_directory=home)), manifest, overwrite=False)
    write(to_compose(Wanted((manifest,), ENVIRON, working_directory=home)), compose, overwrite=False)
    outputs = [_config(home, file.name) for file in (source(home), compose)]
    assert outputs[0] == outputs[1]


def _config(folder: Path, file: str) -> str:
    command = [str(compose_program()), "-f", file, "config"]
    return subprocess.run(command, cwd=folder, env=ENVIRON, capture_output=True, text=True, check=True).stdout
