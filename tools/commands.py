"""The pages of the command line and of the environment. Takes typer's own command objects, gives Markdown."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import typer

from dockerdecl.cli.app import app
from dockerdecl.errors import ExitCode
from tools.docstrings import member_docstrings
from tools.markdown import code, codes, page, section, table

SOURCE = Path(__file__).parent.parent / "dockerdecl"

# The exit codes that an option brings about; every command can also end with those of _ALWAYS.
_BROUGHT_BY: Mapping[str, ExitCode] = MappingProxyType(
    {"--detailed-exitcode": ExitCode.CHANGES, "--file": ExitCode.INVALID, "--host": ExitCode.UNREACHABLE}
)
_ALWAYS = (ExitCode.DONE, ExitCode.FAILED, ExitCode.USAGE, ExitCode.INTERRUPTED)

FOREIGN: Mapping[str, str] = MappingProxyType(
    {
        "COLUMNS": "How wide tables may be where no terminal says so; they are not cut without it.",
        "DOCKER_CERT_PATH": "The folder that holds `ca.pem`, `cert.pem` and `key.pem` for TLS.",
        "DOCKER_CONFIG": "The folder of the docker CLI's configuration, contexts and logins; `~/.docker` without it.",
        "DOCKER_CONTEXT": "The docker context that says which engine to talk to, where `DOCKER_HOST` does not.",
        "DOCKER_HOST": "The engine to talk to, such as `tcp://server:2376`.",
        "DOCKER_TLS": "Not empty: talk TLS, whoever answers.",
        "DOCKER_TLS_VERIFY": "Not empty: talk TLS, and only with an engine whose certificate is trusted.",
        "FORCE_COLOR": "Not empty: colour, also where no terminal is.",
        "HOME": "Where `~` leads.",
        "NO_COLOR": "Not empty: no colour.",
        "TERM": "`dumb`: no colour, and no line that is drawn anew.",
    }
)
"""The variables of others that are heeded, and what they do here."""


def commands_page() -> str:
    """Every command with its options, as the program itself lists them."""
    meanings = member_docstrings(ExitCode)
    exits = [(code(exit_code.value), meanings[exit_code.name]) for exit_code in ExitCode]
    return page(
        "Commands",
        "`dockerdecl COMMAND [OPTIONS]`. Results go to standard output, everything else to standard error. Every "
        "command has `--help` too; `dockerdecl --version` shows the version, `--install-completion` makes the shell "
        "complete commands and options.",
        section("Exit codes", table(("code", "means"), exits)),
        *(_command(name, command) for name, command in commands().items()),
    )


def commands() -> Mapping[str, Any]:
    """Typer's own objects of the commands, by name; those of a group stand after it."""
    return dict(_below(typer.main.get_command(app), ""))


def _below(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        yield prefix + name, command
        if hasattr(command, "commands"):
            yield from _below(command, f"{prefix}{name} ")


_COLUMNS = ("option", "what it does", "default", "in the environment")


def _command(name: str, command: Any) -> str:
    words = [word for parameter in command.params for word in parameter.opts]
    ends = sorted({*_ALWAYS, *(_BROUGHT_BY[word] for word in words if word in _BROUGHT_BY)})
    exits = f"Exit codes: {codes(exit_code.value for exit_code in ends)}."
    return section(f"dockerdecl {name}", command.help or "", table(_COLUMNS, map(_option, command.params)), exits)


def _option(parameter: Any) -> tuple[str, str, str, str]:
    said = getattr(parameter, "help", None) or ""
    return _names(parameter), said, _default(parameter), code(parameter.envvar or "")


def _names(parameter: Any) -> str:
    if parameter.param_type_name != "option":
        return code(parameter.metavar or f"[{_choices(parameter) or parameter.name.upper()}]")
    takes = "" if parameter.is_flag else f" {parameter.metavar or _choices(parameter) or 'VALUE'}"
    first, *others = parameter.opts
    return ", ".join((code(f"{first}{takes}"), *map(code, others)))


def _choices(parameter: Any) -> str:
    return "|".join(type(parameter.default)) if isinstance(parameter.default, StrEnum) else ""


def _default(parameter: Any) -> str:
    shown = getattr(parameter, "show_default", None)
    if isinstance(shown, str):
        return code(shown)
    default = parameter.default
    return code(default) if isinstance(default, str) else ""


def environment_page() -> str:
    """Every environment variable that the program heeds."""
    users: dict[tuple[str, str], list[str]] = {}
    for name, command in commands().items():
        for parameter in command.params:
            if parameter.envvar:
                users.setdefault((parameter.envvar, parameter.opts[0]), []).append(name)
    lines = [(code(variable), code(option), codes(names)) for (variable, option), names in sorted(users.items())]
    own = (
        "An option on the command line wins over its variable. A flag is on where its variable is `1` or `true`. "
        "Where an option can be repeated, its variable holds several values with spaces between them, paths with `:`."
    )
    foreign = [(code(variable), meaning) for variable, meaning in FOREIGN.items()]
    return page(
        "Environment",
        "Manifests can use any variable, as `${NAME}`. These are the ones that dockerdecl itself heeds.",
        section("Options", own, table(("variable", "option", "of the commands"), lines)),
        section(
            "Others'",
            "With the meaning that they have for the docker CLI and for other programs.",
            table(("variable", "what it does"), foreign),
        ),
    )


def heeded_variables() -> set[str]:
    """The environment variables that the source asks for by name."""
    return {name for path in SOURCE.rglob("*.py") for name in _asked_for(ast.parse(path.read_text(encoding="utf-8")))}


def _asked_for(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=asked, attr="get"), args=[ast.Constant(str(name)), *_]):
                if ast.unparse(asked).rpartition(".")[2] in ("environ", "environment"):
                    yield name
