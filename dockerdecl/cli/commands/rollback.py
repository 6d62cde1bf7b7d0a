"""`dockerdecl rollback`: brings back what an earlier revision declared, with the images that it had."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.changing import Consent, change
from dockerdecl.cli.confirmation import confirm, require_answerable
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal

Number = Annotated[
    int | None,
    typer.Argument(
        metavar="[N]", min=1, help="The revision to go back to. [default: the last that succeeded and is another]"
    ),
]


def rollback(
    context: typer.Context,
    number: Number = None,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    allow_loss: options.AllowLoss = None,
    parallelism: options.Parallelism = None,
    settle: options.Settle = options.SETTLE_SECONDS,
    lock_timeout: options.LockTimeout = 0.0,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    yes: options.Yes = False,
    verbose: options.Verbose = False,
    show_sensitive: options.ShowSensitive = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Make the engine match what an earlier revision declared."""
    from dockerdecl import history

    terminal: Terminal = context.obj
    require_answerable(terminal, yes=yes)
    request = options.request_of(
        files=file,
        env_files=env_file,
        project=project,
        host=host,
        context=docker_context,
        allow_loss=tuple(allow_loss or ()),
        parallelism=parallelism,
        settle_seconds=settle,
        lock_seconds=lock_timeout,
        show_sensitive=show_sensitive,
    )
    consent = Consent(yes, lambda document: confirm(terminal, document, "Go back to this?", guarded=("volume",)))
    return change(terminal, history.plan_rollback(request, number), consent, output_format, verbose=verbose)
