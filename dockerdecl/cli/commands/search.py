"""`dockerdecl search`: what the public index or a private registry holds."""

from __future__ import annotations

from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_json, tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

Term = Annotated[
    str, typer.Argument(metavar="TERM", help="A word for the public index, or a private one as REGISTRY[/PREFIX].")
]
Limit = Annotated[int, options.option("--limit", min=1, max=100, metavar="N", help="How many to show at most.")]


def search(
    context: typer.Context,
    term: Term,
    *,
    limit: Limit = 25,
    registry_ca: options.RegistryCa = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Search the public index, or list what a private registry holds."""
    from dockerdecl.cli.render.search_text import search_lines
    from dockerdecl.engine.connection import connect
    from dockerdecl.operations import registry_search

    terminal: Terminal = context.obj
    request = options.request_of(files=None, env_files=None, project=None, host=host, context=docker_context)
    with connect(request.host, request.context, request.environ) as engine:
        document = registry_search.search(engine, term, limit, request.environ, registry_ca)
    if output_format is DocumentFormat.JSON:
        show_json(terminal, document)
        return ExitCode.DONE
    if document["images"]:
        terminal.show(search_lines(document, width=terminal.width, glyphs=terminal.glyphs()))
    else:
        tell_text(terminal, f"{document['registry']} has nothing of that name.")
    if not document["complete"]:
        tell_text(terminal, f"There may be more than these {len(document['images'])}: `--limit` shows up to 100.")
    return ExitCode.DONE
