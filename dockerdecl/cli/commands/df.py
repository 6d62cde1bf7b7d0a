"""`dockerdecl df`: what a project holds on disk."""

from __future__ import annotations

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode


def df(
    context: typer.Context,
    *,
    everyone: options.Everyone = False,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what the project holds on disk, and what prune would free.

    Without a manifest and -p, what the whole engine holds.
    """
    from dockerdecl import disk_use
    from dockerdecl.cli.looking import show_disk
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(
        files=file, env_files=env_file, project=project, profiles=profile, host=host, context=docker_context
    )
    with reach(request) as reached:
        document = disk_use.disk(reached.engine, request, None if everyone else reached.project)
    show_disk(terminal, document, output_format)
    return ExitCode.DONE
