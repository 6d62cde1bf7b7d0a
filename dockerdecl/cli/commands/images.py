"""`dockerdecl images`: the images of a project, beside what declares them."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

All = Annotated[bool, options.option("--all", "-a", help="Show all images of the engine, as --everyone does.")]


def images(
    context: typer.Context,
    *,
    everyone: options.Everyone = False,
    wants_all: All = False,
    quiet: options.Quiet = False,
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
    """List the project's images: declared, used by its containers, or brought by it.

    Without a manifest and -p, those of the whole engine.
    """
    from dockerdecl import disk_use
    from dockerdecl.cli.looking import show_images
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(
        files=file, env_files=env_file, project=project, profiles=profile, host=host, context=docker_context
    )
    with reach(request) as reached:
        document = disk_use.images(reached.engine, request, None if everyone or wants_all else reached.project)
    show_images(terminal, document, output_format, quiet=quiet)
    return ExitCode.DONE
