"""`dockerdecl lock`: writes down which image every reference is, so that `--locked` runs take just those."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_lock, tell_warnings
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

Images = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="IMAGE",
        help="With --update: only these, by reference, or by address or key of an image or container.",
    ),
]
Update = Annotated[
    bool, options.option("--update", help="Move the entries that are there, too, to what their registries have now.")
]
Check = Annotated[
    bool, options.option("--check", help="Write nothing, ask no registry; exit with 1 where it is not up to date.")
]


def lock(
    context: typer.Context,
    images: Images = None,
    *,
    update: Update = False,
    check: Check = False,
    lock_file: options.LockFile = None,
    file: options.File = None,
    env_file: options.EnvFile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    verbose: options.Verbose = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Write the digest of every image that comes from a registry into the lock file."""
    from dockerdecl.locking import lock as locking

    terminal: Terminal = context.obj
    if images and not update:
        raise typer.BadParameter("an image is named to move it: write `--update` before it, or leave it out")
    if check and update:
        raise typer.BadParameter("`--check` changes nothing: leave `--check` or `--update` out")
    request = options.request_of(
        files=file, env_files=env_file, project=None, host=host, context=docker_context, lock_file=lock_file
    )
    names = tuple(images or ())
    done = locking.check(request) if check else locking.lock(request, update=update, names=names)
    tell_warnings(terminal, done.warnings)
    show_lock(terminal, done.document, output_format, verbose=verbose, checked=check)
    return ExitCode.FAILED if check and not done.document["up_to_date"] else ExitCode.DONE
