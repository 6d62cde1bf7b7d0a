"""What the attributes of a class mean: the docstrings under them, which Python itself throws away."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from textwrap import dedent


@cache
def attribute_docstrings(owner: type) -> dict[str, str]:
    """The docstring of every attribute of a class that has one, by name; members of an enum are attributes too."""
    (definition,) = ast.parse(dedent(inspect.getsource(owner))).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for attribute, after in zip(definition.body, definition.body[1:], strict=False):
        match attribute, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(said))),
            ):
                found[name] = inspect.cleandoc(said)
    return found
