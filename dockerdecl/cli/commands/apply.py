"""`dockerdecl apply`: makes the engine match the manifest, after showing what that takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.changing import Consent, change
from dockerdecl.cli.confirmation import confirm, require_answerable
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal

SavedPlan = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PLAN|BUNDLE]", help="A plan that was saved with `plan --out`, or a bundle, instead of a manifest."
    ),
]

Rollback = Annotated[
    bool, options.option("--rollback", help="Where it fails, go back to the last revision that succeeded.")
]


def apply(
    context: typer.Context,
    plan: SavedPlan = None,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    policy: options.Policy = None,
    locked: options.Locked = False,
    lock_file: options.LockFile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    target: options.Target = None,
    replace: options.Replace = None,
    allow_loss: options.AllowLoss = None,
    adopt: options.Adoption = False,
    parallelism: options.Parallelism = None,
    settle: options.Settle = options.SETTLE_SECONDS,
    lock_timeout: options.LockTimeout = 0.0,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    rollback: Rollback = False,
    yes: options.Yes = False,
    verbose: options.Verbose = False,
    show_sensitive: options.ShowSensitive = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Make the engine match the manifest."""
    from dockerdecl import plan_files, reconcile

    terminal: Terminal = context.obj
    require_answerable(terminal, yes=yes)
    request = options.request_of(
        files=file,
        env_files=env_file,
        project=project,
        profiles=profile,
        policies=policy,
        locked=locked,
        lock_file=lock_file,
        host=host,
        context=docker_context,
        targets=tuple(target or ()),
        replace=tuple(replace or ()),
        allow_loss=tuple(allow_loss or ()),
        adopt=adopt,
        parallelism=parallelism,
        lock_seconds=lock_timeout,
        settle_seconds=settle,
        show_sensitive=show_sensitive,
    )
    saved = None
    if plan is not None and options.is_bundle(plan):
        request = options.of_bundle(request, plan)
    elif plan is not None:
        if target or replace or allow_loss or profile or project or adopt:
            raise typer.BadParameter("a saved plan says itself what is to be done: leave the other choices out")
        saved, request = plan_files.read(plan, request)
    consent = Consent(yes, lambda document: confirm(terminal, document, "Apply these changes?", guarded=("volume",)))
    prepared = reconcile.plan(request, command="apply", saved=saved)
    return change(terminal, prepared, consent, output_format, verbose=verbose, roll_back=rollback)
