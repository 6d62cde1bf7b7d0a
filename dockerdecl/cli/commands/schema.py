"""`dockerdecl schema`: the JSON Schema of the manifest, for editors and other programs."""

from __future__ import annotations

import json

import typer

from dockerdecl.cli import options
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode


def schema(context: typer.Context, *, debug: options.Debug = False) -> int:
    """Print the JSON Schema of the manifest."""
    from dockerdecl import reconcile

    terminal: Terminal = context.obj
    terminal.show_text(json.dumps(reconcile.manifest_schema(), indent=2, ensure_ascii=False))
    return ExitCode.DONE
