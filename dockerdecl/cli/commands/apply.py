"""`dockerdecl apply`: makes the engine match the manifest, after showing what that takes."""

from __future__ import annotations

import typer

from dockerdecl.cli import options
from dockerdecl.cli.changing import Consent, change
from dockerdecl.cli.confirmation import confirm, require_answerable
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal


def apply(
    context: typer.Context,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    target: options.Target = None,
    replace: options.Replace = None,
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
    """Make the engine match the manifest."""
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
        replace=tuple(replace or ()),
        parallelism=parallelism,
        lock_seconds=lock_timeout,
        settle_seconds=settle,
        show_sensitive=show_sensitive,
    )
    consent = Consent(yes, lambda document: confirm(terminal, document, "Apply these changes?", guarded=("volume",)))
    return change(
        terminal, reconcile.plan(request, command="dockerdecl apply"), consent, output_format, verbose=verbose
    )
