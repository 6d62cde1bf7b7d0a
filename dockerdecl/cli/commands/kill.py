"""`dockerdecl kill`: sends a signal to containers."""

from __future__ import annotations

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.steering import All, Anyone, Containers, Signal, Which, steered


def kill(
    context: typer.Context,
    container: Containers = None,
    *,
    wants_all: All = False,
    anyone: Anyone = False,
    signal: Signal = "SIGKILL",
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
    """Send a signal to containers; without one, end them at once.

    Waits for no lock of another run, since what hangs may be what that run waits for.
    """
    from dockerdecl.operations.states import Verb, Wish

    request = options.request_of(
        files=file,
        env_files=env_file,
        project=project,
        profiles=profile,
        host=host,
        context=docker_context,
    )
    which = Which(tuple(container or ()), wants_all=wants_all, anyone=anyone)
    return steered(context.obj, request, which, Wish(Verb.KILL, signal=signal), output_format)
