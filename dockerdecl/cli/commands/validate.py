"""`dockerdecl validate`: whether the manifest is right, as far as can be told without an engine."""

from __future__ import annotations

import typer

from dockerdecl.cli import options
from dockerdecl.cli.presentation import tell_warnings
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode


def validate(
    context: typer.Context,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Check the manifest; needs no engine."""
    from dockerdecl import reconcile

    terminal: Terminal = context.obj
    manifest = reconcile.validate(options.request_of(files=file, env_files=env_file, project=project, profiles=profile))
    tell_warnings(terminal, manifest.warnings)
    counts = [f"{count} {kind if count == 1 else f'{kind}s'}" for kind, count in manifest.summary().items() if count]
    terminal.show_text(f"Valid: {', '.join(counts) or 'nothing is declared'}.")
    return ExitCode.DONE
