"""Problems as text for people: what is wrong, where, the offending line with a caret, and what would be right.

Takes the problems of an error, or warnings, gives styled lines. The only place that renders an error; knows no
stream and decides no exit code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from dockerdecl.cli.render.visible import visible
from dockerdecl.errors import Problem, Where

_TAB = " " * 4
# How much of a very long line is shown on each side of the caret.
_LINE_BEFORE, _LINE_AFTER = 60, 40


def error_lines(problems: Sequence[Problem]) -> Iterator[Text]:
    """The problems in their order, a blank line between them, and their number where there are several."""
    yield from _problems(problems, "error", "bold red")
    if len(problems) > 1:
        yield Text()
        yield Text(f"{len(problems)} errors", style="bold red")


def warning_lines(problems: Sequence[Problem]) -> Iterator[Text]:
    """The same for what is no error, but worth a look."""
    yield from _problems(problems, "warning", "bold yellow")


def _problems(problems: Sequence[Problem], severity: str, style: str) -> Iterator[Text]:
    for position, problem in enumerate(problems):
        if position:
            yield Text()
        yield from _problem(problem, severity, style)


def _problem(problem: Problem, severity: str, style: str) -> Iterator[Text]:
    first, *others = problem.message.split("\n")
    yield Text().append(f"{severity}[{problem.code}]", style).append(f": {visible(first)}", "bold")
    if problem.where is not None:
        yield Text().append(" --> ", "blue").append(visible(str(problem.where)))
    if problem.address is not None:
        yield Text().append("  in ", "blue").append(visible(problem.address))
    if problem.where is not None and problem.line is not None:
        yield from _excerpt(problem.where, problem.line, style)
    yield from (Text(f"    {visible(line)}".rstrip()) for line in others)
    if problem.hint is not None:
        hint, *more = problem.hint.split("\n")
        yield Text().append("hint: ", "cyan").append(visible(hint))
        yield from (Text(f"      {visible(line)}".rstrip()) for line in more)


def _excerpt(where: Where, line: str, style: str) -> Iterator[Text]:
    number = str(where.line)
    gutter = " " * len(number)
    column = min(max(where.column, 1), len(line) + 1) - 1
    before, after = _source(line[:column]), _source(line[column:])
    if cell_len(before) > _LINE_BEFORE:
        before = f"...{before[-_LINE_BEFORE:]}"
    if cell_len(after) > _LINE_AFTER:
        after = f"{after[:_LINE_AFTER]}..."
    yield Text(f"{gutter} |", style="blue")
    yield Text().append(f"{number} | ", "blue").append(f"{before}{after}".rstrip())
    yield Text().append(f"{gutter} | ", "blue").append(" " * cell_len(before)).append("^", style)


def _source(text: str) -> str:
    return visible(text.replace("\t", _TAB))
