"""The source of the program, to be read for what it can tell. Takes syntax trees, gives texts.

What is particular to a case, the values in an f-string, becomes the name of the variable in capitals.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "dockerdecl"

_UNNAMED = "..."
_WORDS = {"strerror": "REASON"}
_DEPTH = 5


@dataclass(frozen=True)
class Module:
    """One module, and what of it is asked for again and again."""

    name: str
    tree: ast.Module = field(repr=False)

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """Every function and method, by name."""
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}

    @cached_property
    def calls(self) -> list[tuple[str, ast.Call]]:
        """Every call, with the last part of the name of what is called."""
        return [(last_name(node.func), node) for node in ast.walk(self.tree) if isinstance(node, ast.Call)]

    @cached_property
    def scopes(self) -> dict[int, ast.FunctionDef]:
        """The innermost function around a node, by the node's `id()`."""
        found: dict[int, ast.FunctionDef] = {}
        for function in ast.walk(self.tree):  # from the outside in, so that the inner one stays
            if isinstance(function, ast.FunctionDef):
                found.update((id(node), function) for node in ast.walk(function) if node is not function)
        return found


def read_source() -> tuple[Module, ...]:
    """Every module of the program, by name."""
    paths = sorted(SOURCE.rglob("*.py"))
    trees = ((path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths)
    return tuple(Module(".".join(path.relative_to(SOURCE).with_suffix("").parts), tree) for path, tree in trees)


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`."""
    return ast.unparse(node).rpartition(".")[2]


def parameters(function: ast.FunctionDef) -> list[ast.arg]:
    """What a function takes, without `self`."""
    found = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return found[1:] if found and found[0].arg == "self" else found


def given(call: ast.Call, names: Sequence[str]) -> dict[str, ast.expr]:
    """What a call gives, by the name of the parameter."""
    by_name = {word.arg: word.value for word in call.keywords if word.arg}
    return {**dict(zip(names, call.args, strict=False)), **by_name}


@dataclass(frozen=True)
class Reader:
    """Finds the texts that an expression can be, as far as the source alone tells."""

    modules: tuple[Module, ...]

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """What is named in capitals at the top of a module."""
        found: dict[str, ast.expr] = {}
        for module in self.modules:
            for node in module.tree.body:
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.isupper():
                        found[name] = value
                    case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name.isupper():
                        found[name] = value
        return found

    def texts(self, node: ast.expr | None, module: Module, depth: int = 0) -> list[str]:
        """The texts that `node` can be; empty where only running the program would tell."""
        if depth > _DEPTH:
            return []
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return ["".join(self._part(part, module, depth + 1) for part in parts)]
            case ast.IfExp(body=body, orelse=other):
                return [*self.texts(body, module, depth + 1), *self.texts(other, module, depth + 1)]
            case ast.BoolOp(values=values):
                return [text for value in values for text in self.texts(value, module, depth + 1)]
            case ast.Call():
                return self._called(node, module, depth + 1)
            case ast.Name():
                return self._named(node, module, depth + 1)
        return []

    def _part(self, part: ast.expr, module: Module, depth: int) -> str:
        if not isinstance(part, ast.FormattedValue):
            return "".join(self.texts(part, module, depth))
        match part.value:
            case ast.Name(id=name):
                inlined = self._inlined(part.value, module, depth)
                return _placeholder(name) if inlined is None else inlined
            case ast.Attribute(attr=name):
                return _placeholder(name)
        return _UNNAMED

    def _inlined(self, node: ast.Name, module: Module, depth: int) -> str | None:
        "what a variable holds that was put together right before; what may be left out as well, is left out"
        function = module.scopes.get(id(node))
        match list(_assigned(function, node.id)) if function else []:
            case [ast.JoinedStr() as text]:
                return self.texts(text, module, depth)[0]
            case [ast.IfExp() as choice] if "" in self.texts(choice, module, depth):
                return ""
        return None

    def _named(self, node: ast.Name, module: Module, depth: int) -> list[str]:
        function = module.scopes.get(id(node))
        if function is not None:
            local = list(_assigned(function, node.id))
            if local:
                return [text for value in local for text in self.texts(value, module, depth)]
            names = [argument.arg for argument in parameters(function)]
            if node.id in names:
                calls = (call for name, call in module.calls if name == function.name)
                values = (given(call, names).get(node.id) for call in calls)
                return [text for value in values for text in self.texts(value, module, depth)]
        return self.texts(self.constants.get(node.id), module, depth)

    def _called(self, node: ast.Call, module: Module, depth: int) -> list[str]:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=table), attr="get"), args=[_, otherwise]):
                held = self.constants.get(table)
                values = held.values if isinstance(held, ast.Dict) else []
                return [text for value in (*values, otherwise) for text in self.texts(value, module, depth)]
        function = module.functions.get(last_name(node.func))
        returns = (each for each in ast.walk(function) if isinstance(each, ast.Return)) if function else ()
        return [text for each in returns for text in self.texts(each.value, module, depth)]


def _placeholder(name: str) -> str:
    return _UNNAMED if name.isupper() else _WORDS.get(name, name.strip("_").replace("_", " ").upper())


def _assigned(function: ast.FunctionDef, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield value
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                yield from (v for t, v in zip(targets, values, strict=True) if isinstance(t, ast.Name) and t.id == name)
