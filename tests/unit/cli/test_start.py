"""What a command loads: by the list of modules, not by a clock. `DOCKERDECL_UPDATE_CASES=1` writes the lists anew.

A list has all modules of our own, and the packages of others by their names.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from dockerdecl.cli.commands import TABLE
from tests.support.engines import PrivateEngine
from tests.support.images import BUSYBOX, import_busybox

CASES = Path(__file__).parents[2] / "cases" / "start"
UPDATING = os.environ.get("DOCKERDECL_UPDATE_CASES") == "1"
HEAVY = {"docker", "requests", "urllib3", "pydantic", "rich", "jsonschema", "zstandard", "asyncio", "concurrent"}
COMMANDS = tuple(name for names in TABLE.values() for name in names)
MANIFEST = f"""\
apiVersion: dockerdecl/v1
project: start
images:
  app: {{ ref: "{BUSYBOX}", pull: never }}
networks:
  back: {{}}
containers:
  web:
    image: app
    command: [sleep, infinity]
    state: created
    environment: {{ LEVEL: info }}
    networks: [back]
"""

# What an installation loads by itself, and what the C half of a library does.
_OF_OTHERS = {"sitecustomize", "cython_runtime"}
_PROGRAM = """
import sys
from dockerdecl.cli.app import main
code = main(sys.argv[1:])
found = {name if name.startswith("dockerdecl") else name.partition(".")[0] for name in sys.modules}
print("\\n", code, *sorted(found - sys.stdlib_module_names - {"__main__"}))
"""


def loaded(words: Sequence[str], folder: Path | None = None, host: str = "") -> list[str]:
    """The modules that a run of the program has loaded in the end, which must have gone well."""
    environment = {**os.environ, **({"DOCKER_HOST": host} if host else {})}
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        check=True,
    )
    code, *modules = run.stdout.split("\n ")[-1].split()
    assert code == "0", run.stderr
    return [name for name in modules if not name.startswith("_") and name not in _OF_OTHERS]


def assert_loads(case: str, modules: list[str]) -> None:
    path = CASES / f"{case}.txt"
    text = "\n".join(modules) + "\n"
    if UPDATING:
        assert os.environ.get("CI") != "true", "CI only compares"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize(
    ("case", "words"), [("help", ["--help"]), ("version", ["version"]), ("plan-help", ["plan", "--help"])]
)
def test_help_and_version_load_what_they_need(case: str, words: list[str]) -> None:
    assert_loads(case, loaded(words))


def test_checking_a_manifest_loads_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "dockerdecl.yaml").write_text(MANIFEST)
    assert_loads("validate", loaded(["validate"], tmp_path))


@pytest.mark.newest
def test_a_plan_with_nothing_to_do_loads_what_it_needs(engine: PrivateEngine, tmp_path: Path) -> None:
    import_busybox(engine, BUSYBOX)
    (tmp_path / "dockerdecl.yaml").write_text(MANIFEST)
    loaded(["apply", "--yes"], tmp_path, engine.host)
    try:
        plan, status = loaded(["plan"], tmp_path, engine.host), loaded(["status"], tmp_path, engine.host)
    finally:
        loaded(["destroy", "--yes"], tmp_path, engine.host)
    assert_loads("plan", plan)
    assert_loads("status", status)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_loads_anything_heavy_before_it_runs(command: str) -> None:
    assert HEAVY & set(loaded([command, "--help"])) == set()
