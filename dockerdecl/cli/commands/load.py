"""`dockerdecl load`: the images of archives into the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.terminal import Terminal
from dockerdecl.cli.transfers import incoming, transfer
from dockerdecl.errors import ExitCode

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...", help="Archive of `save`, plain or compressed (gz, bz2, xz, zst); - for one on stdin."
    ),
]


def load(
    context: typer.Context,
    file: Files,
    *,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Load the images of archives."""
    from dockerdecl.engine.connection import connect
    from dockerdecl.operations.archives import load_archive

    terminal: Terminal = context.obj
    request = options.request_of(files=None, env_files=None, project=None, host=host, context=docker_context)
    with connect(request.host, request.context, request.environ) as engine:
        for name in file:
            with incoming(name) as archive, transfer(terminal, f"load {name}") as on_progress:
                loaded = load_archive(engine, archive, on_progress)
            terminal.show_text("\n".join(f"Loaded {image.name} ({image.id[:19]})" for image in loaded))
    return ExitCode.DONE
