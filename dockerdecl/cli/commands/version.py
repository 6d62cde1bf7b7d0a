"""`dockerdecl version`: which dockerdecl this is, and what it runs on."""

from __future__ import annotations

import platform

import typer

from dockerdecl import __version__
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode


def version(context: typer.Context) -> int:
    """Show the version."""
    terminal: Terminal = context.obj
    terminal.show_text(f"dockerdecl {__version__} (Python {platform.python_version()})")
    return ExitCode.DONE
