"""What came of checking a manifest, as JSON for programs: `dockerdecl/validation/v1`.

Takes problems, gives a document. Findings of policies and mistakes in the manifest stand in it alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from typing_extensions import TypedDict

from dockerdecl.errors import Problem
from dockerdecl.resources.schemas import documented

if TYPE_CHECKING:
    from dockerdecl.manifest.manifest import Manifest

VALIDATION_FORMAT: Literal["dockerdecl/validation/v1"] = "dockerdecl/validation/v1"
PREFIX = "policy-"


@documented
class FindingDocument(TypedDict):
    """One thing that was found."""

    code: str
    """What kind of thing, as a word: an error's code, or `policy-RULE` where a policy does not want it."""
    level: Literal["error", "warning"]
    """`error`, or `warning` where the manifest can be applied all the same."""
    message: str
    """What was found, in words."""
    hint: str | None
    """What would be right, and how to allow it on purpose where that can be."""
    address: str | None
    """The address of what is declared, such as `container.web`."""
    file: str | None
    """The file, relative to the folder that the command ran in where it lies below it."""
    line: int | None
    """The line in the file, from 1."""
    column: int | None
    """The column in the line, from 1."""


@documented
class RuleDocument(TypedDict):
    """What a code of the findings means."""

    code: str
    """The code."""
    text: str
    """What it is about, in words."""


@documented
class CountsDocument(TypedDict):
    """How much was found."""

    errors: int
    """How many errors."""
    warnings: int
    """How many warnings."""


@documented
class ValidationDocument(TypedDict):
    """What came of checking a manifest, as `dockerdecl validate --format json` prints it."""

    format: Literal["dockerdecl/validation/v1"]
    """The format of this document."""
    project: str | None
    """The project, where the manifest is valid."""
    valid: bool
    """Whether the manifest can be applied."""
    declared: dict[str, int]
    """How many of each kind are declared, where the manifest is valid."""
    findings: list[FindingDocument]
    """What was found, errors first."""
    rules: list[RuleDocument]
    """What the codes of the findings mean."""
    summary: CountsDocument
    """How many errors and warnings."""


def validation_document(
    errors: Iterable[Problem], warnings: Iterable[Problem], manifest: Manifest | None = None
) -> ValidationDocument:
    """The document of what was found in a manifest; without a manifest where it is invalid."""
    failing, doubtful = tuple(errors), tuple(warnings)
    told = {problem.code: problem for problem in (*doubtful, *failing)}
    return {
        "format": VALIDATION_FORMAT,
        "project": manifest.document.project if manifest else None,
        "valid": not failing,
        "declared": {kind: count for kind, count in (manifest.summary() if manifest else {}).items() if count},
        "findings": [*(_finding(p, "error") for p in failing), *(_finding(p, "warning") for p in doubtful)],
        "rules": [{"code": code, "text": _meaning(told[code])} for code in sorted(told)],
        "summary": {"errors": len(failing), "warnings": len(doubtful)},
    }


def _finding(problem: Problem, level: Literal["error", "warning"]) -> FindingDocument:
    where = problem.where
    return {
        "code": problem.code,
        "level": level,
        "message": problem.message,
        "hint": problem.hint,
        "address": problem.address,
        "file": where.file if where else None,
        "line": where.line if where else None,
        "column": where.column if where else None,
    }


def _meaning(problem: Problem) -> str:
    "what a built-in rule is about; a rule of one's own says that itself, and a code is made of words"
    if not problem.code.startswith(PREFIX):
        return problem.code.replace("-", " ").capitalize()
    from dockerdecl.policy.spec import BuiltIn

    fields = BuiltIn.model_fields.values()
    about = {f"{PREFIX}{field.word}": field.description for field in fields}.get(problem.code)
    return about or problem.message
