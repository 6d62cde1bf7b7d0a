"""What the members of an enum mean: the docstrings under them, which Python itself throws away."""

from __future__ import annotations

import ast
import inspect
from enum import Enum
from textwrap import dedent


def member_docstrings(kind: type[Enum]) -> dict[str, str]:
    """The docstring of every member, by its name. Raises LookupError where one has none."""
    (definition,) = ast.parse(dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for member, after in zip(definition.body, definition.body[1:], strict=False):
        match member, after:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(said))):
                found[name] = said
    if missing := [member.name for member in kind if member.name not in found]:
        raise LookupError(f"{kind.__name__} has no docstring under {', '.join(missing)}")
    return found
