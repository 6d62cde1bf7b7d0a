"""`dockerdecl convert`: a Compose file as a manifest, or a manifest as a Compose file."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.presentation import tell_text, tell_warnings
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

if TYPE_CHECKING:
    from dockerdecl.convert.converting import Wanted


class Target(StrEnum):
    """What to convert to."""

    MANIFEST = "manifest"
    COMPOSE = "compose"


Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...", help="Files to convert. [default: what Compose finds here, or dockerdecl.yaml]"
    ),
]
To = Annotated[Target, options.option("--to", help="What to make of them.")]
Out = Annotated[Path | None, options.option("--out", "-o", metavar="FILE", help="File to write to, instead of stdout.")]
Force = Annotated[bool, options.option("--force", help="Write over a file that is there.")]


def convert(
    context: typer.Context,
    files: Files = None,
    *,
    to: To = Target.MANIFEST,
    out: Out = None,
    force: Force = False,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Make a manifest of Compose files, or a Compose file of a manifest."""
    from dockerdecl.convert.converting import Wanted

    terminal: Terminal = context.obj
    if profile and to is Target.COMPOSE:
        raise typer.BadParameter("--profile belongs to a manifest; a Compose file keeps its profiles")
    wanted = Wanted(
        files=tuple(files or ()),
        environ=dict(os.environ),
        env_files=tuple(env_file or ()),
        working_directory=Path.cwd(),
        project=project,
        profiles=tuple(profile or ()),
        out=out,
    )
    show(terminal, wanted, to, overwrite=force)
    return ExitCode.DONE


def show(terminal: Terminal, wanted: Wanted, to: Target, *, overwrite: bool = False) -> None:
    """Converts, and prints or writes what came of it; tells what could not be said."""
    from dockerdecl.convert import converting

    out = wanted.out
    if out is not None:
        converting.require_free(out, overwrite=overwrite)
    converted = converting.to_compose(wanted) if to is Target.COMPOSE else converting.to_manifest(wanted)
    tell_warnings(terminal, converted.warnings)
    if out is None:
        terminal.show_text(converted.text.rstrip("\n"))
    else:
        converting.write(converted, out, overwrite=overwrite)
        tell_text(terminal, f"Wrote {out}.")
