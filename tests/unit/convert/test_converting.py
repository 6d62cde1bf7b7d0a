"""Compose files to manifests and back: the texts and complaints of tests/cases/convert."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from dockerdecl.convert.converting import Converted, Wanted, require_free, to_compose, to_manifest, write
from dockerdecl.convert.loading import load
from dockerdecl.errors import DockerdeclError, Problem

FOLDER = Path(__file__).parents[2] / "cases" / "convert"
CASES = sorted(FOLDER.glob("*.yaml"))


def case(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def wanted(found: dict[str, Any], folder: Path) -> Wanted:
    """The files of a case, written to a folder, and what is wanted of them."""
    for name, text in found["files"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    options = found.get("options", {})
    return Wanted(
        tuple(map(Path, options.get("named", ()))),
        options.get("environ", {}),
        working_directory=folder,
        project=options.get("project"),
        profiles=tuple(options.get("profiles", ())),
        out=Path(options["out"]) if "out" in options else None,
    )


def told(problems: Sequence[Problem], folder: Path) -> list[str]:
    return [f"{p.where}: {p.code}: {p.message}".replace(str(folder), "FOLDER") for p in problems]


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in CASES])
def test_a_conversion_gives_this_text_and_tells_the_rest(tmp_path: Path, path: Path) -> None:
    found, folder = case(path), tmp_path / "shop"
    what = wanted(found, folder)
    convert = to_compose if found.get("to") == "compose" else to_manifest
    try:
        converted = convert(what)
    except DockerdeclError as error:
        assert told(error.problems, folder) == found["problems"]
        assert told(error.warnings, folder) == found.get("warnings", [])
        return
    assert converted.text == found.get("text")
    assert told(converted.warnings, folder) == found.get("warnings", [])


MANIFESTS = [path for path in CASES if case(path).get("to") != "compose" and "text" in case(path)]
# Its variables have other values where the manifest is read; that is told.
OTHERWISE = {"variables-of-an-include"}


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in MANIFESTS if path.stem not in OTHERWISE])
def test_the_manifest_declares_what_the_compose_file_does(tmp_path: Path, path: Path) -> None:
    found, folder = case(path), tmp_path / "shop"
    what = wanted(found, folder)
    options: dict[str, Any] = {
        "environ": what.environ,
        "env_files": (),
        "working_directory": folder,
        "need_contents": False,
    }
    active = what.profiles or ("*",) if path.stem != "profiles-exclude-each-other" else ()
    direct = load(what.files, profiles=active, project=what.project, **options)
    out = folder / (what.out or "dockerdecl.yaml")
    out.parent.mkdir(exist_ok=True)
    write(to_manifest(what), out, overwrite=False)
    manifest = load((out,), profiles=() if what.profiles else active, **options)
    without = {"profiles": None} if what.profiles else {}
    containers = {key: spec.model_copy(update=without) for key, spec in direct.document.containers.items()}
    assert manifest.document == direct.document.model_copy(update={"containers": containers})


def test_no_secret_gets_into_a_text(tmp_path: Path) -> None:
    for path in CASES:
        assert "swordfish" not in case(path).get("text", "")


def test_a_file_is_written_whole_and_never_over_another_unasked(tmp_path: Path) -> None:
    out = tmp_path / "out.yaml"
    write(Converted("one\n", ()), out, overwrite=False)
    with pytest.raises(DockerdeclError) as raised:
        write(Converted("two\n", ()), out, overwrite=False)
    assert raised.value.code == "exists"
    with pytest.raises(DockerdeclError):
        require_free(out, overwrite=False)
    assert out.read_text() == "one\n"
    write(Converted("two\n", ()), out, overwrite=True)
    assert out.read_text() == "two\n"
    with pytest.raises(DockerdeclError) as raised:
        write(Converted("x", ()), tmp_path / "missing" / "out.yaml", overwrite=False)
    assert raised.value.code == "file-not-writable"
    assert [path.name for path in tmp_path.iterdir()] == ["out.yaml"]
