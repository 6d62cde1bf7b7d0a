"""`dockerdecl attach`: shares the main process of a container, and passes its exit code on."""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.presentation import tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode
from dockerdecl.operations.detach_keys import DETACH_KEYS

Container = Annotated[str, typer.Argument(metavar="CONTAINER", help="Address, key, name or id.")]
Keys = Annotated[str, options.option("--detach-keys", metavar="KEYS", help="Keys that leave it running.")]
NoStdin = Annotated[bool, options.option("--no-stdin", help="Only look: what is typed goes nowhere.")]
NoSignals = Annotated[
    bool, options.option("--no-signals", help="Signals, such as Ctrl-C, end dockerdecl and not the container.")
]

_HANDED_ON = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT),
    *(signal.SIGUSR1, signal.SIGUSR2),
)


def attach(
    context: typer.Context,
    container: Container,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    detach_keys: Keys = DETACH_KEYS,
    no_stdin: NoStdin = False,
    no_signals: NoSignals = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Share the input and output of a container's main process.

    There is one screen and one input for all who are attached. Where the container has a terminal, the detach keys
    leave it running (exit code 0); Ctrl-C and other signals go to it, unless --no-signals says otherwise, and a third
    Ctrl-C ends dockerdecl alone (130). When the container ends, its exit code is the one of this command.
    """
    from dockerdecl.cli.person import AtTerminal
    from dockerdecl.operations.sessions import attach_to, manner_of
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        found = reached.container(container)
        manner = manner_of(reached.engine, found, stdin=not no_stdin, detach_keys=detach_keys)
        raw = manner.tty and manner.stdin and sys.stdin.isatty()
        tell_text(terminal, _told(found.label, raw=raw, keys=detach_keys, signals=not no_signals))
        with AtTerminal(reads=manner.stdin, raw=raw, caught=() if no_signals else _HANDED_ON) as person:
            ended = attach_to(reached.engine, found, person, manner)
    if ended.exit_code is None:
        tell_text(terminal, f"Left: {found.label} runs on.")
        return ExitCode.DONE
    return ended.exit_code


def _told(label: str, *, raw: bool, keys: str, signals: bool) -> str:
    leave = f"{keys} leaves it running" if raw else "--no-signals keeps Ctrl-C from it" if signals else ""
    shared = f"Attached to {label}: all who are attached share one screen and one input"
    return f"{shared}; {leave}." if leave else f"{shared}."
