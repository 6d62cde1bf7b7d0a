"""`dockerdecl top`: the processes in containers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

import typer

from dockerdecl.cli import options
from dockerdecl.cli.foreign_words import AFTER_DASHES, WithWordsAfterDashes
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

SETTINGS: Mapping[str, Any] = MappingProxyType({"cls": WithWordsAfterDashes})

Containers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CONTAINER",
        help="The containers, all of the project that run if none; behind --, what the host's ps is to show.",
        show_default=False,
    ),
]


def top(
    context: typer.Context,
    container: Containers = None,
    *,
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
    """Show the processes in containers.

    They are the host's own: `dockerdecl top web -- -o pid,rss,args` gives the host's ps these options.
    """
    from dockerdecl.cli.looking import show_processes
    from dockerdecl.operations.listing import seen
    from dockerdecl.operations.processes import processes_document
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        chosen = seen(reached.engine, container or (), reached.project, everyone=everyone)
        wanted = chosen if container else [one for one in chosen if one.running]
        document = processes_document(reached.engine, wanted, context.meta.get(AFTER_DASHES, ()))
    show_processes(terminal, document, output_format)
    return ExitCode.DONE
