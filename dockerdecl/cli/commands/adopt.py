"""`dockerdecl adopt`: takes what others made under the project's ownership, as it is."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.changing import Consent, change
from dockerdecl.cli.confirmation import confirm, require_answerable
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal

Addresses = Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="What to adopt, such as container.web.")]


def adopt(
    context: typer.Context,
    address: Addresses,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    lock_timeout: options.LockTimeout = 0.0,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    yes: options.Yes = False,
    verbose: options.Verbose = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Take existing containers, networks and volumes under ownership."""
    from dockerdecl import reconcile

    terminal: Terminal = context.obj
    require_answerable(terminal, yes=yes)
    request = options.request_of(
        files=file,
        env_files=env_file,
        project=project,
        profiles=profile,
        host=host,
        context=docker_context,
        targets=tuple(address),
        lock_seconds=lock_timeout,
    )
    consent = Consent(yes, lambda document: confirm(terminal, document, "Adopt these?", guarded=()))
    return change(terminal, reconcile.plan_adopt(request, command="adopt"), consent, output_format, verbose=verbose)
