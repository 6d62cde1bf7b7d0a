"""What is asked before anything is changed, and what happens where nobody can answer.

Takes a plan document, gives a yes or no. Without a terminal there is no question, so consent must be given by
`--yes` beforehand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode, fail

if TYPE_CHECKING:
    from rich.text import Text

Document = Mapping[str, Any]


def require_answerable(terminal: Terminal, *, yes: bool) -> None:
    """Raises `confirmation-needed` where a question would have to be asked and nobody can answer it."""
    if not yes and not terminal.can_ask():
        raise fail(
            "confirmation-needed",
            "changes need a confirmation, and there is no terminal to ask on",
            hint="add --yes (or set DOCKERDECL_YES=1) to apply them without a question",
            exit_code=ExitCode.USAGE,
        )


def confirm(terminal: Terminal, document: Document, question: str, *, guarded: Sequence[str]) -> bool:
    """Asks `question` about a plan; only `y` and `yes` are a yes.

    Where the plan removes something of a `guarded` kind, or something that was not allowed to be lost, it is named, and
    the name of the project is asked for instead: that can't be typed by habit, as a `y` can.
    """
    lost = [*removals(document, guarded), *losses(document)]
    if not lost:
        return agreed(f"{question} [y/N] ", terminal)
    terminal.tell(_loss_lines(lost))
    project: str = document["project"]
    return _ask(terminal, f"Type the name of the project ({project}) to go on: ").strip() == project


def agreed(question: str, terminal: Terminal) -> bool:
    """Asks a question as it stands; only `y` and `yes` are a yes."""
    return _ask(terminal, question).strip().lower() in {"y", "yes"}


def removals(document: Document, kinds: Sequence[str]) -> list[str]:
    """What a plan removes of these kinds, kind by kind: the addresses, and the steps in words."""
    return [
        f"{step['address']}: {step['text']}"
        for kind in kinds
        for step in document["steps"]
        if step["verb"] == f"remove-{kind}" and step["address"].startswith(f"{kind}.")
    ]


def losses(document: Document) -> list[str]:
    """What a plan takes away that was not allowed by name: the addresses, and what each is in words."""
    return [f"{change['address']}: {change['loss']}" for change in document["changes"] if change.get("loss")]


def _loss_lines(lost: list[str]) -> Iterator[Text]:
    from rich.text import Text

    from dockerdecl.cli.render.visible import visible

    yield Text()
    yield Text("This deletes for good, with everything in it:", style="bold red")
    yield from (Text(f"  {visible(line)}") for line in lost)


def _ask(terminal: Terminal, question: str) -> str:
    from rich.text import Text

    terminal.tell([Text()])
    sys.stderr.write(question)
    sys.stderr.flush()
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        terminal.tell([Text()])
        raise
    if not answer.endswith("\n"):
        terminal.tell([Text()])
    return answer
