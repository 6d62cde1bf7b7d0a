"""`dockerdecl prune`: clears away what the project brought to the engine and nobody needs any more."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.changing import Consent, change
from dockerdecl.cli.confirmation import confirm, require_answerable
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal

Volume = Annotated[
    list[str] | None,
    options.option(
        "--volume",
        metavar="ADDRESS",
        help="Remove this volume too, which is declared no more, with its data; repeatable.",
    ),
]

Registry = Annotated[
    bool,
    options.option(
        "--registry",
        help="Instead, remove from the registries that the project pushes to what `keep` lets go.",
    ),
]


def prune(
    context: typer.Context,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    volume: Volume = None,
    registry: Registry = False,
    registry_ca: options.RegistryCa = None,
    lock_timeout: options.LockTimeout = 0.0,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    yes: options.Yes = False,
    verbose: options.Verbose = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Remove what the project brought and no longer needs."""
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
        targets=tuple(volume or ()),
        lock_seconds=lock_timeout,
    )
    if registry:
        from dockerdecl.cli.registry_pruning import prune_registries

        if volume:
            raise typer.BadParameter("--registry and --volume exclude each other")
        return prune_registries(terminal, request, output_format, authority=registry_ca, yes=yes)
    consent = Consent(yes, lambda document: confirm(terminal, document, "Remove these?", guarded=("volume",)))
    prepared = reconcile.plan_prune(request, command="prune")
    return change(terminal, prepared, consent, output_format, verbose=verbose, when_empty="Nothing to clear away.")
