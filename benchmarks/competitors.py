"""Who is compared: takes what the command line names, gives competitors that know their own command for each work."""

from __future__ import annotations

import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.works import ABOUT, ALONE, Work
from tests.support.engines import cache_folder

PROGRAMS = Path(__file__).parent / "programs"
WORKERS = (4, 8)  # how many the raw program is tried with; the faster one is what others are held against
MOST_FOR_SDK = 50  # containers that the naive loop changes; it takes far too long for more
PLUGIN = "root/usr/libexec/docker/cli-plugins/docker-compose"
Command = tuple[str, ...]


class UnknownCompetitorError(Exception):
    """What is named can't be measured; the message says why."""


@dataclass(frozen=True, slots=True)
class Task:
    """One work, on a host of that size whose forms are in `forms`."""

    work: Work
    forms: Path
    size: int
    started: bool

    def form(self, name: str) -> str:
        """The file that this work is given."""
        return str(self.forms / ABOUT[self.work].given / name)


@dataclass(frozen=True, slots=True)
class Competitor:
    """Somebody to compare with. `command` gives None for what it doesn't do; `prepare` makes a host in its place."""

    kind: str
    name: str
    command: Callable[[Task], Command | None]
    prepare: Callable[[Task], Command | None]


def competitors(named: str, folder: Path) -> tuple[Competitor, ...]:
    """Those of a list as `raw,dockerdecl,compose=PATH,sdk`; `folder` takes the compiled programs.

    `raw` is one with 4 workers and one with 8, `compose` every plugin that was unpacked beside an engine. Raises
    UnknownCompetitorError.
    """
    found: dict[str, Competitor] = {}
    for word in named.split(","):
        kind, _, path = word.strip().partition("=")
        if kind not in _KINDS:
            raise UnknownCompetitorError(f"there is no competitor `{kind}`; there are {', '.join(_KINDS)}")
        for one in _KINDS[kind](path, folder):
            name = f"{one.name} at {path}" if path and one.name in found else one.name
            if name in found:
                raise UnknownCompetitorError(f"`{name}` is named twice")
            found[name] = replace(one, name=name)
    return tuple(found.values())


def _dockerdecl(path: str, folder: Path) -> Iterator[Competitor]:
    program = path or str(Path(sys.executable).with_name("dockerdecl"))
    if not shutil.which(program):
        raise UnknownCompetitorError(f"{program} is not there: install the project in this environment")

    def command(task: Task) -> Command:
        return (program, *dockerdecl_arguments(task))

    name = f"dockerdecl {_version(program, 'version')}" if path else "dockerdecl"
    yield Competitor("dockerdecl", name, command, command)


_WORDS: Mapping[Work, Command] = {
    Work.HELP: ("--help",),
    Work.VERSION: ("version",),
    Work.VALIDATE: ("validate",),
    Work.DESTROY: ("destroy", "--yes"),
    **dict.fromkeys((Work.PLAN, Work.PLAN_ONE, Work.PLAN_ALL), ("plan",)),
    **dict.fromkeys((Work.APPLY, Work.APPLY_ONE, Work.REPLACE), ("apply", "--yes", "--settle", "0s")),
}


def dockerdecl_arguments(task: Task) -> Command:
    """What dockerdecl is told to do a work."""
    given = () if task.work in ALONE else ("-f", task.form("manifest.yaml"))
    return (*_WORDS[task.work], *given)


def _compose(path: str, folder: Path) -> Iterator[Competitor]:
    found = [Path(path)] if path else sorted(cache_folder().glob(f"*/{PLUGIN}"))
    if not found or not all(one.exists() for one in found):
        raise UnknownCompetitorError(f"Compose is not there{f': {path}' if path else ''}: name it as compose=PATH")
    for program in found:
        yield _compose_plugin(str(program))


def _compose_plugin(program: str) -> Competitor:
    def command(task: Task) -> Command:
        if task.work in ALONE:
            return (program, "--help" if task.work is Work.HELP else "version")
        up = ("up", "--detach") if task.started else ("up", "--no-start")
        words = {
            Work.VALIDATE: ("config", "--quiet"),
            Work.DESTROY: ("down", "--timeout", "0"),
        }.get(task.work, up)
        dry = ("--dry-run",) if task.work in (Work.PLAN_ONE, Work.PLAN_ALL) else ()
        return (program, *dry, "--file", task.form("compose.yaml"), *words)

    return Competitor("compose", f"compose {_version(program, 'version', '--short')}", command, command)


_SAME = {  # the programs of this comparison don't tell one change from many
    Work.APPLY: "apply",
    Work.DESTROY: "destroy",
    **dict.fromkeys((Work.PLAN, Work.PLAN_ONE, Work.PLAN_ALL), "plan"),
    **dict.fromkeys((Work.APPLY_ONE, Work.REPLACE), "replace"),
}


def _raw(path: str, folder: Path) -> Iterator[Competitor]:
    for workers in WORKERS:
        command = _raw_command(_compiled("raw", folder), workers)
        yield Competitor("raw", f"raw, {workers} workers", command, command)


def _raw_command(program: str, workers: int) -> Callable[[Task], Command | None]:
    def command(task: Task) -> Command | None:
        if task.work not in _SAME:
            return None
        return (*_PYTHON, "-S", program, task.form("description.json"), str(workers), _SAME[task.work])

    return command


def _sdk(path: str, folder: Path) -> Iterator[Competitor]:
    program = _compiled("sdk", folder)

    def command(task: Task) -> Command | None:
        if task.work not in _SAME or (ABOUT[task.work].changes and task.size > MOST_FOR_SDK):
            return None
        return (*_PYTHON, program, task.form("description.json"), _SAME[task.work])

    yield Competitor("sdk", "sdk", command, _raw_command(_compiled("raw", folder), WORKERS[0]))


_PYTHON = (sys.executable, "-I")
_KINDS: Mapping[str, Callable[[str, Path], Iterator[Competitor]]] = {
    "raw": _raw,
    "dockerdecl": _dockerdecl,
    "compose": _compose,
    "sdk": _sdk,
}


def _compiled(program: str, folder: Path) -> str:
    "its byte code, since what is run as a file would be compiled in every run"
    target = folder / f"{program}.pyc"
    py_compile.compile(str(PROGRAMS / f"{program}.py"), str(target), doraise=True)
    return str(target)


def _version(program: str, *words: str) -> str:
    said = subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+\.\d+", said)
    return found[0] if found else "unknown"
