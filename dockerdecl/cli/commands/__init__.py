"""The commands, one module each: parse, call, render, exit.

`TABLE` is where a command is entered. A module is called as its command, and holds a function of that name, or a typer
`app` where the command has commands of its own; a name that Python has taken gets an underscore (`exec_`). A module is
loaded when its command is wanted, so that fifty commands start as fast as one. Its `SETTINGS`, where it has some, are
what typer is to know of the command beside its function.
"""

from __future__ import annotations

import builtins
import importlib
import keyword
from collections.abc import Iterator, Mapping
from inspect import getdoc
from types import MappingProxyType, ModuleType
from typing import Any

import typer

from dockerdecl.cli.parameters import take_plainly

TABLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Reconcile": (
            *("init", "validate", "plan", "apply", "destroy", "prune"),
            *("adopt", "generate", "convert", "status", "lock", "outdated"),
            *("history", "rollback", "unlock"),
        ),
        "Look inside": (
            *("ps", "images", "inspect", "top", "stats", "limits", "port", "df"),
            *("logs", "events", "wait"),
            *("exec", "attach", "debug", "cp"),
        ),
        "Steer by hand": ("start", "stop", "restart", "kill", "pause", "unpause"),
        "Images and archives": ("save", "load", "export", "import", "bundle"),
        "Registries": ("login", "logout", "search", "pull", "push"),
        "Pictures and advice": ("graph", "doctor"),
        "About dockerdecl": ("schema", "version"),
    }
)
"""The names of all commands by what they are for, in the order of the help."""

EPILOG = "Every option can be given in the environment too: --env-file as DOCKERDECL_ENV_FILE, and so on."


class Commands(Mapping[str, Any]):
    """The commands by name, as typer's own objects; each is made when it is asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            if not any(name in names for names in TABLE.values()):
                raise KeyError(name)
            self._made[name] = _made(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return (name for names in TABLE.values() for name in names)

    def __len__(self) -> int:
        return sum(len(names) for names in TABLE.values())


def summary(name: str) -> str:
    """What a command does, in one sentence; the command itself isn't made for it."""
    module = _module(name)
    function = getattr(module, python_name(name), None)
    return (getdoc(function) or "").partition("\n\n")[0].replace("\n", " ").rstrip(".")


def python_name(command: str) -> str:
    """The name that a command's module and function have."""
    name = command.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) or hasattr(builtins, name) else name


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{python_name(name)}")


def _made(name: str) -> Any:
    module = _module(name)
    holder = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    holder.callback()(_nothing)
    if hasattr(module, "app"):
        holder.add_typer(module.app, name=name, epilog=EPILOG)
        return typer.main.get_group(holder).commands[name]
    function = getattr(module, python_name(name))
    holder.command(name, epilog=EPILOG, **getattr(module, "SETTINGS", {}))(function)
    command = typer.main.get_group(holder).commands[name]
    take_plainly(command, function)
    return command


def _nothing() -> None:
    """A callback makes typer keep a single command as one of several."""
