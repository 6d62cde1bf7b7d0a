"""`dockerdecl wait`: until containers have ended, run, are healthy or gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_json
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import DockerdeclError, ExitCode, Problem
from dockerdecl.operations.awaiting import Until

if TYPE_CHECKING:
    from rich.text import Text

    from dockerdecl.operations.awaiting import WaitDocument, WaitedDocument

Containers = Annotated[list[str], typer.Argument(metavar="CONTAINER...", help="Addresses, keys, names or ids.")]
UntilOption = Annotated[Until, options.option("--until", help="What to wait for.")]
Timeout = Annotated[
    float | None,
    options.option("--timeout", parser=options.seconds_of, metavar="DURATION", help="How long to wait at most."),
]


def wait(
    context: typer.Context,
    containers: Containers,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    until: UntilOption = Until.EXITED,
    timeout: Timeout = None,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Wait for containers: until all have ended, or as --until says.

    The exit code is that with which the container ended, of several the first that isn't 0; with another --until it is
    0. It is 1 where one of them can't come to it any more, such as a container that ended before it was healthy, and
    124 where the time was up.
    """
    from dockerdecl.operations.awaiting import wait_for
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        chosen = reached.containers(containers)
        document = wait_for(reached.engine, chosen, until, timeout)
    if output_format is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(_lines(document))
    if problems := tuple(_problems(document)):
        late = any(each["outcome"] == "timed-out" for each in document["containers"])
        raise DockerdeclError(*problems, exit_code=ExitCode.TIMED_OUT if late else ExitCode.FAILED)
    codes = (each["exit_code"] for each in document["containers"] if until is Until.EXITED)
    return next((code for code in codes if code), ExitCode.DONE)


def _lines(document: WaitDocument) -> Iterator[Text]:
    from rich.text import Text

    for each in document["containers"]:
        if each["outcome"] == "reached":
            code = f" {each['exit_code']}" if document["until"] == "exited" else ""
            yield Text(f"{_label(each)} {document['until']}{code}")


def _problems(document: WaitDocument) -> Iterator[Problem]:
    for each in document["containers"]:
        if each["outcome"] == "timed-out":
            yield Problem("wait-timed-out", f"it is not {document['until']} in time", address=_label(each))
        elif each["outcome"] == "impossible":
            message = f"it can't be {document['until']} any more: {each['reason']}"
            yield Problem("wait-impossible", message, address=_label(each))


def _label(waited: WaitedDocument) -> str:
    return waited["address"] or waited["name"]
