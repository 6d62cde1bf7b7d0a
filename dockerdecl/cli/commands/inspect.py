"""`dockerdecl inspect`: what things on the engine are, in the manifest's words and in the engine's."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

Things = Annotated[
    list[str],
    typer.Argument(metavar="ADDRESS...", help="Containers, images, networks and volumes, by address, name or id."),
]
AsRaw = Annotated[bool, options.option("--raw", help="Print the engine's own JSON.")]


def inspect(
    context: typer.Context,
    address: Things,
    *,
    raw: AsRaw = False,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    show_sensitive: options.ShowSensitive = False,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what things on the engine are: what was given, and what image and engine supplied.

    With --format json, both that and the engine's own JSON; values that look like credentials are masked.
    """
    from dockerdecl.cli.looking import reference_of, show_inspection
    from dockerdecl.operations.inspecting import surroundings, things
    from dockerdecl.operations.inspection import FORMAT, InspectionDocument, thing_document
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        found = things(surroundings(reached.engine, reached.project, reference_of(reached)), address)
    documents = [thing_document(thing, show_sensitive=show_sensitive) for thing in found]
    document: InspectionDocument = {"format": FORMAT, "things": documents}
    show_inspection(terminal, document, output_format, raw=raw)
    return ExitCode.DONE
