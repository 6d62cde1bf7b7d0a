"""`dockerdecl validate`: whether the manifest is right, as far as can be told without an engine."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import ValidationFormat
from dockerdecl.cli.presentation import show_validation, tell_warnings
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import DockerdeclError, ExitCode

Format = Annotated[ValidationFormat, options.option("--format", help="How to print what was found.")]


def validate(
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
    output_format: Format = ValidationFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Check the manifest, also by policies; needs no engine."""
    from dockerdecl import reconcile
    from dockerdecl.policy.document import validation_document

    terminal: Terminal = context.obj
    request = options.request_of(
        files=file,
        env_files=env_file,
        project=project,
        profiles=profile,
        policies=policy,
        locked=locked,
        lock_file=lock_file,
    )
    try:
        manifest = reconcile.judge(options.of_bundle(request, bundle))
    except DockerdeclError as error:
        if error.exit_code is ExitCode.INVALID and output_format is not ValidationFormat.TEXT:
            show_validation(terminal, validation_document(error.problems, error.warnings), output_format)
        raise
    tell_warnings(terminal, manifest.warnings)
    show_validation(terminal, validation_document((), manifest.warnings, manifest), output_format)
    return ExitCode.DONE
