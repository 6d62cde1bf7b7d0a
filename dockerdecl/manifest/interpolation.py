"""Variables in a tree: every scalar value with its `${NAME}` replaced, keys left as they are.

Takes the tree of one file and a way to look names up, gives a tree of the same shape. Reads no environment itself.
"""

from __future__ import annotations

from dataclasses import field, replace
from operator import is_

from dockerdecl.errors import Problem, Where
from dockerdecl.manifest.nodes import Entry, Mapping, Node, Scalar
from dockerdecl.manifest.texts import SourceText, split_lines
from dockerdecl.manifest.variables import Lookup, VariableSyntaxError, expand, parse_template
from dockerdecl.values import dataclass


@dataclass(slots=True)
class Findings:
    """What was met while replacing: mistakes, names that are not set, all names asked for.

    `failed` holds where the scalars begin whose value could not be made, so that nobody judges them a second time.
    """

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    failed: set[Where] = field(default_factory=set)


def interpolate(root: Mapping, source: SourceText, lookup: Lookup, findings: Findings) -> Mapping:
    """The tree with its variables replaced. What is wrong or not set is added to `findings`.

    A scalar with a mistake stays as written. A name that is not set becomes nothing, as in Compose, with a warning.
    """
    return _Interpolation(source, lookup, findings).mapping(root)


@dataclass(slots=True)
class _Interpolation:
    source: SourceText
    lookup: Lookup
    findings: Findings
    lines: list[str] = field(default_factory=list)

    def mapping(self, node: Mapping) -> Mapping:
        entries = tuple(
            entry if (value := self._node(entry.value)) is entry.value else Entry(entry.key, entry.key_where, value)
            for entry in node.entries
        )
        return node if all(map(is_, entries, node.entries)) else replace(node, entries=entries)

    def _node(self, node: Node) -> Node:
        if isinstance(node, Mapping):
            return self.mapping(node)
        if isinstance(node, Scalar):
            return self._scalar(node) if node.text and "$" in node.text else node
        items = tuple(self._node(item) for item in node.items)
        return node if all(map(is_, items, node.items)) else replace(node, items=items)

    def _scalar(self, node: Scalar) -> Scalar:
        text = node.text or ""
        try:
            expansion = expand(parse_template(text), self.lookup)
        except VariableSyntaxError as error:
            where = self._place(node, error.offset)
            self._mistake(node, Problem("variable-syntax", error.message, where=where, hint=error.hint))
            return node
        self.findings.names |= expansion.names
        for reference in expansion.unset:
            self.findings.warnings.append(unset_variable(reference.name, self._place(node, reference.offset)))
        for missing in expansion.missing:
            self._mistake(node, required_variable(missing.name, missing.message, self._place(node, missing.offset)))
        return node if expansion.missing else replace(node, text=expansion.text, written=text)

    def _mistake(self, node: Scalar, problem: Problem) -> None:
        self.findings.problems.append(problem)
        self.findings.failed.add(node.where)

    def _place(self, node: Scalar, offset: int) -> Where:
        """Where the `$` at `offset` of the value stands in the file.

        Quotes, escapes and folding part the value from its text, but a dollar sign stands for itself in all of them,
        so the n-th of the value is the n-th of the text.
        """
        self.lines = self.lines or split_lines(self.source.content)
        left = (node.text or "")[:offset].count("$")
        line, column = node.where.line, node.where.column
        if self.lines[line - 1][column - 1 : column] in ("|", ">"):
            line, column = line + 1, 1
        for number, content in enumerate(self.lines[line - 1 :], start=line):
            start = column - 1 if number == line else 0
            for position in range(start, len(content)):
                if content[position] == "$":
                    if not left:
                        return Where(node.where.file, number, position + 1)
                    left -= 1
        return node.where


def unset_variable(name: str, where: Where) -> Problem:
    """The warning that a name stands for nothing."""
    message = f"the variable `{name}` is not set, so nothing stands in its place"
    hint = f"set it, or write `${{{name}:-default}}`; `$${name}` keeps the dollar sign"
    return Problem("variable-unset", message, where=where, hint=hint)


def required_variable(name: str, message: str, where: Where) -> Problem:
    """The problem that a name without which the author does not want to go on is not set."""
    said = f": {message}" if message else ""
    hint = f"set `{name}` in the environment, in `.env` or with `--env-file`"
    return Problem("variable-required", f"the variable `{name}` must be set{said}", where=where, hint=hint)
