"""`dockerdecl stats`: what containers use, as it changes."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.watching import Watch, watch
from dockerdecl.operations.stats import Order

Containers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CONTAINER", help="Only these, by address, key, name or id; all that run if none.", show_default=False
    ),
]
NoStream = Annotated[bool, options.option("--no-stream", help="Read once, and end.")]
Sort = Annotated[Order, options.option("--sort", help="What to sort by, most first.")]
Interval = Annotated[
    float,
    options.option(
        "--interval",
        parser=options.seconds_of,
        metavar="DURATION",
        show_default="1s",
        help="How long to wait between two readings.",
    ),
]


def stats(
    context: typer.Context,
    container: Containers = None,
    *,
    no_stream: NoStream = False,
    sort: Sort = Order.ADDRESS,
    interval: Interval = 1.0,
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
    """Show what containers use: CPU, memory against its limit, network, block I/O and processes.

    In a terminal, a table that is drawn anew until Ctrl-C; with --format json, a line of JSON a reading.
    """
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    wanted = Watch(tuple(container or ()), sort, interval, everyone=everyone, once=no_stream)
    return watch(context.obj, request, wanted, output_format)
