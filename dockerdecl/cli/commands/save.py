"""`dockerdecl save`: images of the engine into one archive."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.terminal import Terminal
from dockerdecl.cli.transfers import How, Out, compression, destination, tell_written, transfer
from dockerdecl.errors import ExitCode

Images = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[IMAGE]...",
        help="Address or key in the manifest, or any reference or id. [default: all that the manifest declares]",
    ),
]


def save(
    context: typer.Context,
    image: Images = None,
    *,
    out: Out = None,
    compress: How = None,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Save images into one archive, as the engine has them."""
    from dockerdecl.operations.archives import choose_images, references_there, save_archive
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    to, how = destination(out), compression(out, compress)
    request = options.request_of(
        files=file, env_files=env_file, project=project, profiles=profile, host=host, context=docker_context
    )
    with reach(request, project_needed=not image) as reached:
        chosen = choose_images(image or (), reached.declared())
        references = references_there(reached.engine, chosen)
        what = f"{len(references)} image{'' if len(references) == 1 else 's'}"
        with transfer(terminal, f"save {what}") as on_progress:
            size = save_archive(reached.engine, references, to, how, on_progress)
    tell_written(terminal, f"Saved {what}", to, size)
    return ExitCode.DONE
