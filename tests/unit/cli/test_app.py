"""The command line as scripts and people meet it: exit codes, streams, help, the environment."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from dockerdecl.cli.app import app, main
from dockerdecl.cli.commands.init import project_name
from dockerdecl.cli.options import seconds_of, variable_of

HEAVY = ("rich", "docker", "pydantic", "yaml", "requests", "zstandard", "deepdiff")
NOT_FROM_ENVIRONMENT = {"--help", "--version", "--install-completion", "--show-completion"}


def dockerdecl(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dockerdecl", *words]
    return subprocess.run(
        command,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("DOCKERDECL_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["plna"], "No such command 'plna'"),
        (["plan", "--fiel", "x"], "--fiel"),
        (["status", "stray"], "unexpected extra argument"),
        (["plan", "--format", "yaml"], "'--format'"),
        (["apply", "--yes", "--format", "markdown"], "'--format'"),
        (["apply", "--yes", "--parallelism", "0"], "'--parallelism'"),
        (["apply", "--yes", "--settle", "5"], "'5' is no duration: write it like 500ms, 10s or 1m30s"),
        (["destroy", "--host"], "--host"),
        (["logs", "-f", "web"], "to follow, give -F"),
    ],
)
def test_a_usage_error_exits_with_64(words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 64
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error[usage]: ")
    assert complaint in printed.err
    assert "--help` says what there is" in printed.err


def test_a_wrong_value_in_the_environment_names_its_variable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKERDECL_FORMAT", "yaml")
    assert main(["plan"]) == 64
    assert "(from DOCKERDECL_FORMAT)" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["apply", "destroy"])
def test_without_a_terminal_a_change_needs_yes(command: str) -> None:
    run = dockerdecl(command)
    assert run.returncode == 64
    assert run.stdout == ""
    assert "error[confirmation-needed]: " in run.stderr
    assert "--yes" in run.stderr


def test_no_command_is_a_usage_error_that_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 64
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Reconcile:" in printed.err
    assert "plan " in printed.err


def options() -> Iterator[tuple[str, str, Any]]:
    command = typer.main.get_command(app)
    commands = {"": command, **command.commands}  # type: ignore[attr-defined]  # a group has them
    for name, one in commands.items():
        for parameter in one.params:
            if parameter.param_type_name == "option" and parameter.opts[0] not in NOT_FROM_ENVIRONMENT:
                yield name, parameter.opts[0], parameter


@pytest.mark.parametrize(("command", "option", "parameter"), list(options()))
def test_every_option_has_a_help_and_a_variable(command: str, option: str, parameter: Any) -> None:
    assert option.startswith("--"), "the long name comes first"
    assert parameter.help
    assert parameter.envvar == variable_of(option)


def test_a_bug_is_one_line_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise RuntimeError("[red]boom[/red]\x1b[0m")

    monkeypatch.setattr(platform, "python_version", broken)
    assert main(["version"]) == 1
    printed = capsys.readouterr().err
    assert printed.splitlines()[0] == "error[bug]: RuntimeError: [red]boom[/red]\\u001b[0m"
    assert "--debug" in printed
    assert "Traceback" not in printed


def test_a_reader_that_went_away_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run(
        [sys.executable, "-m", "dockerdecl", "version"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (run.returncode, run.stderr) == (1, "")


def test_a_full_disk_is_an_error_and_no_bug() -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "dockerdecl", "version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert run.returncode == 1
    assert run.stderr == "error[cannot-write]: the output can't be written: No space left on device\n"


def test_an_output_of_a_narrow_encoding_gets_escapes() -> None:
    run = dockerdecl("plän", PYTHONIOENCODING="ascii")
    assert run.returncode == 64
    assert "No such command 'pl\\xe4n'" in run.stderr


def test_the_shell_completes_commands_and_options() -> None:
    def completed(words: str) -> list[str]:
        count = str(len(words.split()) - 1)
        return dockerdecl(_DOCKERDECL_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=count).stdout.split()

    assert completed("dockerdecl pl") == ["plan"]
    assert completed("dockerdecl plan --det") == ["--detailed-exitcode"]


def test_init_writes_a_manifest_named_after_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "My Shop"
    folder.mkdir()
    assert main(["init", str(folder)]) == 0
    assert "project: myshop\n" in (folder / "dockerdecl.yaml").read_text()
    assert "dockerdecl plan" in capsys.readouterr().out


def test_what_init_writes_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    assert main(["validate"]) == 0
    printed = capsys.readouterr()
    assert printed.out.endswith("Valid: 1 image, 1 network, 1 volume, 1 container.\n")
    assert printed.err == ""


def test_a_manifest_that_is_wrong_exits_with_3_and_shows_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dockerdecl.yaml").write_text(
        "apiVersion: dockerdecl/v1\nproject: shop\ncontainers:\n  web:\n    imgae: web:1\n    image: web:1\n"
    )
    assert main(["validate"]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert " --> dockerdecl.yaml:5:5\n" in printed.err
    assert "5 |     imgae: web:1\n  |     ^\n" in printed.err


def test_files_come_from_the_environment_as_from_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.yaml").write_text("apiVersion: dockerdecl/v1\nproject: shop\nnetworks: {back: {}}\n")
    (tmp_path / "two.yaml").write_text("apiVersion: dockerdecl/v1\nvolumes: {data: {}}\n")
    monkeypatch.setenv("DOCKERDECL_FILE", "one.yaml:two.yaml")
    assert main(["validate"]) == 0
    assert capsys.readouterr().out == "Valid: 1 network, 1 volume.\n"


def test_an_engine_that_does_not_answer_exits_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init"])
    assert main(["plan", "--host", f"unix://{tmp_path}/nothing.sock"]) == 4
    assert capsys.readouterr().err.startswith("error[")


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert "containers" in json.loads(capsys.readouterr().out)["properties"]


@pytest.mark.parametrize("name", ["dockerdecl.yaml", "dockerdecl.yml"])
def test_init_never_overwrites(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_text("mine")
    assert main(["init"]) == 1
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]
    assert "error[exists]: " in capsys.readouterr().err


def test_init_says_why_it_can_not_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "missing")]) == 1
    assert "No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folder", "project"),
    [("shop", "shop"), ("My.Shop-2", "myshop-2"), ("_x", "x"), ("...", "example"), ("", "example")],
)
def test_a_project_is_named_as_compose_names_it(folder: str, project: str) -> None:
    assert project_name(folder) == project


@pytest.mark.parametrize(
    ("duration", "seconds"), [("500ms", 0.5), ("10s", 10), ("1m30s", 90), ("1.5h", 5400), ("0s", 0)]
)
def test_a_duration_is_written_as_in_compose(duration: str, seconds: float) -> None:
    assert seconds_of(duration) == seconds


@pytest.mark.parametrize("duration", ["", "5", "s", "5 s", "-5s", "5s!", "5d", "5sx"])
def test_what_is_no_duration_is_refused(duration: str) -> None:
    with pytest.raises(typer.BadParameter):
        seconds_of(duration)
