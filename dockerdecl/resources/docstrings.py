"""What the attributes of a class mean: the docstrings under them, which Python itself throws away."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from textwrap import dedent


@cache
def attribute_docstrings(owner: type) -> dict[str, str]:
    """The docstring of every attribute that has one, by name, those of the classes above it included."""
    found: dict[str, str] = {}
    for each in reversed(owner.__mro__[:-1]):
        (definition,) = ast.parse(dedent(inspect.getsource(each))).body
        assert isinstance(definition, ast.ClassDef)
        for attribute, after in zip(definition.body, definition.body[1:], strict=False):
            match attribute, after:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                    found[name] = inspect.cleandoc(said)
    return found
