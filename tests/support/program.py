"""The program under test, as a person runs it: the command line in a process of its own.

Takes a folder, arguments and an engine; gives what came out of it, and what the engine says was done meanwhile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.engine_api import Json
from tests.support.engines import PrivateEngine
from tests.support.events import Event

PROGRAM = (sys.executable, "-m", "dockerdecl")
LIMIT = 180.0  # seconds after which a run counts as hung


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the program. `exit` is None where it was ended for taking too long."""

    arguments: tuple[str, ...]
    exit: int | None
    stdout: str
    stderr: str
    seconds: float
    events: tuple[Event, ...]

    def json(self) -> Json:
        """The document on stdout. Raises AssertionError where there is none."""
        try:
            return json.loads(self.stdout)
        except json.JSONDecodeError as error:
            raise AssertionError(f"no JSON on stdout ({error}):\n{self}") from error

    def __str__(self) -> str:
        head = f"$ dockerdecl {' '.join(self.arguments)}    [exit {self.exit}, {self.seconds:.1f} s]"
        return "\n".join(part.rstrip() for part in (head, self.stdout, self.stderr) if part.strip())


def run(
    program: Sequence[str],
    arguments: Sequence[str],
    *,
    engine: PrivateEngine,
    folder: Path,
    environment: Mapping[str, str],
) -> Run:
    """Run the program in `folder` against the engine, with nothing of this user's Docker configuration."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DOCKER", "COLUMNS", "FORCE_COLOR"))}
    own = {"DOCKER_HOST": engine.host, "DOCKER_CONFIG": str(folder / ".docker"), "PYTHONUNBUFFERED": "1"}
    began = time.monotonic()
    with engine.events() as events:
        code, stdout, stderr = _finished([*program, *arguments], folder, {**inherited, **own, **environment})
    return Run(tuple(arguments), code, stdout, stderr, time.monotonic() - began, tuple(events))


def _finished(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int | None, str, str]:
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=LIMIT)
            code: int | None = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            code = None
    return code, stdout.decode(errors="replace"), stderr.decode(errors="replace")
