"""README.md and docs/ are true: what a reader is told to type does what is said, on every engine.

Every `console` block is run (see `sessions`), every command and option that a text names is there, every link leads
somewhere.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from dockerdecl.cli.app import app
from tests.docs.sessions import Session, difference, sessions_of
from tests.support.engines import PrivateEngine
from tests.support.scenario import Scenario

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
TEXTS = sorted([*DOCUMENTS, ROOT / "CONTRIBUTING.md", *EXAMPLES.rglob("README.md"), *EXAMPLES.rglob("*.yaml")])
PROGRAMS = {
    "dockerdecl": f'exec {shlex.quote(sys.executable)} -m dockerdecl "$@"',
    "curl": 'for word; do case $word in http*) busybox wget -q -O - "$word" || exit 22 ;; esac; done',
}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if sessions_of(d.read_text())], ids=_name)
def test_console_blocks_are_true(document: Path, engine: PrivateEngine, tmp_path: Path) -> None:
    """Each command ends as it should, and prints what the document shows."""
    for number, session in enumerate(sessions_of(document.read_text())):
        s = Scenario(engine, f"docs-{number}", tmp_path / str(number))
        try:
            _begin(session, s.folder)
            _follow(session, s, document)
        finally:
            s.clean()


def _begin(session: Session, folder: Path) -> None:
    for name, script in PROGRAMS.items():
        program = folder / ".programs" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    if session.example != "empty":
        subprocess.run(["cp", "-r", f"{EXAMPLES / session.example}/.", folder], check=True)
        subprocess.run([sys.executable, EXAMPLES / "prepare", session.example, folder], check=True)


def _follow(session: Session, s: Scenario, document: Path) -> None:
    path = f"{s.folder / '.programs'}:{s.engine.binaries}:{os.environ['PATH']}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DOCKER", "COLUMNS", "CI"))}
    own = {"PATH": path, "DOCKER_HOST": s.engine.host, "DOCKER_CONFIG": str(s.folder / ".docker")}
    for step in session.steps:
        done = subprocess.run(
            s.engine.inside("bash", "-c", step.command),
            cwd=s.folder,
            env={**inherited, **own, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        place = f"{_name(document)}:{step.line}: $ {step.command}"
        assert done.returncode == step.exit, f"{place}\nended with {done.returncode}, not {step.exit}:\n{done.stdout}"
        if step.output is not None:
            differs = difference(step.output, done.stdout.splitlines())
            assert differs is None, f"{place}\n{differs}"


@pytest.mark.parametrize("text", TEXTS, ids=_name)
def test_named_commands_exist(text: Path) -> None:
    """What is written as `dockerdecl COMMAND --option` is a command that has the option."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # typer's own class of groups
    for name, options in _named_commands(text.read_text()):
        assert name in commands, f"there is no `dockerdecl {name}`"
        known = {option for parameter in commands[name].params for option in parameter.opts} | {"--help", "-h"}
        assert options <= known, f"`dockerdecl {name}` has no {', '.join(sorted(options - known))}"


def _named_commands(text: str) -> Iterator[tuple[str, set[str]]]:
    for found in re.finditer(r"\bdockerdecl ([a-z]+)((?: +(?:--?[a-z][a-z-]*|[^\s`|;&)#.]+))*)", _code_of(text)):
        yield found[1], set(re.findall(r"(?<=\s)(--?[a-z][a-z-]*)", found[2].partition(" -- ")[0]))


def _code_of(text: str) -> str:
    """Code of a Markdown text: blocks, indented lines and what is between backticks; of anything else, its comments."""
    blocks = re.findall(r"^`{3,}\w*\n(.*?)^`{3,}", text, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^(?:    |# +)(dockerdecl [a-z]+.*|[A-Z_]+=\S+ dockerdecl .*)$", text, re.MULTILINE)
    return "\n".join([*blocks, *indented, *re.findall(r"`([^`\n]+)`", text)])


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "CONTRIBUTING.md"], ids=_name)
def test_links_lead_somewhere(document: Path) -> None:
    """A link to a file of the project names one that is there."""
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (document.parent / target).exists(), f"{_name(document)}: {target} is not there"
