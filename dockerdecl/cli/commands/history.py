"""`dockerdecl history`: what was applied before, in short, whole, and compared."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_difference, show_history, show_revision
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

Number = Annotated[int, typer.Argument(metavar="N", min=1, help="The revision.")]
Other = Annotated[int, typer.Argument(metavar="M", min=1, help="The revision to compare it with.")]

app = typer.Typer(help="Show what was applied before.", invoke_without_command=True)


@app.callback()
def history(
    context: typer.Context,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what was applied before."""
    if context.invoked_subcommand is not None:
        if any(_was_written(context, parameter.name) for parameter in context.command.params):
            raise typer.BadParameter(f"options stand after `{context.invoked_subcommand}`, not before it")
        return ExitCode.DONE
    from dockerdecl import history

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    show_history(terminal, history.revisions(request), output_format)
    return ExitCode.DONE


def _was_written(context: typer.Context, name: str | None) -> bool:
    source = context.get_parameter_source(name or "")
    return source is not None and source.name == "COMMANDLINE"


@app.command("show")
def show(
    context: typer.Context,
    number: Number,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show the manifest of a revision, and its steps as they went."""
    from dockerdecl import history

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    show_revision(terminal, history.revision(request, number), output_format)
    return ExitCode.DONE


@app.command("diff")
def diff(
    context: typer.Context,
    number: Number,
    other: Other,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show where the manifests of two revisions differ."""
    from dockerdecl import history

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    show_difference(terminal, history.difference(request, number, other), output_format)
    return ExitCode.DONE
