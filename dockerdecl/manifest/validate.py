"""Nodes to a typed document, and every mistake on the way.

Takes one tree, gives a document and problems. Where something is wrong, the document lacks just that, so that what else
is wrong can be found in the same run. Reads no file.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from dockerdecl.errors import Problem, Where
from dockerdecl.manifest import nodes
from dockerdecl.manifest.explain import Explainer, is_extension, is_newer_format
from dockerdecl.manifest.places import Places
from dockerdecl.manifest.schema import SECTIONS, manifest_schema
from dockerdecl.resources.document import API_VERSION, Document
from dockerdecl.resources.spec import mistakes as all_mistakes
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Entry = tuple[str, str]
"""A resource by its section and its key."""

_PLACEHOLDERS = {"apiVersion": API_VERSION, "project": "project"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a tree.

    `document` is None where the format is not known. `incomplete` has the resources that lack something they were
    given, or that are missing for it: nothing may be concluded from what they don't say.
    """

    document: Document | None
    incomplete: frozenset[Entry] = frozenset()
    problems: tuple[Problem, ...] = ()


def check_fields(root: nodes.Mapping, *, project: str | None = None, told: frozenset[Where] = frozenset()) -> Checked:
    """The document in `root`. What is wrong at a place in `told` has been said already, and so has a missing
    `apiVersion`, by the loader; resources that hold such a place are incomplete.
    """
    plain: dict[str, Any] = {entry.key: nodes.to_plain(entry.value) for entry in root.entries}
    if project is not None:
        plain["project"] = project
    explainer: Explainer | None = None
    problems: dict[Problem, None] = {}
    incomplete = _entries_around(root, told)
    coarseness = 0
    while True:
        try:
            return Checked(Document.model_validate(plain), frozenset(incomplete), tuple(problems))
        except ValueError as error:
            errors = all_mistakes(error)
        explainer = explainer or Explainer(Places(root), manifest_schema())
        if newer := next((error for error in errors if is_newer_format(error)), None):
            problem = explainer.problem(newer)
            return Checked(None, problems=() if problem.where in told else (problem,))
        mistakes = [error for error in errors if not is_extension(error)]
        problems |= {
            explainer.problem(e): None for e in mistakes if not _is_told(e, explainer.places, told, incomplete)
        }
        incomplete |= {entry for error in mistakes if (entry := _entry(error["loc"]))}
        removed = [_remove(plain, path) for path in {_part(error, coarseness) for error in errors}]
        # What is left after the first cut was hidden by what was cut, or could not be cut so finely.
        coarseness += 1 if mistakes or not any(removed) else 0


def _is_told(error: ErrorDetails, places: Places, told: frozenset[Where], incomplete: set[Entry]) -> bool:
    path = error["loc"]
    if error["type"] == "missing":
        return path == ("apiVersion",) or _entry(path) in incomplete
    return places.begins(path) in told


def _entries_around(root: nodes.Mapping, places: frozenset[Where]) -> set[Entry]:
    """The resources that were being written at these places."""
    marks: dict[Where, Entry | None] = {}
    for section in root.entries:
        marks[section.key_where] = None
        if section.key in SECTIONS and isinstance(section.value, nodes.Mapping):
            marks |= {entry.key_where: (section.key, entry.key) for entry in section.value.entries}
    ordered = sorted(marks)
    before = (ordered[index - 1] for place in places if (index := bisect_right(ordered, place)))
    return {entry for mark in before if (entry := marks[mark])}


def _entry(path: nodes.NodePath) -> Entry | None:
    return (str(path[0]), str(path[1])) if len(path) > 1 and path[0] in SECTIONS else None


def _part(error: ErrorDetails, coarseness: int) -> nodes.NodePath:
    """What to take out for a mistake: a container's field or another resource, then a resource, then a section."""
    path = error["loc"]
    if coarseness == 0 and is_extension(error):
        return path
    if _entry(path) is None or coarseness > 1:
        return path[:1]
    return path[:3] if coarseness == 0 and path[0] == "containers" else path[:2]


def _remove(plain: dict[str, Any], path: nodes.NodePath) -> bool:
    """Takes out what is at exactly `path`, and says whether there was something."""
    *parents, last = path
    inside: Any = plain
    for step in parents:
        inside = _child(inside, step)
    if not parents and last in _PLACEHOLDERS:
        plain[str(last)] = _PLACEHOLDERS[str(last)]
        return True
    if isinstance(inside, dict) and last in inside:
        del inside[last]
        return True
    return False


def _child(plain: Any, step: str | int) -> Any:
    if isinstance(plain, dict):
        return plain.get(step)
    return plain[step] if isinstance(plain, list) and isinstance(step, int) and step < len(plain) else None
