"""`dockerdecl exec`: runs a command in a container, and passes its exit code on."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.foreign_words import RunsAnother
from dockerdecl.cli.presentation import tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

SETTINGS = {"cls": RunsAnother}

Container = Annotated[str, typer.Argument(metavar="CONTAINER", help="Address, key, name or id.")]
Words = Annotated[list[str], typer.Argument(metavar="COMMAND...", help="What to run, with its own options.")]
Interactive = Annotated[
    bool, options.option("--interactive", "-i", help="Hand stdin on; without it only that of a terminal is.")
]
Tty = Annotated[bool, options.option("--tty", "-t", help="Give it a terminal. [default: where stdin and stdout are]")]
NoTty = Annotated[bool, options.option("--no-tty", "-T", help="Give it no terminal.")]
User = Annotated[str, options.option("--user", "-u", metavar="NAME", help="User, or USER:GROUP, to run as.")]
Workdir = Annotated[str, options.option("--workdir", "-w", metavar="PATH", help="Folder to run in.")]
Env = Annotated[
    list[str] | None,
    options.option("--env", "-e", metavar="NAME=VALUE", help="Variable; NAME alone takes your value. Repeatable."),
]
Privileged = Annotated[bool, options.option("--privileged", help="Give it every capability.")]
Detach = Annotated[bool, options.option("--detach", "-d", help="Don't wait for it; what it prints is lost.")]
Keys = Annotated[
    str | None,
    options.option("--detach-keys", metavar="KEYS", help="Keys that leave it running. [default: ctrl-p,ctrl-q]"),
]


def exec_(
    context: typer.Context,
    container: Container,
    command: Words,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    interactive: Interactive = False,
    tty: Tty = False,
    no_tty: NoTty = False,
    user: User = "",
    workdir: Workdir = "",
    env: Env = None,
    privileged: Privileged = False,
    detach: Detach = False,
    detach_keys: Keys = None,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Run a command in a running container.

    It gets a terminal where stdin and stdout are one. The exit code is the command's: 126 where it can't be run,
    127 where there is none, 128 and the signal's number where a signal ended it; and 1 where the container doesn't run.
    Ctrl-C in a terminal goes to the command. Without one it ends dockerdecl (130), and the command runs on in the
    container until it reads the end of its input or writes to no one.
    """
    from dockerdecl.cli.person import AtTerminal
    from dockerdecl.engine.calls.streams import Command
    from dockerdecl.operations.sessions import run_command, run_detached
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    wants_tty = not no_tty and (tty or (at_terminal and not detach))
    reads = not detach and (interactive or (sys.stdin.isatty() and wants_tty))
    person = AtTerminal(reads=reads, raw=wants_tty and reads and sys.stdin.isatty())
    wanted = Command(
        command,
        user=user,
        working_dir=workdir,
        environment=[options.variable_given(text, os.environ) for text in env or ()],
        privileged=privileged,
        stdin=reads,
        tty=wants_tty,
        detach_keys=detach_keys,
        size=person.size() if wants_tty else None,
    )
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        found = reached.container(container)
        if detach:
            run_detached(reached.engine, found, wanted)
            return ExitCode.DONE
        with person:
            ended = run_command(reached.engine, found, wanted, person)
    if ended.exit_code is None:
        tell_text(terminal, f"Left: the command runs on in {found.label}.")
        return ExitCode.DONE
    return ended.exit_code
