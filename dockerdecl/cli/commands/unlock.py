"""`dockerdecl unlock`: takes the lock away from a run that is gone."""

from __future__ import annotations

import typer

from dockerdecl.cli import options
from dockerdecl.cli.presentation import tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode


def unlock(
    context: typer.Context,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Take the project's lock away from a run that is gone."""
    from dockerdecl import steering

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    removed = steering.unlock(request)
    for lock in removed:
        tell_text(terminal, f"Removed the lock of {lock.claim.holder} (`{lock.claim.command}`).")
    if not removed:
        tell_text(terminal, "There is no lock.")
    return ExitCode.DONE
