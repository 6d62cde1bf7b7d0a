"""From files on disk to one tree."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dockerdecl.errors import DockerdeclError, Where
from dockerdecl.manifest.load import Loaded, load_nodes, read_nodes
from dockerdecl.manifest.nodes import to_plain

Load = Callable[..., Loaded]
VERSION = "apiVersion: dockerdecl/v1\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def load(folder: Path, *files: str, env_files: tuple[str, ...] = (), **environ: str) -> Loaded:
    return load_nodes(
        tuple(Path(file) for file in files),
        environ=environ,
        env_files=tuple(Path(file) for file in env_files),
        working_directory=folder,
    )


def plain(loaded: Loaded) -> Any:
    return to_plain(loaded.root)


@pytest.mark.parametrize("name", ["dockerdecl.yaml", "dockerdecl.yml"])
def test_the_default_is_in_the_working_directory(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: VERSION})
    loaded = load(tmp_path)
    assert plain(loaded) == {"apiVersion": "dockerdecl/v1"}
    assert loaded.project_directory == tmp_path
    assert [file.name for file in loaded.files] == [name]
    assert loaded.files[0].sha256 == hashlib.sha256(VERSION.encode()).hexdigest()


def test_a_folder_stands_for_its_manifests_in_the_order_of_their_names(tmp_path: Path) -> None:
    files = {
        "d/b.yml": "x: b\n",
        "d/a.yaml": VERSION + "x: a\n",
        "d/.c.yaml": "x: c\n",
        "d/.env": "",
        "d/e/f.yaml": "x: f",
    }
    write(tmp_path, files)
    loaded = load(tmp_path, "d")
    assert plain(loaded)["x"] == "b"
    assert [file.name for file in loaded.files] == ["d/.env", "d/a.yaml", "d/b.yml"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": VERSION + "x: [1]\n"})
    assert plain(load(tmp_path, "a.yaml", ".", "./a.yaml"))["x"] == ["1"]


def test_paths_are_meant_from_the_file_that_holds_them(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "one/a.yaml": VERSION + "secrets: {a: {file: s}, b: {file: s}}\ninclude: [../two/c.yaml]\n",
            "two/b.yaml": "secrets: {b: {file: s}}\n",
            "two/c.yaml": "secrets: {c: {file: ./s}}\n",
        },
    )
    secrets = plain(load(tmp_path, "one/a.yaml", "two/b.yaml"))["secrets"]
    assert {name: secret["file"] for name, secret in secrets.items()} == {
        "a": f"{tmp_path}/one/s",
        "b": f"{tmp_path}/two/s",
        "c": f"{tmp_path}/two/s",
    }


def test_variables_come_from_the_environment_then_from_the_env_files(tmp_path: Path) -> None:
    files = {
        "d/a.yaml": VERSION + "x: $A $B $C $D\n",
        "d/.env": "A=dot\nB=dot\nC=dot\nD=dot\n",
        "one.env": "A=one\nB=one\nC=one\nD=\n",
        "two.env": "B=two-$C\n",
    }
    write(tmp_path, files)
    assert plain(load(tmp_path, "d/a.yaml", A="env"))["x"] == "env dot dot dot"
    loaded = load(tmp_path, "d/a.yaml", env_files=("one.env", "two.env"), A="env")
    assert plain(loaded)["x"] == "env two-one one "
    assert loaded.variables == {"A", "B", "C", "D"}
    assert loaded.environment == {"A": "env", "B": "two-one", "C": "one", "D": ""}


def test_a_variable_that_is_not_set_is_one_warning_at_its_first_place(tmp_path: Path) -> None:
    write(tmp_path, {"dockerdecl.yaml": VERSION + "x: [a $A, $B, '${A}']\n"})
    loaded = load(tmp_path)
    assert plain(loaded)["x"] == ["a ", "", ""]
    assert [(one.code, one.where, one.line) for one in loaded.warnings] == [
        ("variable-unset", Where("dockerdecl.yaml", 2, 7), "x: [a $A, $B, '${A}']"),
        ("variable-unset", Where("dockerdecl.yaml", 2, 11), "x: [a $A, $B, '${A}']"),
    ]


def test_variables_stay_out_of_keys_and_never_become_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"dockerdecl.yaml": VERSION + "x: {$A: $A, b: $N, c: $$A}\n"})
    assert plain(load(tmp_path, A="", N="null"))["x"] == {"$A": "", "b": "null", "c": "$A"}


def test_included_resources_are_taken_over_with_their_own_variables_and_paths(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "dockerdecl.yaml": VERSION
            + "project: shop\nvolumes: {data: }\ninclude:\n  - db/a.yaml\n"
            + "  - {path: [db/b.yaml, over.yaml], project_directory: base, env_file: [x.env]}\n",
            ".env": "A=outer\n",
            "db/a.yaml": "project: other\ncontainers: {a: {image: '$A-$B'}}\nvolumes: {data: }\n",
            "db/.env": "A=inner\nB=inner\n",
            "db/b.yaml": "containers: {b: {image: '$A-$B', volumes: ['./v:/v']}}\n",
            "over.yaml": "containers: {b: {user: x}}\n",
            "x.env": "B=x\n",
        },
    )
    loaded = load(tmp_path)
    assert plain(loaded) == {
        "apiVersion": "dockerdecl/v1",
        "project": "shop",
        "volumes": {"data": None},
        "containers": {
            "a": {"image": "outer-inner"},
            "b": {"image": "outer-x", "volumes": [f"{tmp_path}/base/v:/v"], "user": "x"},
        },
    }
    assert [file.name for file in loaded.files] == [
        ".env", "dockerdecl.yaml", "db/.env", "db/a.yaml", "x.env", "db/b.yaml", "over.yaml",
    ]  # fmt: skip


def test_an_overlay_changes_what_the_first_file_includes(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.yaml": VERSION + "include: [i.yaml]\n",
            "i.yaml": "containers: {web: {image: a, command: [b]}}\n",
            "o.yaml": "containers: {web: {image: c}}\n",
        },
    )
    assert plain(load(tmp_path, "a.yaml", "o.yaml"))["containers"]["web"] == {"image": "c", "command": ["b"]}


def test_one_file_may_be_included_from_two_sides(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "dockerdecl.yaml": VERSION + "include: [a.yaml, b.yaml]\n",
            "a.yaml": "include: [c.yaml]\n",
            "b.yaml": "include: [c.yaml]\n",
            "c.yaml": "networks: {back: {driver: bridge}}\n",
        },
    )
    assert plain(load(tmp_path))["networks"] == {"back": {"driver": "bridge"}}


def test_a_cycle_through_a_link_is_seen(tmp_path: Path) -> None:
    write(tmp_path, {"dockerdecl.yaml": VERSION + "include: [again/dockerdecl.yaml]\n"})
    (tmp_path / "again").symlink_to(tmp_path)
    with pytest.raises(DockerdeclError) as raised:
        load(tmp_path)
    assert raised.value.code == "include-cycle"


def test_unknown_keys_of_an_include_are_left_for_validation_to_see(tmp_path: Path) -> None:
    write(tmp_path, {"dockerdecl.yaml": VERSION + "include: [a.yaml]\n", "a.yaml": "contaners: {}\n"})
    assert "contaners" in plain(load(tmp_path))


def test_a_tree_that_is_whole_is_given_with_its_problems(tmp_path: Path) -> None:
    write(tmp_path, {"dockerdecl.yaml": VERSION + "x: ${A!}\ny: 1\ny: 2\n"})
    loaded = read_nodes((), environ={}, env_files=(), working_directory=tmp_path)
    assert [problem.code for problem in loaded.problems] == ["duplicate-key", "variable-syntax"]
    assert loaded.failed == {Where("dockerdecl.yaml", 2, 4)}
    assert [problem.code for problem in loaded.refusal().problems] == ["variable-syntax", "duplicate-key"]


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"dockerdecl.yaml": VERSION})
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    with pytest.raises(DockerdeclError) as raised:
        load(tmp_path, "loop.yaml")
    assert (raised.value.code, raised.value.problems[0].message) == (
        "file-not-readable",
        "`loop.yaml` can't be read: Too many levels of symbolic links",
    )


def test_a_device_that_never_ends_is_not_read_to_its_end(tmp_path: Path) -> None:
    with pytest.raises(DockerdeclError) as raised:
        load(tmp_path, "/dev/zero")
    assert raised.value.code == "file-too-large"


def test_the_collector_runs_again_after_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, {"dockerdecl.yaml": "x: @\n"})
    with pytest.raises(DockerdeclError):
        load(tmp_path)
    assert gc.isenabled()


def test_secrets_of_the_environment_stay_out_of_what_is_printed(tmp_path: Path) -> None:
    write(tmp_path, {"dockerdecl.yaml": VERSION, ".env": "PASSWORD=open sesame\n"})
    assert "open sesame" not in repr(load(tmp_path))
