"""`dockerdecl pull`: pull images from their registries, by address or reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.moving import move
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal

if TYPE_CHECKING:
    from dockerdecl.engine.progress import OnProgress

Images = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[IMAGE]...",
        help="Address or key in the manifest, or any reference. [default: those of the manifest]",
    ),
]


def pull(
    context: typer.Context,
    image: Images = None,
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
    """Pull images from their registries, by address or reference."""
    from dockerdecl.operations import registry_transfers
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(
        files=file, env_files=env_file, project=project, profiles=profile, host=host, context=docker_context
    )
    with reach(request, project_needed=not image) as reached:
        wanted = registry_transfers.to_pull(image or (), reached.declared())

        def one(each: registry_transfers.Transfer, on_progress: OnProgress) -> registry_transfers.TransferDocument:
            return registry_transfers.pull(reached.engine, each, request.environ, on_progress)

        return move(terminal, "pull", wanted, one, output_format)
