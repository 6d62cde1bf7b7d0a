"""`dockerdecl graph`: the project as a picture, or as text that others draw."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dockerdecl.cli import options
from dockerdecl.cli.presentation import show_json, tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

if TYPE_CHECKING:
    from dockerdecl.planning.graph import GraphDocument


class GraphFormat(StrEnum):
    """As a picture, as text that others draw, or for programs."""

    SVG = "svg"
    PNG = "png"
    DOT = "dot"
    MERMAID = "mermaid"
    JSON = "json"


_SUFFIXES: Mapping[str, GraphFormat] = {
    ".svg": GraphFormat.SVG,
    ".png": GraphFormat.PNG,
    ".dot": GraphFormat.DOT,
    ".gv": GraphFormat.DOT,
    ".mmd": GraphFormat.MERMAID,
    ".mermaid": GraphFormat.MERMAID,
    ".json": GraphFormat.JSON,
}

Format = Annotated[
    GraphFormat | None,
    options.option(
        "--format", help="How to draw it; png needs Graphviz. [default: as the name of --out says, else svg]"
    ),
]
Out = Annotated[Path | None, options.option("--out", metavar="FILE", help="Write it to a file instead of stdout.")]
Planned = Annotated[
    bool, options.option("--plan", help="Show what an apply would change, instead of the state of each thing.")
]
Offline = Annotated[bool, options.option("--offline", help="Ask no engine: show only what is declared.")]


def graph(
    context: typer.Context,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    profile: options.Profile = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    target: options.Target = None,
    output_format: Format = None,
    out: Out = None,
    plan: Planned = False,
    offline: Offline = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Draw the project: containers, what they need, networks, volumes and ports."""
    from dockerdecl import pictures

    terminal: Terminal = context.obj
    wanted = output_format or _SUFFIXES.get(out.suffix.lower() if out else "", GraphFormat.SVG)
    if plan and offline:
        raise typer.BadParameter("a plan needs an engine: leave `--plan` or `--offline` out")
    if wanted is GraphFormat.PNG and out is None and sys.stdout.isatty():
        raise typer.BadParameter("a PNG is nothing for a terminal: name a file with `--out`, or send it into a pipe")
    document = pictures.graph(
        options.request_of(
            files=file,
            env_files=env_file,
            project=project,
            profiles=profile,
            host=host,
            context=docker_context,
            targets=tuple(target or ()),
        ),
        planned=plan,
        offline=offline,
    )
    if out is not None:
        pictures.write(out, _drawn(document, wanted))
        tell_text(terminal, f"Written to {out}.")
    elif wanted is GraphFormat.PNG:
        terminal.show_bytes(_drawn(document, wanted))
    elif wanted is GraphFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show_text(_drawn(document, wanted).decode())
    return ExitCode.DONE


def _drawn(document: GraphDocument, wanted: GraphFormat) -> bytes:
    return _text(document, wanted).encode() if wanted is not GraphFormat.PNG else _png(document)


def _png(document: Mapping[str, Any]) -> bytes:
    from dockerdecl import pictures
    from dockerdecl.cli.render.graph_dot import graph_dot

    return pictures.as_png(graph_dot(document))


def _text(document: Mapping[str, Any], wanted: GraphFormat) -> str:
    match wanted:
        case GraphFormat.DOT:
            from dockerdecl.cli.render.graph_dot import graph_dot

            return graph_dot(document)
        case GraphFormat.MERMAID:
            from dockerdecl.cli.render.graph_mermaid import graph_mermaid

            return graph_mermaid(document)
        case GraphFormat.JSON:
            import json

            return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    from dockerdecl.cli.render.graph_svg import graph_svg

    return graph_svg(document)
