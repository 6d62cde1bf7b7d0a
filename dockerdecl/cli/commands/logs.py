"""`dockerdecl logs`: what containers wrote, and write."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.log_output import LogOutput, log_output
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import tell_warnings
from dockerdecl.errors import ExitCode

if TYPE_CHECKING:
    from dockerdecl.operations.found import FoundContainer
    from dockerdecl.operations.logs import Wanted
    from dockerdecl.reach import Reached


class Stream(StrEnum):
    """What a process writes to."""

    STDOUT = "stdout"
    STDERR = "stderr"


Containers = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CONTAINER...]", help="Addresses, keys, names or ids; without any, all of the project."),
]
Follow = Annotated[bool, options.option("--follow", "-F", help="Go on with what is written from now on.")]
Since = Annotated[
    str | None, options.option("--since", metavar="TIME", help="Only what is newer: 10m, 2026-03-01T14:30.")
]
Until = Annotated[str | None, options.option("--until", metavar="TIME", help="Only what is older.")]
Tail = Annotated[int | None, options.option("--tail", "-n", min=0, metavar="N", help="Only the last lines of each.")]
Timestamps = Annotated[bool, options.option("--timestamps", "-t", help="Show when each line was written.")]
Only = Annotated[Stream | None, options.option("--stream", help="Only what was written there.")]
NoPrefix = Annotated[bool, options.option("--no-prefix", help="Don't say before each line who wrote it.")]


def logs(
    context: typer.Context,
    containers: Containers = None,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    follow: Follow = False,
    since: Since = None,
    until: Until = None,
    tail: Tail = None,
    timestamps: Timestamps = False,
    stream: Only = None,
    no_prefix: NoPrefix = False,
    output_format: options.AsDocument = DocumentFormat.TEXT,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Show what containers have written.

    Both of their streams go to stdout, lines of several containers in the order of time. --follow goes on through
    restarts, and with the container that replaces another, until Ctrl-C (exit code 130). As JSON, each line is a
    document of its own. The exit code is 1 where the log of one of them can't be read.
    """
    from dockerdecl.operations.logs import STREAMS, Wanted
    from dockerdecl.operations.moments import moment
    from dockerdecl.reach import reach

    if follow and until:
        raise typer.BadParameter("--follow has no end, and --until is one: give one of them")
    if any(not path.exists() for path in file or ()):
        raise typer.BadParameter("-f names a manifest, and there is no such file; to follow, give -F")
    words = tuple(containers or ())
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request, project_needed=not words) as reached:
        now = float(reached.engine.clock()) if since or until else 0.0
        begin, end = (None if text is None else moment(text, now, None) for text in (since, until))
        wanted = Wanted(begin, end, tail, STREAMS[stream] if stream else None)
        chosen = reached.containers(words)
        output = log_output(
            context.obj,
            output_format,
            (*chosen, *reached.containers()),
            shown=chosen,
            prefixed=not no_prefix and (len(chosen) != 1 or not words),
            times=timestamps,
        )
        return _follow(reached, words, wanted, output) if follow else _read(reached, chosen, wanted, output)


def _read(reached: Reached, chosen: Sequence[FoundContainer], wanted: Wanted, output: LogOutput) -> int:
    from dockerdecl.operations.logs import read_logs

    with closing(read_logs(reached.engine, chosen, wanted)) as opened:
        output.write(opened.lines())
    tell_warnings(output.terminal, opened.problems)
    return ExitCode.FAILED if opened.problems else ExitCode.DONE


def _follow(reached: Reached, words: Sequence[str], wanted: Wanted, output: LogOutput) -> int:
    from dockerdecl.operations.following import follow_logs

    everything = None if words else reached.project
    following = follow_logs(reached.engine, lambda: reached.containers(words), wanted, all_of=everything)
    with closing(following):
        output.write_live(following)
    return ExitCode.DONE
