"""`dockerdecl events`: what happens on the engine, and to whose."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

if TYPE_CHECKING:
    from rich.text import Text

    from dockerdecl.operations.happenings import EventDocument

Containers = Annotated[
    list[str] | None, typer.Argument(metavar="[CONTAINER...]", help="Only of these: addresses, keys, names or ids.")
]
Since = Annotated[
    str | None, options.option("--since", metavar="TIME", help="Also what the engine remembers: 10m, 2026-03-01T14:30.")
]
Until = Annotated[str | None, options.option("--until", metavar="TIME", help="End there instead of never.")]
All = Annotated[
    bool, options.option("--all", "-a", help="Also what is run in containers, such as their health checks.")
]


def events(
    context: typer.Context,
    containers: Containers = None,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    since: Since = None,
    until: Until = None,
    wants_all: All = False,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what happens, as it happens.

    Of the containers that are named, else of the project, else all that happens on the engine. It goes on until Ctrl-C
    (exit code 130), or until --until. An engine remembers its last 256 events. As JSON, each is a document of its own,
    on a line.
    """
    from dockerdecl.operations.happenings import Interest, happenings
    from dockerdecl.operations.moments import moment
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        now = float(reached.engine.clock()) if since or until else 0.0
        begin, end = (None if text is None else moment(text, now, None) for text in (since, until))
        chosen = reached.containers(containers) if containers else ()
        interest = Interest(chosen, reached.project, wants_all, begin, end)
        for document in happenings(reached.engine, interest):
            if output_format is DocumentFormat.JSON:
                terminal.show_text(json.dumps(document, ensure_ascii=False))
                sys.stdout.flush()
            else:
                terminal.show([_line(document, reached.project)])
    return ExitCode.DONE


def _line(document: EventDocument, project: str | None) -> Text:
    from rich.text import Text

    from dockerdecl.cli.render.visible import visible

    time = datetime.fromisoformat(document["time"][:19] + "+00:00").astimezone()
    address = document["address"]
    name = address or f"{document['kind']} {document['name']}"
    whose = f" of {document['project']}" if address and document["project"] != project else ""
    details = " ".join(f"{key}={text}" for key, text in sorted(document["details"].items()))
    line = Text(f"{time:%Y-%m-%d %H:%M:%S}  ", "dim")
    line.append(visible(f"{name}{whose}"), style="bold").append(f"  {visible(document['action'])}")
    return line.append(f"  {visible(details)}" if details else "", style="dim")
