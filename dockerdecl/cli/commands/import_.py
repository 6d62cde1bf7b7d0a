"""`dockerdecl import`: an image of a root file system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.terminal import Terminal
from dockerdecl.cli.transfers import incoming, transfer
from dockerdecl.errors import ExitCode

Root = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="Tar of `export`, plain or compressed (gz, bz2, xz, zst); - for one on stdin."),
]
Reference = Annotated[str, typer.Argument(metavar="REFERENCE", help="What to call the image, such as base:1.")]
Change = Annotated[
    list[str] | None,
    options.option(
        "--change", metavar="INSTRUCTION", help="Dockerfile instruction, such as CMD or ENV, for the image; repeatable."
    ),
]
Message = Annotated[
    str | None, options.option("--message", "-m", metavar="TEXT", help="A comment that the image keeps.")
]
Platform = Annotated[
    str | None,
    options.option("--platform", metavar="OS/ARCH", help="What the file system is for, such as linux/arm64."),
]


def import_(
    context: typer.Context,
    file: Root,
    reference: Reference,
    *,
    change: Change = None,
    message: Message = None,
    platform: Platform = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Make an image of a root file system."""
    from dockerdecl.engine.connection import connect
    from dockerdecl.operations.archives import Making, import_archive

    terminal: Terminal = context.obj
    making = Making(reference, tuple(change or ()), message, platform)
    request = options.request_of(files=None, env_files=None, project=None, host=host, context=docker_context)
    with (
        connect(request.host, request.context, request.environ) as engine,
        incoming(file) as root,
        transfer(terminal, f"import {file}") as on_progress,
    ):
        made = import_archive(engine, root, making, on_progress)
    terminal.show_text(f"Imported {making.reference} ({made[:19]})")
    return ExitCode.DONE
