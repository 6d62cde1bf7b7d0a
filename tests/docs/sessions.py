"""Documents as sessions: what a reader is told to type, and what is shown to come of it.

Takes the text of a Markdown file, gives its sessions: where each begins, its commands, their exit codes and the output
that is printed below them. Runs nothing. A comment in the document steers what follows it:

    <!-- session: NAME -->       begin in a copy of examples/NAME, prepared; `empty` is an empty folder
    <!-- do: COMMAND -->         something the reader does by hand, such as an edit that the text tells
    <!-- exit: N -->             the last command of the next block ends with N instead of 0
    <!-- not run: REASON -->     the next block is not run
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMMENT = re.compile(r"<!-- (session|do|exit|not run): (.+) -->")
_BLOCK = re.compile(r"(`{3,})console")
ANYTHING = "..."  # a line of its own in an output: any lines

_STEPS = re.compile(r"^Steps: [^)]*\)$", re.MULTILINE)  # how many calls it takes is the engine's; it may be wrapped
_VARYING = (
    (re.compile(r"unix://\S+ \(Docker .*\)"), "ENGINE"),
    (re.compile(r"sha256:[0-9a-f]{12,}"), "sha256:ID"),
    (re.compile(r"\(\d+\.\d+s\)"), "(TIME)"),
    (re.compile(r"(?<=  )\d+s(?=  |$)"), "TIME"),  # a column of its own, in a status
)


@dataclass(slots=True)
class Step:
    """One command; `output` is None where the document shows none."""

    command: str
    line: int
    exit: int = 0
    output: list[str] | None = None


@dataclass(slots=True)
class Session:
    """What is typed one after the other in one folder; `example` names the one that it is a copy of."""

    example: str
    steps: list[Step] = field(default_factory=list)


def sessions_of(text: str) -> list[Session]:
    """The sessions of a document, in order. Raises ValueError where a console block belongs to none."""
    found: list[Session] = []
    exit_code, skipped, block, fence = 0, False, -1, ""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if block < 0 and (comment := _COMMENT.fullmatch(line.strip())):
            kind, value = comment.groups()
            if kind == "session":
                found.append(Session(value))
            elif kind == "do":
                found[-1].steps.append(Step(value, number))
            exit_code = int(value) if kind == "exit" else exit_code
            skipped = skipped or kind == "not run"
        elif block < 0 and (opened := _BLOCK.fullmatch(line)):
            block, fence = number, opened[1]
        elif block >= 0 and line == fence:
            if not skipped:
                if not found:
                    raise ValueError(f"line {block}: a console block before any `<!-- session: ... -->`")
                steps = list(_typed(lines[block : number - 1], block + 1))
                steps[-1].exit = exit_code
                found[-1].steps += steps
            exit_code, skipped, block = 0, False, -1
    return found


def _typed(lines: list[str], first: int) -> Iterator[Step]:
    step: Step | None = None
    for number, line in enumerate(lines, first):
        if line.startswith("$ "):
            if step:
                yield step
            step = Step(line.removeprefix("$ "), number)
        elif step and step.command.endswith("\\"):
            step.command = f"{step.command}\n{line}"
        elif step:
            step.output = [*(step.output or []), line]
    if step:
        yield step


def difference(shown: list[str], came: list[str]) -> str | None:
    """What came instead of what the document shows; None where that is the same but for what differs at every run.

    That is: the engine, ids and times, how many steps it takes, and the order in which they finish.
    """
    wanted, found = _normal(shown), _normal(came)
    pattern = "".join(r"(?:.*\n)*?" if line == ANYTHING else re.escape(line) + r"\n" for line in wanted)
    if re.fullmatch(pattern, "".join(f"{line}\n" for line in found)):
        return None
    return "the document shows\n\n{}\n\nbut there came\n\n{}".format("\n".join(shown), "\n".join(came))


def _normal(lines: list[str]) -> list[str]:
    result: list[str] = []
    finished: list[str] = []
    for line in _STEPS.sub("Steps", "\n".join(lines)).splitlines():
        text = line.rstrip()
        for pattern, word in _VARYING:
            text = pattern.sub(word, text)
        if text.startswith("  done "):  # independent steps finish in any order
            finished.append(text)
        else:
            result += [*sorted(finished), text]
            finished = []
    result += sorted(finished)
    while result and not result[-1]:
        result.pop()
    return result
