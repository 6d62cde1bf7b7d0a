"""`dockerdecl doctor`: what the engine is like, and what will have trouble with it."""

from __future__ import annotations

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_json
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode


def doctor(
    context: typer.Context,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Say what the engine is like, and what of the manifest will have trouble with it."""
    from dockerdecl import diagnosis
    from dockerdecl.cli.render.doctor_text import doctor_lines

    terminal: Terminal = context.obj
    document = diagnosis.diagnose(
        options.request_of(
            files=file, env_files=env_file, project=project, profiles=profile, host=host, context=docker_context
        )
    )
    if output_format is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(doctor_lines(document, terminal.width))
    return ExitCode.FAILED if any(f["severity"] == "error" for f in document["findings"]) else ExitCode.DONE
