"""`dockerdecl plan`: what differs between manifest and engine, and what would be done about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import PlanFormat
from dockerdecl.cli.presentation import Document, show_plan, tell_text, tell_warnings
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

if TYPE_CHECKING:
    from dockerdecl.reconcile import Prepared

Format = Annotated[PlanFormat, options.option("--format", help="How to print the plan.")]
Out = Annotated[
    Path | None, options.option("--out", metavar="FILE", help="Save the plan, so that just this can be applied later.")
]
DetailedExitCode = Annotated[
    bool, options.option("--detailed-exitcode", help="Exit with 2 where there is something to do.")
]


def plan(
    context: typer.Context,
    bundle: options.Bundle = None,
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
    output_format: Format = PlanFormat.TEXT,
    detailed_exitcode: DetailedExitCode = False,
    out: Out = None,
    verbose: options.Verbose = False,
    show_sensitive: options.ShowSensitive = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what would be done; touches nothing."""
    from dockerdecl import reconcile

    terminal: Terminal = context.obj
    if out is not None and show_sensitive:
        raise typer.BadParameter("a saved plan shows no secrets: leave `--show-sensitive` or `--out` out")
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
        show_sensitive=show_sensitive,
    )
    prepared = reconcile.plan(options.of_bundle(request, bundle))
    with prepared:
        tell_warnings(terminal, prepared.warnings)
        show_plan(terminal, prepared.document(), output_format, lambda: _graph(prepared), verbose=verbose)
        if out is not None:
            from dockerdecl import plan_files

            plan_files.save(prepared, out)
            tell_text(terminal, f"Saved. `dockerdecl apply {out}` does this as long as nothing has changed.")
    return ExitCode.CHANGES if detailed_exitcode and not prepared.empty else ExitCode.DONE


def _graph(prepared: Prepared) -> Document:
    from dockerdecl.pictures import graph_of

    return graph_of(prepared)
