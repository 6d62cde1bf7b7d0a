"""Images on their way from and to registries, as `pull` and `push` share it: one after the other, each with its bytes.

Takes what to move and how one is moved; prints a line an image, and the document. Raises what failed in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_json
from dockerdecl.cli.terminal import Terminal
from dockerdecl.cli.transfers import transfer
from dockerdecl.errors import DockerdeclError, ExitCode, Problem

if TYPE_CHECKING:
    from dockerdecl.engine.progress import OnProgress
    from dockerdecl.operations.registry_transfers import Transfer, TransferDocument

Move = Callable[["Transfer", "OnProgress"], "TransferDocument"]


def move(
    terminal: Terminal,
    verb: Literal["pull", "push"],
    wanted: Sequence[Transfer],
    one: Move,
    output_format: DocumentFormat,
) -> int:
    """Move all of them; gives the exit code. Raises DockerdeclError with all that failed."""
    from dockerdecl.operations.registry_transfers import transfers_document

    done: list[TransferDocument] = []
    problems: list[Problem] = []
    for image in wanted:
        try:
            with transfer(terminal, f"{verb} {image.reference}") as on_progress:
                done.append(one(image, on_progress))
        except DockerdeclError as error:
            if error.exit_code is not ExitCode.FAILED:
                raise
            problems += error.at(image.address or image.reference).problems
        else:
            if output_format is DocumentFormat.TEXT:
                known = done[-1]["digest"]
                terminal.show_text(f"{verb.capitalize()}ed {image.reference}{f'@{known}' if known else ''}")
    if output_format is DocumentFormat.JSON:
        show_json(terminal, transfers_document(verb, done))
    if problems:
        raise DockerdeclError(*problems)
    return ExitCode.DONE
