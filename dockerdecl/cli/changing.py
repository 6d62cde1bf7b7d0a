"""The way of a plan into the engine, as `apply` and `destroy` share it: show, ask, execute, report.

Takes a prepared plan and how consent is given, gives an exit code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dockerdecl.cli.interruption import interruptible
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import plan_as_text, show_report, tell_text, tell_warnings
from dockerdecl.cli.progress import Progress
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.reconcile import Prepared

_FINISHING = "Finishing the running steps; press Ctrl-C again to stop at once."
_EXIT_CODES: Mapping[str, ExitCode] = {"succeeded": ExitCode.DONE, "interrupted": ExitCode.INTERRUPTED}


@dataclass(frozen=True, slots=True)
class Consent:
    """How the user agrees: beforehand by `--yes`, or by answering what `ask` asks about the plan document."""

    given: bool
    ask: Callable[[Mapping[str, Any]], bool]


def change(
    terminal: Terminal,
    prepared: Prepared,
    consent: Consent,
    output_format: DocumentFormat,
    *,
    verbose: bool,
    when_empty: str | None = None,
    roll_back: bool = False,
) -> int:
    """Shows the plan, asks, executes it and reports; a no ends it.

    With `roll_back`, a failure is followed by going back.

    As JSON, stdout holds the report and nothing else; the plan is shown only where a question follows, on stderr.
    """
    with prepared:
        tell_warnings(terminal, prepared.warnings)
        if not _agreed(terminal, prepared, consent, output_format, verbose=verbose, when_empty=when_empty):
            tell_text(terminal, "Nothing was changed.")
            return ExitCode.FAILED
        agreed = prepared if consent.given else prepared.with_losses()
        return _carried_out(terminal, agreed, output_format, verbose=verbose, roll_back=roll_back)


def _agreed(
    terminal: Terminal,
    prepared: Prepared,
    consent: Consent,
    output_format: DocumentFormat,
    *,
    verbose: bool,
    when_empty: str | None,
) -> bool:
    document = prepared.document()
    as_text = output_format is DocumentFormat.TEXT
    if as_text or not consent.given:
        lines = plan_as_text(terminal, document, verbose=verbose, when_empty=when_empty)
        (terminal.show if as_text else terminal.tell)(lines)
    if consent.given:
        prepared.require_decided()
    prepared.require_unblocked()
    return prepared.empty or consent.given or consent.ask(document)


def _carried_out(
    terminal: Terminal, prepared: Prepared, output_format: DocumentFormat, *, verbose: bool, roll_back: bool
) -> int:
    from dockerdecl import history

    with (
        Progress(terminal, verbose=verbose) as progress,
        interruptible(announce=lambda: progress.say(_FINISHING, "yellow"), restore=progress.abandon) as interrupt,
    ):
        report = history.apply(prepared, listener=progress, interrupt=interrupt, roll_back=roll_back).document()
    if not (prepared.empty and output_format is DocumentFormat.TEXT and report["outcome"] == "succeeded"):
        show_report(terminal, report, output_format)
    return _EXIT_CODES.get(report["outcome"], ExitCode.FAILED)
