"""`dockerdecl unpause`: lets frozen containers go on."""

from __future__ import annotations

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.steering import All, Anyone, Containers, Which, steered


def unpause(
    context: typer.Context,
    container: Containers = None,
    *,
    wants_all: All = False,
    anyone: Anyone = False,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    lock_timeout: options.LockTimeout = 0.0,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Let paused containers go on, those that others need first."""
    from dockerdecl.operations.states import Verb, Wish

    request = options.request_of(
        files=file,
        env_files=env_file,
        project=project,
        profiles=profile,
        host=host,
        context=docker_context,
        lock_seconds=lock_timeout,
    )
    which = Which(tuple(container or ()), wants_all=wants_all, anyone=anyone)
    return steered(context.obj, request, which, Wish(Verb.UNPAUSE), output_format)
