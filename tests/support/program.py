"""The program under test, as a person runs it: a command line, in a process of its own.

Takes a folder, arguments and an engine; gives what came out of it, and what the engine says was done meanwhile.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.engine_api import Json
from tests.support.engines import PrivateEngine
from tests.support.events import Event
from tests.support.zygote import Zygote

PROGRAM = (sys.executable, "-m", "dockerdecl")
SETTLE = "500ms"  # a second, as users have it, is not what most scenarios are about
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
    began = time.monotonic()
    with engine.events() as events:
        complete = surroundings(engine.host, folder, environment)
        if tuple(program) == PROGRAM:
            code, stdout, stderr = _forked(arguments, folder, complete)
        else:
            code, stdout, stderr = _finished([*program, *arguments], folder, complete)
    return Run(tuple(arguments), code, stdout, stderr, time.monotonic() - began, tuple(events))


def surroundings(host: str, folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a run: this user's, but for what tells programs how to reach an engine and how to look."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DOCKER", "COLUMNS", "FORCE_COLOR"))}
    own = {"DOCKER_HOST": host, "DOCKER_CONFIG": str(folder / ".docker"), "DOCKERDECL_SETTLE": SETTLE}
    return {**inherited, **own, **environment}


def _forked(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int | None, str, str]:
    with tempfile.TemporaryDirectory(prefix="dockerdecl-run-") as place:
        output, errors = Path(place) / "stdout", Path(place) / "stderr"
        output.touch()
        errors.touch()
        zygote = _zygote()
        pid = zygote.run(arguments, folder, environment, output, errors)
        watch = threading.Timer(LIMIT, os.kill, (pid, signal.SIGKILL))
        watch.start()
        code = zygote.exit_code()
        late = not watch.is_alive()
        watch.cancel()
        stdout, stderr = (path.read_text(errors="replace") for path in (output, errors))
        return None if late else code, stdout, stderr


@functools.cache
def _zygote() -> Zygote:
    zygote = Zygote.loaded()
    atexit.register(zygote.__exit__, None, None, None)
    return zygote


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
