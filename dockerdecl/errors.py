"""What can go wrong, in words that help: one base error that carries one or more problems.

A leaf: imports nothing of dockerdecl. Errors are made anywhere, translated from engine answers only in
`engine/errors.py`, and rendered only in `cli/render/`.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from dockerdecl.values import dataclass


class ExitCode(IntEnum):
    """The exit codes that scripts may rely on."""

    DONE = 0
    """Done, or nothing to do."""
    FAILED = 1
    """Something failed, or stands in the way."""
    CHANGES = 2
    """With `--detailed-exitcode`: there is something to do. Nothing else gives it."""
    INVALID = 3
    """The manifest, or a file that it names, is invalid."""
    UNREACHABLE = 4
    """The engine can't be reached, or is no engine that this can talk to."""
    LOCKED = 5
    """Another run holds the lock."""
    STALE = 6
    """The engine is no longer as it was when the plan was saved."""
    USAGE = 64
    """The command line is wrong."""
    TIMED_OUT = 124
    """What was waited for did not come in time; `wait` alone gives it."""
    INTERRUPTED = 130
    """Interrupted from the keyboard, or by a signal."""


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a text that the user wrote; `line` and `column` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `code` is a kebab-case word for programs; `message` says what is wrong; `hint` what would be right;
    `line` is the offending line of the file named by `where`, so that a caret can be drawn under it.
    """

    code: str
    message: str
    address: str | None = None
    where: Where | None = None
    hint: str | None = None
    line: str | None = None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else f"{self.address}: " if self.address else ""
        return f"{place}{self.message}"


class DockerdeclError(Exception):
    """Something a user can cause and mend. Carries every problem found, and the exit code of the run.

    `warnings` are what is to be told beside them.
    """

    def __init__(
        self, *problems: Problem, exit_code: ExitCode = ExitCode.FAILED, warnings: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
        self.exit_code = exit_code
        self.warnings = warnings

    @property
    def code(self) -> str:
        """The code of the first problem."""
        return self.problems[0].code

    def at(self, address: str) -> DockerdeclError:
        """The same error, its problems bound to `address` where they name none."""
        bound = (p if p.address else replace(p, address=address or None) for p in self.problems)
        return DockerdeclError(*bound, exit_code=self.exit_code)


def fail(
    code: str,
    message: str,
    *,
    address: str | None = None,
    hint: str | None = None,
    exit_code: ExitCode = ExitCode.FAILED,
) -> DockerdeclError:
    """An error of one problem, for the common case."""
    return DockerdeclError(Problem(code, message, address=address, hint=hint), exit_code=exit_code)


def invalid(*problems: Problem) -> DockerdeclError:
    """An error in what the user wrote (exit code 3), its problems in the order of the files."""
    ordered = sorted(problems, key=lambda p: (p.where is None, p.where or Where("", 0, 0)))
    return DockerdeclError(*ordered, exit_code=ExitCode.INVALID)
