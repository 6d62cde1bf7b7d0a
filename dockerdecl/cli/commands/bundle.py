"""`dockerdecl bundle`: a manifest with all it needs in one file, for a host without a network."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_json, tell_text, tell_warnings
from dockerdecl.cli.terminal import Terminal
from dockerdecl.cli.transfers import How, Out, compression, destination, tell_written, transfer
from dockerdecl.errors import ExitCode

Format = Annotated[
    DocumentFormat, options.option("--format", help="With json, print the index of the bundle that was written.")
]


def bundle(
    context: typer.Context,
    *,
    out: Out = None,
    compress: How = None,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    policy: options.Policy = None,
    locked: options.Locked = False,
    lock_file: options.LockFile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: Format = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Write the manifest and all images into one file, to be applied where no registry is reached."""
    from dockerdecl import bundles

    terminal: Terminal = context.obj
    if output_format is DocumentFormat.JSON and (out is None or str(out) == "-"):
        raise typer.BadParameter("the bundle and its index can't both go to stdout: name a file with `--out`")
    to, how = destination(out), compression(out, compress)
    request = options.request_of(
        files=file,
        env_files=env_file,
        project=project,
        profiles=profile,
        policies=policy,
        host=host,
        context=docker_context,
        locked=locked,
        lock_file=lock_file,
    )
    with bundles.prepare(request) as prepared:
        tell_warnings(terminal, prepared.warnings)
        with transfer(terminal, "bundle images") as on_progress:
            made = bundles.write(prepared, to, how, on_progress)
    index = made.index
    count = len(index["images"])
    tell_written(terminal, f"Bundled {count} image{'' if count == 1 else 's'}", to, made.size)
    for need in index["needs"]:
        tell_text(terminal, f"Give where it is applied: the {need['kind']} {need['name']}, for {need['field']}.")
    for path in index["host_paths"]:
        tell_text(terminal, f"Not in it: {path['path']}, which {path['address']} mounts from the host.")
    if output_format is DocumentFormat.JSON:
        show_json(terminal, index)
    return ExitCode.DONE
