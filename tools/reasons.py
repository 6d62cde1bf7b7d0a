"""The page of the words in plans and reports, for programs. Takes the enums and the payload types, gives Markdown."""

from __future__ import annotations

import inspect
import re
from enum import StrEnum
from typing import get_args

from dockerdecl.execution.events import Outcome
from dockerdecl.planning.values import Action, Reason
from dockerdecl.planning.verbs import Payload
from tools.docstrings import member_docstrings
from tools.error_codes import told_codes
from tools.markdown import code, page, section, table


def reasons_page() -> str:
    """What the words that programs read in a plan and in a report mean."""
    verbs = [(code(payload.verb), _first_sentence(inspect.getdoc(payload) or "")) for payload in get_args(Payload)]
    notes = [(code(found.code), "; ".join(found.messages)) for found in told_codes("Note")]
    return page(
        "The words of a plan",
        "What `dockerdecl plan --format json` and the reports of `apply`, `destroy` and `adopt` say for programs.",
        section("Actions", "The `action` of a change: what happens to an address.", _members(Action)),
        section("Reasons", "The `code` of a change: why it happens.", _members(Reason)),
        section("Notes", "The `code` of a note, beside those of [errors](errors.md).", table(("code", "says"), notes)),
        section("Verbs", "The `verb` of a step: what is asked of the engine.", table(("verb", "does"), verbs)),
        section("Outcomes", "The `outcome` of a step, in a report.", _members(Outcome)),
    )


def _first_sentence(text: str) -> str:
    "the rest speaks of the payload, which no document holds"
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0]


def _members(kind: type[StrEnum]) -> str:
    said = member_docstrings(kind)
    return table(("word", "means"), [(code(member.value), said[member.name]) for member in kind])
