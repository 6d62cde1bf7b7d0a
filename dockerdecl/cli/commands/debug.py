"""`dockerdecl debug`: a toolbox in the namespaces of a container that has no shell."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.foreign_words import RunsAnother
from dockerdecl.cli.presentation import tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode

if TYPE_CHECKING:
    from dockerdecl.operations.debugging import Placed
    from dockerdecl.reach import Reached

SETTINGS = {"cls": RunsAnother}

Container = Annotated[str, typer.Argument(metavar="CONTAINER", help="Address, key, name or id.")]
Words = Annotated[
    list[str] | None, typer.Argument(metavar="[COMMAND...]", help="What to run in the toolbox. [default: sh]")
]
Image = Annotated[
    str | None,
    options.option("--image", metavar="IMAGE", help="Toolbox; pulled if it isn't there. [default: one that is]"),
]
User = Annotated[str, options.option("--user", "-u", metavar="NAME", help="User to run as.")]
Privileged = Annotated[bool, options.option("--privileged", help="Give it every capability.")]
Interactive = Annotated[
    bool, options.option("--interactive", "-i", help="Hand stdin on; without it only that of a terminal is.")
]


def debug(
    context: typer.Context,
    container: Container,
    command: Words = None,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    image: Image = None,
    user: User = "0:0",
    privileged: Privileged = False,
    interactive: Interactive = False,
    no_color: options.NoColor = False,
    show_debug: options.Debug = False,
) -> int:
    """Look into a running container that has no shell.

    Starts a container of another image for a while, a toolbox, that shares the processes, the network and, where it
    can be, the ipc of this one: `ps`, `netstat`, `strace` see what it sees. Its files are at /proc/1/root. The toolbox
    is root with SYS_PTRACE, it is removed at the end, and it is in no plan. The exit code is that of the command; it is
    1 where the container doesn't run.
    """
    from dockerdecl.cli.person import AtTerminal, signals_interrupt
    from dockerdecl.operations.debugging import Toolbox, placed, run_toolbox
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    tty = sys.stdin.isatty() and sys.stdout.isatty()
    reads = tty or interactive
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    with reach(request) as reached:
        found = reached.container(container)
        toolbox = Toolbox(
            _image(terminal, reached, image),
            tuple(command or ("sh",)),
            user=user,
            privileged=privileged,
            stdin=reads,
            tty=tty,
        )
        with signals_interrupt(), placed(reached.engine, found, toolbox) as place:
            tell_text(terminal, _told(found.label, toolbox.image, place))
            with AtTerminal(reads=reads, raw=tty) as person:
                return run_toolbox(reached.engine, toolbox, place, person).exit_code or ExitCode.DONE


def _image(terminal: Terminal, reached: Reached, named: str | None) -> str:
    from dockerdecl.operations.debugging import find_toolbox, has_image, pull_image

    if named is None:
        return find_toolbox(reached.engine)
    if not has_image(reached.engine, named):
        tell_text(terminal, f"Pulling {named}, which is not on the engine.")
        pull_image(reached.engine, named, reached.request.environ)
    return named


def _told(label: str, image: str, place: Placed) -> str:
    without = f" (not its {', '.join(place.not_shared)}, which is private)" if place.not_shared else ""
    shared = ", ".join(place.shared)
    return f"{image} in the {shared} namespaces of {label}{without}: its files are at {place.files}."
