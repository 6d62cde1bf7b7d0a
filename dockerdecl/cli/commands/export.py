"""`dockerdecl export`: the file system of a container into an archive."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.terminal import Terminal
from dockerdecl.cli.transfers import How, Out, compression, destination, tell_written, transfer
from dockerdecl.errors import ExitCode

Container = Annotated[
    str, typer.Argument(metavar="CONTAINER", help="Address or key in the project, or any container's name or id.")
]


def export(
    context: typer.Context,
    container: Container,
    *,
    out: Out = None,
    compress: How = None,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Write the file system of a container into an archive, without its volumes."""
    from dockerdecl.operations.archives import export_archive
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    to, how = destination(out), compression(out, compress)
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        found = reached.container(container)
        with transfer(terminal, f"export {found.label}") as on_progress:
            size = export_archive(reached.engine, found.id, to, how, on_progress)
    tell_written(terminal, f"Exported {found.label}", to, size)
    return ExitCode.DONE
