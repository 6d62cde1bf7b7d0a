"""The program, loaded once and forked for every run: each run is a process of its own, without what it costs to start.

Run as `python -m tests.support.zygote`. Takes a line of JSON a run (arguments, folder, environment, and the files that
its output goes to), answers with the process id, and with the exit code when it ends. Starting up is tested where the
real program is run: by the documents, in conversations, and from the wheel.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Zygote:
    """The loaded program. A context manager; used by one thread at a time."""

    process: subprocess.Popen[str]

    @staticmethod
    def loaded() -> Zygote:
        """A program that is ready to be forked."""
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        return Zygote(
            subprocess.Popen(
                (sys.executable, "-m", "tests.support.zygote"),
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )

    def run(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], output: Path, errors: Path
    ) -> int:
        """Start a run; gives its process id."""
        wanted = {"arguments": list(arguments), "folder": str(folder), "environment": dict(environment)}
        assert self.process.stdin
        self.process.stdin.write(json.dumps({**wanted, "output": str(output), "errors": str(errors)}) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def exit_code(self) -> int:
        """How the run that was started ended; waits for it."""
        return self._answer()

    def _answer(self) -> int:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the loaded program has ended"
        return int(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=30)


def _serve(requests: IO[str], answers: IO[str]) -> None:
    for line in requests:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
        print(pid, file=answers, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def _become(run: Mapping[str, Any]) -> None:
    from dockerdecl.cli.app import main

    os.chdir(run["folder"])
    os.environ.clear()
    os.environ.update(run["environment"])
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, run["output"], os.O_WRONLY),
        (2, run["errors"], os.O_WRONLY),
    ):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115 - open until the end
    sys.argv = ["dockerdecl", *run["arguments"]]
    code = 70
    with suppress(SystemExit):
        code = main(run["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _load() -> None:
    import dockerdecl

    for module in pkgutil.walk_packages(dockerdecl.__path__, "dockerdecl."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


if __name__ == "__main__":
    _load()
    _serve(sys.stdin, sys.stdout)
