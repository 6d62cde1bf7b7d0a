"""`dockerdecl init`: a manifest to start from."""

from __future__ import annotations

import re
from importlib.resources import files as package_files
from pathlib import Path
from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode, fail

_NAMES = ("dockerdecl.yaml", "dockerdecl.yml")
_PROJECT_LINE = "project: example"


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Folder to write it to.", show_default="this one")] = Path(),
    debug: options.Debug = False,
) -> int:
    """Write a commented starter manifest, dockerdecl.yaml."""
    terminal: Terminal = context.obj
    for name in _NAMES:
        if (folder / name).exists():
            raise fail("exists", f"{folder / name} is there already, and is left as it is")
    starter = package_files("dockerdecl.cli").joinpath("starter.yaml").read_text(encoding="utf-8")
    target = folder / _NAMES[0]
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(starter.replace(_PROJECT_LINE, f"project: {project_name(folder.resolve().name)}"))
    except OSError as error:
        raise fail("cannot-write", f"{target} can't be written: {error.strerror}") from error
    terminal.show_text(f"Wrote {target}. Next: dockerdecl plan")
    return ExitCode.DONE


def project_name(folder: str) -> str:
    """The name of a folder as a project's name, as Compose makes it: lower case, and only `a-z`, `0-9`, `_`, `-`."""
    return re.sub(r"[^a-z0-9_-]", "", folder.lower()).lstrip("_-") or "example"
