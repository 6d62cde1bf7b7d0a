"""Documents to where they are wanted: as JSON, or rendered for the terminal at hand.

Takes documents and a format, prints. Renders nothing itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dockerdecl.cli.options import DocumentFormat, PlanFormat, ValidationFormat
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import Problem

if TYPE_CHECKING:
    from rich.text import Text

Document = Mapping[str, Any]


def show_plan(
    terminal: Terminal,
    document: Document,
    wanted: PlanFormat,
    graph: Callable[[], Document],
    *,
    verbose: bool,
) -> None:
    """Prints a plan to stdout; its `graph` is asked for where it is shown."""
    match wanted:
        case PlanFormat.JSON:
            show_json(terminal, document)
        case PlanFormat.MARKDOWN:
            from dockerdecl.cli.render.plan_markdown import plan_markdown

            terminal.show_text(plan_markdown(document))
        case PlanFormat.HTML:
            from dockerdecl.cli.render.plan_html.page import plan_html

            terminal.show_text(plan_html(document, graph()))
        case PlanFormat.TEXT:
            if terminal.has_colour(sys.stdout) or document["changes"] or document["steps"] or document["notes"]:
                terminal.show(plan_as_text(terminal, document, verbose=verbose))
            else:
                from dockerdecl.cli.render.plan_empty import empty_plan

                terminal.show_text(empty_plan(document))


def plan_as_text(
    terminal: Terminal, document: Document, *, verbose: bool, when_empty: str | None = None
) -> Iterator[Text]:
    """A plan in lines that fit the terminal; `when_empty` is said where there is nothing to do."""
    from dockerdecl.cli.render.plan_empty import NO_CHANGES
    from dockerdecl.cli.render.plan_text import plan_lines

    return plan_lines(
        document,
        width=terminal.width,
        glyphs=terminal.glyphs(),
        verbose=verbose,
        when_empty=when_empty or NO_CHANGES,
    )


def show_report(terminal: Terminal, document: Document, wanted: DocumentFormat) -> None:
    """Prints the report of an apply or destroy to stdout, below the plan."""
    from rich.text import Text

    from dockerdecl.cli.render.report_text import report_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show([Text(), *report_lines(document)])


def show_status(terminal: Terminal, document: Document, wanted: DocumentFormat) -> None:
    """Prints a status to stdout."""
    from dockerdecl.cli.render.status_text import status_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
        return
    now = datetime.now(UTC)
    terminal.show(status_lines(document, width=terminal.width, glyphs=terminal.glyphs(), now=now))


def show_history(terminal: Terminal, document: Document, wanted: DocumentFormat) -> None:
    """Prints the revisions of a project to stdout."""
    from dockerdecl.cli.render.history_text import history_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(history_lines(document, width=terminal.width, glyphs=terminal.glyphs()))


def show_revision(terminal: Terminal, document: Document, wanted: DocumentFormat) -> None:
    """Prints one revision to stdout."""
    from dockerdecl.cli.render.history_text import revision_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(revision_lines(document))


def show_difference(terminal: Terminal, document: Document, wanted: DocumentFormat) -> None:
    """Prints what differs between two revisions to stdout."""
    from dockerdecl.cli.render.history_text import difference_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(difference_lines(document, glyphs=terminal.glyphs()))


def show_lock(
    terminal: Terminal, document: Document, wanted: DocumentFormat, *, verbose: bool, checked: bool = False
) -> None:
    """Prints what became of a lock file to stdout, or whether it is up to date."""
    from dockerdecl.cli.render.lock_text import check_lines, lock_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    elif checked:
        terminal.show(check_lines(document, glyphs=terminal.glyphs()))
    else:
        terminal.show(lock_lines(document, glyphs=terminal.glyphs(), verbose=verbose))


def show_outdated(terminal: Terminal, document: Document, wanted: DocumentFormat) -> None:
    """Prints what is newer in registries to stdout."""
    from dockerdecl.cli.render.outdated_text import outdated_lines

    if wanted is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(outdated_lines(document, width=terminal.width, glyphs=terminal.glyphs()))


def show_validation(terminal: Terminal, document: Document, wanted: ValidationFormat) -> None:
    """Prints what came of a check to stdout."""
    match wanted:
        case ValidationFormat.JSON:
            show_json(terminal, document)
        case ValidationFormat.SARIF:
            from dockerdecl.cli.render.sarif import sarif

            show_json(terminal, sarif(document))
        case ValidationFormat.TEXT:
            declared = [f"{count} {kind if count == 1 else f'{kind}s'}" for kind, count in document["declared"].items()]
            terminal.show_text(f"Valid: {', '.join(declared) or 'nothing is declared'}.")


def show_json(terminal: Terminal, document: Document) -> None:
    """Prints a document to stdout as it is."""
    terminal.show_text(json.dumps(document, indent=2, ensure_ascii=False))


def tell_text(terminal: Terminal, text: str) -> None:
    """Prints one plain sentence to stderr."""
    terminal.tell_text(text)


def tell_warnings(terminal: Terminal, warnings: Sequence[Problem]) -> None:
    """Prints what is no error, but worth a look, to stderr."""
    if not warnings:
        return
    from dockerdecl.cli.render.errors import warning_lines

    terminal.tell(warning_lines(warnings))
