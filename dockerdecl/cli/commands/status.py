"""`dockerdecl status`: per address, what is declared and what is there."""

from __future__ import annotations

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_status
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode


def status(
    context: typer.Context,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    locked: options.Locked = False,
    lock_file: options.LockFile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show per address what is declared and what is there."""
    from dockerdecl import reconcile

    terminal: Terminal = context.obj
    document = reconcile.status(
        options.request_of(
            files=file,
            env_files=env_file,
            project=project,
            profiles=profile,
            locked=locked,
            lock_file=lock_file,
            host=host,
            context=docker_context,
        )
    )
    show_status(terminal, document, output_format)
    return ExitCode.DONE
