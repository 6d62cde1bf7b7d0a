"""Documents in, texts out: one file of tests/cases/render a behaviour.

To write what the renderers give now into the files, and then to read the difference:
DOCKERDECL_UPDATE_CASES=1 pytest tests/unit/cli/test_rendering.py
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.cells import cell_len
from rich.text import Text

from dockerdecl.cli.render.errors import error_lines
from dockerdecl.cli.render.history_text import difference_lines, history_lines, revision_lines
from dockerdecl.cli.render.marks import ASCII, UNICODE, Glyphs
from dockerdecl.cli.render.plan_markdown import plan_markdown
from dockerdecl.cli.render.plan_text import plan_lines
from dockerdecl.cli.render.report_text import report_lines
from dockerdecl.cli.render.status_text import status_lines
from dockerdecl.errors import Problem, Where

CASES = sorted((Path(__file__).parents[2] / "cases" / "render").glob("*.yaml"))
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EXPECTED = "\nexpected:\n"
WIDE, NARROW = 100, 60

Case = Mapping[str, Any]


def lines(case: Case, width: int, glyphs: Glyphs) -> Iterable[Text]:
    document, verbose = case["document"], case.get("verbose", False)
    match case["renders"]:
        case "plan":
            return plan_lines(document, width=width, glyphs=glyphs, verbose=verbose)
        case "report":
            return report_lines(document)
        case "status":
            return status_lines(document, width=width, glyphs=glyphs, now=NOW)
        case "history":
            return history_lines(document, width=width, glyphs=glyphs)
        case "revision":
            return revision_lines(document)
        case "difference":
            return difference_lines(document, glyphs=glyphs)
        case "error":
            return error_lines([problem(entry) for entry in document])
        case other:
            raise ValueError(other)


def problem(entry: dict[str, Any]) -> Problem:
    where = Where(*entry["where"]) if "where" in entry else None
    return Problem(**{**entry, "where": where})


def plain(found: Iterable[Text]) -> str:
    return "".join(f"{line.plain}\n" for line in found)


def coloured(found: Iterable[Text]) -> str:
    return "".join(f"{tagged(line)}\n" for line in found)


def tagged(line: Text) -> str:
    """The line with `<style>…</>` around what is styled."""
    pieces, position = [], 0
    for span in sorted(line.spans):
        pieces += [line.plain[position : span.start], f"<{span.style}>{line.plain[span.start : span.end]}</>"]
        position = span.end
    text = "".join([*pieces, line.plain[position:]])
    return f"<{line.style}>{text}</>" if line.style and text else text


VIEWS: Mapping[str, Callable[[Case], str]] = {
    "plain": lambda case: plain(lines(case, WIDE, UNICODE)),
    "narrow": lambda case: plain(lines(case, NARROW, UNICODE)),
    "ascii": lambda case: plain(lines(case, WIDE, ASCII)),
    "colour": lambda case: coloured(lines(case, WIDE, UNICODE)),
    "markdown": lambda case: plan_markdown(case["document"]),
}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_document_is_rendered_as_the_case_says(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    case = yaml.safe_load(source)
    found = {view: VIEWS[view](case) for view in case["views"]}
    if os.environ.get("DOCKERDECL_UPDATE_CASES"):
        path.write_text(source.partition(EXPECTED)[0] + EXPECTED + as_blocks(found), encoding="utf-8")
    else:
        assert found == case["expected"]


@pytest.mark.parametrize("path", [path for path in CASES if "narrow" in yaml.safe_load(path.read_text())["views"]])
def test_a_narrow_terminal_is_not_overrun(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    too_long = [line.plain for line in lines(case, NARROW, UNICODE) if cell_len(line.plain) > NARROW]
    assert [line for line in too_long if not line.startswith("Project ")] == []


def as_blocks(texts: Mapping[str, str]) -> str:
    """The texts as literal blocks, so that a case reads as the terminal does."""
    return "".join(
        f"  {view}: |2\n" + "".join(f"    {line}\n" if line else "\n" for line in text.split("\n")[:-1])
        for view, text in texts.items()
    )
