"""A tree as the text of a file: YAML whose variables and relative paths are those that were written.

Takes a tree, and the folder that the file will lie in; gives text. A variable stays one where it gives the same there,
so that no secret that came out of the environment gets into a file. What can't be kept so is noted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

import yaml

from dockerdecl.errors import Problem
from dockerdecl.expressions import expression
from dockerdecl.manifest import nodes
from dockerdecl.manifest.nodes import Entry, Node, Scalar, Sequence
from dockerdecl.manifest.paths import Base, spellings
from dockerdecl.manifest.variables import Expansion, VariableSyntaxError, expand, parse_template
from dockerdecl.resources.masking import looks_like_a_credential
from dockerdecl.values import dataclass

_SECTION = expression(r"(?<=\n)\S.*(:|\{\}|\[\])$", re.MULTILINE)
_TEXT = "tag:yaml.org,2002:str"
_PLAIN = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null"))


@dataclass(slots=True)
class Writing:
    """Writes for a file in the folder of `base`, where variables are looked up in `environment`."""

    base: Base
    environment: Mapping[str, str] = field(repr=False)
    warnings: list[Problem] = field(default_factory=list)

    def text(self, root: nodes.Mapping) -> str:
        """The YAML of a tree."""
        return as_yaml(self._node(root, ""))

    def _node(self, node: Node, key: str) -> Node:
        if isinstance(node, nodes.Mapping):
            entries = (Entry(e.key, e.key_where, self._node(e.value, e.key)) for e in node.entries)
            return replace(node, entries=tuple(entries))
        if isinstance(node, Sequence):
            return replace(node, items=tuple(self._node(item, key) for item in node.items))
        return node if node.text is None else replace(node, text=self._scalar(node, key), written=None)

    def _scalar(self, node: Scalar, key: str) -> str:
        text = node.text or ""
        if node.written is None:
            return text.replace("$", "$$")
        expansion = self._expanded(node.written)
        if expansion is None:
            return node.written
        if any(spelled == text for spelled in spellings(expansion.text, self.base)):
            return node.written
        relative = self._relative(text)
        if "$" in node.written:
            if relative == text and _is_secret(key, node, expansion):
                self.warnings.append(_set_elsewhere(node, expansion))
                return node.written
            self.warnings.append(_by_value(node, relative != text))
        return relative.replace("$", "$$")

    def _expanded(self, written: str) -> Expansion | None:
        try:
            expansion = expand(parse_template(written), self.environment.get)
        except VariableSyntaxError:
            return None
        return None if expansion.missing else expansion

    def _relative(self, text: str) -> str:
        path, colon, rest = text.partition(":")
        if not path.startswith("/"):
            return text
        relative = os.path.relpath(path, self.base.folder)
        dotted = relative if relative.startswith("..") or relative == "." else f"./{relative}"
        return f"{dotted}{colon}{rest}"


def as_yaml(root: Node) -> str:
    """The YAML of a tree as it is, in block style, with an empty line before each section."""
    text = yaml.serialize(_represented(root), Dumper=_Dumper, width=1 << 20, allow_unicode=True)
    return _SECTION.sub(r"\n\g<0>", text)


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """One level deeper, also for a list."""
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        """Every value stands for itself."""
        return True


_RESOLVER = yaml.resolver.Resolver()


def _represented(node: Node) -> yaml.Node:
    if isinstance(node, nodes.Mapping):
        pairs = list(_pairs(node))
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not pairs)
    if isinstance(node, Sequence):
        items = [_represented(item) for item in node.items]
        return yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=not items)
    if node.text is None:
        return yaml.ScalarNode("tag:yaml.org,2002:null", "")
    resolve: Callable[..., object] = _RESOLVER.resolve  # which its stubs leave untyped
    tag = str(resolve(yaml.ScalarNode, node.text, (True, False)))
    # A number or boolean stays one where it was written so; base 60 and dates are texts to people, and so they look.
    kept = tag in _PLAIN and ":" not in node.text and (not tag.endswith("bool") or node.text in ("true", "false"))
    plain = node.plain and kept
    return yaml.ScalarNode(tag if plain else _TEXT, node.text, style="|" if "\n" in node.text else None)


def _pairs(node: nodes.Mapping) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    for entry in node.entries:
        yield yaml.ScalarNode(_TEXT, entry.key), _represented(entry.value)


def _is_secret(key: str, node: Scalar, expansion: Expansion) -> bool:
    named = (node.written or "").partition("=")[0]
    return any(looks_like_a_credential(name) for name in (key, named, *expansion.names))


def _by_value(node: Scalar, is_path: bool) -> Problem:
    why = "a relative path in it is meant from another folder" if is_path else "the env file of an include gives it"
    message = f"`{node.written}` is written as the value that it has now: {why}"
    return Problem("convert-value", message, where=node.where, hint="look at it in what was written")


def _set_elsewhere(node: Scalar, expansion: Expansion) -> Problem:
    names = ", ".join(f"`{name}`" for name in sorted(expansion.names))
    message = f"{names} has its value from the env file of an include, and is not written out since it may be a secret"
    return Problem("convert-secret", message, where=node.where, hint="set it in the environment or in `.env`")
