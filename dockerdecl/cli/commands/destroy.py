"""`dockerdecl destroy`: takes down what belongs to the project; data only where that is asked for."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.changing import Consent, change
from dockerdecl.cli.confirmation import confirm, require_answerable
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal

Volumes = Annotated[bool, options.option("--volumes", help="Delete the project's volumes too, with all their data.")]
Images = Annotated[bool, options.option("--images", help="Delete the project's images too.")]


def destroy(
    context: typer.Context,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    target: options.Target = None,
    volumes: Volumes = False,
    images: Images = False,
    allow_loss: options.AllowLoss = None,
    parallelism: options.Parallelism = None,
    lock_timeout: options.LockTimeout = 0.0,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    yes: options.Yes = False,
    verbose: options.Verbose = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Remove what belongs to the project; data only where asked."""
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
        targets=tuple(target or ()),
        volumes=volumes,
        images=images,
        allow_loss=tuple(allow_loss or ()),
        parallelism=parallelism,
        lock_seconds=lock_timeout,
    )
    consent = Consent(yes, lambda document: confirm(terminal, document, "Destroy these?", guarded=("volume", "image")))
    prepared = reconcile.plan_destroy(request, command="destroy")
    return change(
        terminal, prepared, consent, output_format, verbose=verbose, when_empty="Nothing of this project is there."
    )
