"""`dockerdecl limits`: what containers may use and do use, against what the host has."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

Containers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CONTAINER", help="Only these, by address, key, name or id; all that run if none.", show_default=False
    ),
]
Over = Annotated[
    float,
    options.option(
        "--over",
        parser=options.seconds_of,
        metavar="DURATION",
        show_default="one reading",
        help="Watch what they use for so long, and suggest limits.",
    ),
]


def limits(
    context: typer.Context,
    container: Containers = None,
    *,
    over: Over = 0.0,
    everyone: options.Everyone = False,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Report what containers may use and do use, against what the host has.

    What is suggested with --over is the most that was seen: watch while they have as much to do as they ever have.
    """
    from dockerdecl.cli.looking import show_limits, telling_seconds
    from dockerdecl.operations.listing import seen
    from dockerdecl.operations.measuring import measured
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached, telling_seconds(terminal, over) as tell:
        chosen = seen(reached.engine, container or (), reached.project, everyone=everyone)
        whole = everyone or reached.project is None
        document = measured(reached.engine, chosen, None if whole else reached.project, over, tell)
    show_limits(terminal, document, output_format)
    return ExitCode.DONE
