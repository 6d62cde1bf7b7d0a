"""`dockerdecl export`: the file system of a container into an archive; `export compose`: the manifest for Compose."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.terminal import Terminal
from dockerdecl.cli.transfers import How, Out, compression, destination, tell_written, transfer
from dockerdecl.errors import ExitCode

Container = Annotated[
    str, typer.Argument(metavar="CONTAINER", help="Address, key, name or id; `compose` is none, but what to export to.")
]


_COMPOSE = "compose"


def export(
    context: typer.Context,
    container: Container,
    *,
    out: Out = None,
    compress: How = None,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Write the file system of a container into an archive, without its volumes; or the manifest as a Compose file.

    `dockerdecl export compose` writes the Compose file, as `convert --to compose` does. A container that is called so
    is meant by its address, `container.compose`.
    """
    if container == _COMPOSE:
        return _export_compose(context.obj, out, file, env_file, project)
    from dockerdecl.operations.archives import export_archive
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    to, how = destination(out), compression(out, compress)
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        found = reached.container(container)
        with transfer(terminal, f"export {found.label}") as on_progress:
            size = export_archive(reached.engine, found.id, to, how, on_progress)
    tell_written(terminal, f"Exported {found.label}", to, size)
    return ExitCode.DONE


def _export_compose(
    terminal: Terminal, out: Path | None, files: list[Path] | None, env_files: list[Path] | None, project: str | None
) -> int:
    from dockerdecl.cli.commands.convert import Target, show
    from dockerdecl.convert.converting import Wanted

    wanted = Wanted(
        files=tuple(files or ()),
        environ=dict(os.environ),
        env_files=tuple(env_files or ()),
        working_directory=Path.cwd(),
        project=project,
        out=None if out == Path("-") else out,
    )
    show(terminal, wanted, Target.COMPOSE)
    return ExitCode.DONE
