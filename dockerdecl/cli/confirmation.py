"""What is asked before anything is changed, and what happens where nobody can answer.

Takes a plan document, gives a yes or no. Without a terminal there is no question, so consent must be given by
`--yes` beforehand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
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


def confirm_changes(terminal: Terminal, question: str) -> bool:
    """Asks `question`; only `y` and `yes` are a yes."""
    return _ask(terminal, f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def confirm_data_loss(terminal: Terminal, document: Document) -> bool:
    """Names the volumes and images that a plan deletes, and asks for the name of the project.

    A name can't be typed by habit, as a `y` can. Where the plan deletes neither, an ordinary question is asked.
    """
    lost = data_lost(document)
    if not lost:
        return confirm_changes(terminal, "Destroy these?")
    terminal.tell(_loss_lines(lost))
    project: str = document["project"]
    return _ask(terminal, f"Type the name of the project ({project}) to delete them: ").strip() == project


def data_lost(document: Document) -> list[str]:
    """The addresses of the volumes, then the images, that the plan deletes and that can't be made again from it."""
    removed = [change["address"] for change in document["changes"] if change["action"] == "remove"]
    return [address for kind in ("volume.", "image.") for address in removed if address.startswith(kind)]


def _loss_lines(lost: list[str]) -> Iterator[Text]:
    from rich.text import Text

    from dockerdecl.cli.render.values import visible

    yield Text()
    yield Text("This deletes, with everything in them, for good:", style="bold red")
    yield from (Text(f"  {visible(address)}") for address in lost)


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
