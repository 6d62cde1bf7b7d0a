"""`dockerdecl ps`: the containers, and whose they are."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

Containers = Annotated[
    list[str] | None,
    typer.Argument(metavar="CONTAINER", help="Only these, by address, key, name or id.", show_default=False),
]
All = Annotated[bool, options.option("--all", "-a", help="Show those too that don't run.")]


def ps(
    context: typer.Context,
    container: Containers = None,
    *,
    wants_all: All = False,
    everyone: options.Everyone = False,
    quiet: options.Quiet = False,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """List containers: what runs since when, and whose it is.

    Those of the project, where a manifest or -p names one; else all on the engine.
    """
    from dockerdecl.cli.looking import show_containers
    from dockerdecl.operations.listing import containers_document, seen
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        chosen = seen(reached.engine, container or (), reached.project, everyone=everyone)
        whole = everyone or reached.project is None
        wanted = [one for one in chosen if one.running or wants_all or container]
        document = containers_document(reached.engine, wanted, None if whole else reached.project)
    show_containers(terminal, document, output_format, quiet=quiet, hidden=len(chosen) - len(wanted))
    return ExitCode.DONE
