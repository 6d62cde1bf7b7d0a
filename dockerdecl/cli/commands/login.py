"""`dockerdecl login`: who we are at a registry."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.presentation import tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import DockerdeclError, ExitCode, fail

if TYPE_CHECKING:
    from dockerdecl.engine.logins import Kept
    from dockerdecl.reconcile import Request

RegistryName = Annotated[
    str | None, typer.Argument(metavar="REGISTRY", help="Such as registry.local:5000. [default: Docker Hub]")
]
User = Annotated[str | None, options.option("--username", "-u", metavar="NAME", help="The user; asked for without it.")]
FromStdin = Annotated[bool, options.option("--password-stdin", help="Take the password, or a token, from stdin.")]


def login(
    context: typer.Context,
    registry: RegistryName = None,
    *,
    username: User = None,
    password_stdin: FromStdin = False,
    registry_ca: options.RegistryCa = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Log in to a registry: for pulls, pushes and searches, of the docker CLI too."""
    from dockerdecl.operations.registry_logins import registry_name

    terminal: Terminal = context.obj
    name = registry_name(registry)
    user, password = _identity(terminal, name, username, from_stdin=password_stdin)
    request = options.request_of(files=None, env_files=None, project=None, host=host, context=docker_context)
    kept = _logged_in(name, user, password, request, registry_ca)
    if kept.helper:
        where = f"The credential helper `docker-credential-{kept.helper}` keeps the password."
    else:
        where = f"The password is in {kept.file}, not encrypted; `credsStore` there would name a helper for it."
    tell_text(terminal, f"Logged in to {name} as {user}. {where}")
    return ExitCode.DONE


def _logged_in(name: str, user: str, password: str, request: Request, authority: Path | None) -> Kept:
    from dockerdecl.engine.connection import connect
    from dockerdecl.operations.registry_logins import log_in, log_in_directly

    try:
        engine = connect(request.host, request.context, request.environ)
    except DockerdeclError as error:
        if error.exit_code is not ExitCode.UNREACHABLE:
            raise
        return log_in_directly(name, user, password, request.environ, authority)
    with engine:
        return log_in(engine, name, user, password, request.environ)


def _identity(terminal: Terminal, registry: str, user: str | None, *, from_stdin: bool) -> tuple[str, str]:
    if from_stdin:
        if not user:
            raise typer.BadParameter("`--password-stdin` needs `--username` beside it")
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        if not terminal.can_ask():
            raise fail(
                "login-needs-stdin",
                "a login needs a user and a password, and there is no terminal to ask on",
                hint="give `--username NAME --password-stdin`, and the password on stdin",
                exit_code=ExitCode.USAGE,
            )
        user, password = _asked(registry, user)
    if not user or not password:
        raise fail("login-incomplete", "a login needs a user and a password, neither of them empty")
    return user, password


def _asked(registry: str, user: str | None) -> tuple[str, str]:
    from getpass import getpass

    try:
        if not user:
            print(f"User at {registry}: ", end="", file=sys.stderr, flush=True)
            user = sys.stdin.readline().strip()
        return user, getpass(f"Password of {user} at {registry}: ", stream=sys.stderr)
    except EOFError:
        raise typer.Abort from None
