"""`dockerdecl outdated`: what registries have that is newer than what the manifest names."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_outdated, tell_warnings
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import DockerdeclError, ExitCode

Images = Annotated[
    list[str] | None,
    typer.Argument(metavar="IMAGE", help="Only these, by reference, or by address or key of an image or container."),
]
DetailedExitCode = Annotated[
    bool, options.option("--detailed-exitcode", "--exit-code", help="Exit with 2 where something is outdated.")
]


def outdated(
    context: typer.Context,
    images: Images = None,
    *,
    lock_file: options.LockFile = None,
    file: options.File = None,
    env_file: options.EnvFile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    detailed_exitcode: DetailedExitCode = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """List the tags that moved in their registries, and newer tags of the same form."""
    from dockerdecl.locking import outdated as locking

    terminal: Terminal = context.obj
    request = options.request_of(
        files=file, env_files=env_file, project=None, host=host, context=docker_context, lock_file=lock_file
    )
    found = locking.outdated(request, tuple(images or ()))
    tell_warnings(terminal, found.warnings)
    show_outdated(terminal, found.document, output_format)
    if found.problems:
        raise DockerdeclError(*found.problems)
    return ExitCode.CHANGES if detailed_exitcode and found.document["outdated"] else ExitCode.DONE
