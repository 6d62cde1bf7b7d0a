"""Measures one command. Takes a command line and the engine that it works on; gives seconds, CPU and memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.engines import PrivateEngine

STOPWATCH = Path(__file__).parent / "programs" / "stopwatch.py"
LONGEST_SECONDS = 1800
_TICKS = os.sysconf("SC_CLK_TCK")
_LEFT_OUT = ("DOCKER", "COMPOSE", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")


class CommandFailedError(Exception):
    """A command that was to be measured failed; the message holds what it printed."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What one run took. `own_cpu` is of the command, `engine_cpu` of dockerd and containerd meanwhile, in seconds."""

    seconds: float
    own_cpu: float
    engine_cpu: float
    memory_mib: float


def measured(command: Sequence[str], engine: PrivateEngine, folder: Path) -> Measure:
    """One run of the command, on that engine. Raises CommandFailedError where it doesn't end with 0."""
    before = engine_cpu(engine)
    taken = timed(command, engine.host, folder)
    return replace(taken, engine_cpu=round(engine_cpu(engine) - before, 3))


def timed(command: Sequence[str], host: str, folder: Path) -> Measure:
    """The same without the engine's part, for whatever answers there. Raises CommandFailedError."""
    log = folder / "log"
    taken = json.loads(_stopwatch(command, log, surroundings(host, folder)))
    if taken["exit"]:
        printed = log.read_text(errors="replace")[-3000:]
        raise CommandFailedError(f"{' '.join(command)} ended with {taken['exit']}:\n{printed}")
    return Measure(taken["seconds"], taken["cpu"], 0.0, round(taken["memory"] / 1024, 1))


def _stopwatch(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> str:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(STOPWATCH), str(log), *command],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as watch:
        try:
            return watch.communicate(timeout=LONGEST_SECONDS)[0]
        except BaseException:  # also where the user interrupts
            os.killpg(watch.pid, signal.SIGKILL)
            raise


def surroundings(host: str, folder: Path) -> dict[str, str]:
    """The environment of what is measured: with byte code, and with nothing of this user's Docker configuration."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    return {**inherited, "DOCKER_HOST": host, "DOCKER_CONFIG": str(folder / "docker-config")}


def engine_cpu(engine: PrivateEngine) -> float:
    """The CPU seconds that dockerd and its containerd have used since they began."""
    return sum(_ticks(pid) for pid in (engine.pid, *_children(engine.pid, "containerd"))) / _TICKS


def _children(parent: int, name: str) -> list[int]:
    found = (tasks.read_text().split() for tasks in Path(f"/proc/{parent}/task").glob("*/children"))
    pids = [int(pid) for row in found for pid in row]
    return [pid for pid in pids if _comm(pid) == name]


def _comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except FileNotFoundError:
        return ""


def _ticks(pid: int) -> int:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return int(user) + int(system)
