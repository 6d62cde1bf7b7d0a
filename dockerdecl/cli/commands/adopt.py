"""`dockerdecl adopt`: takes what others made under the project's ownership, as it is."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.changing import Consent, change
from dockerdecl.cli.confirmation import confirm, require_answerable
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal

Addresses = Annotated[
    list[str] | None, typer.Argument(metavar="[ADDRESS]...", help="What to adopt, such as container.web.")
]
Everything = Annotated[bool, options.option("--all", help="Adopt all that is declared, there, and nobody's yet.")]


def adopt(
    context: typer.Context,
    address: Addresses = None,
    *,
    everything: Everything = False,
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
    if bool(address) == everything:
        raise typer.BadParameter("name the addresses to adopt, or say `--all`, and not both")
    require_answerable(terminal, yes=yes)
    request = options.request_of(
        files=file,
        env_files=env_file,
        project=project,
        profiles=profile,
        host=host,
        context=docker_context,
        targets=tuple(address or ()),
        lock_seconds=lock_timeout,
    )
    consent = Consent(yes, lambda document: confirm(terminal, document, "Adopt these?", guarded=()))
    return change(terminal, reconcile.plan_adopt(request, command="adopt"), consent, output_format, verbose=verbose)
