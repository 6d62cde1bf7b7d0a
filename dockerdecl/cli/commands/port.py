"""`dockerdecl port`: where the ports of a container are published."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

Container = Annotated[str, typer.Argument(metavar="CONTAINER", help="The container, by address, key, name or id.")]
Port = Annotated[
    str | None,
    typer.Argument(metavar="PORT[/PROTOCOL]", help="Only this port, such as 80 or 53/udp.", show_default=False),
]


def port(
    context: typer.Context,
    container: Container,
    wanted: Port = None,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show where the ports of a container are published."""
    from dockerdecl.cli.looking import show_ports
    from dockerdecl.engine.calls.containers import inspect_container
    from dockerdecl.operations.ports import ports_document
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        chosen = reached.container(container)
        document = ports_document(chosen, inspect_container(reached.engine, chosen.id), wanted)
    show_ports(terminal, document, output_format, one=wanted is not None)
    return ExitCode.DONE
