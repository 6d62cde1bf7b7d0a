"""`dockerdecl logout`: forgets who we are at a registry."""

from __future__ import annotations

import os

import typer

from dockerdecl.cli import options
from dockerdecl.cli.commands.login import RegistryName
from dockerdecl.cli.presentation import tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode


def logout(
    context: typer.Context,
    registry: RegistryName = None,
    *,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Forget the login to a registry."""
    from dockerdecl.engine.logins import remove_login
    from dockerdecl.operations.registry_logins import registry_name

    terminal: Terminal = context.obj
    name = registry_name(registry)
    kept = remove_login(name, dict(os.environ))
    if kept is None:
        tell_text(terminal, f"There is no login to {name}.")
    else:
        where = f"`docker-credential-{kept.helper}` and {kept.file}" if kept.helper else str(kept.file)
        tell_text(terminal, f"Logged out of {name}: removed from {where}.")
    return ExitCode.DONE
