"""What the commands share that start, stop, pause and kill containers by hand.

Takes which containers are meant and what is wished, gives an exit code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import show_json
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode, fail
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from dockerdecl.operations.states import Wish
    from dockerdecl.reconcile import Request

Containers = Annotated[
    list[str] | None,
    typer.Argument(metavar="CONTAINER", help="The containers, by address, key, name or id.", show_default=False),
]
All = Annotated[bool, options.option("--all", help="All containers of the project that it would change.")]
Anyone = Annotated[bool, options.option("--anyone", help="Also what is named that isn't the project's.")]
Timeout = Annotated[
    int | None,
    options.option(
        "--timeout",
        "-t",
        min=-1,
        metavar="SECONDS",
        help="How long it may take to end before it is killed; -1 is as long as it likes. [default: its own]",
    ),
]
Signal = Annotated[str, options.option("--signal", "-s", metavar="SIGNAL", help="The signal, by name or number.")]


@dataclass(frozen=True, slots=True)
class Which:
    """Which containers are meant: those that `words` name, or all of the project; with `anyone`, others' too."""

    words: tuple[str, ...]
    wants_all: bool
    anyone: bool


def at_once(verb: str, does: str) -> Callable[..., int]:
    """The command of a verb that takes no time to speak of; `does` is its help."""

    def command(
        context: typer.Context,
        container: Containers = None,
        *,
        wants_all: All = False,
        anyone: Anyone = False,
        file: options.File = None,
        env_file: options.EnvFile = None,
        project: options.Project = None,
        profile: options.Profile = None,
        host: options.Host = None,
        docker_context: options.ContextName = None,
        lock_timeout: options.LockTimeout = 0.0,
        output_format: options.AsDocument = DocumentFormat.TEXT,
        no_color: options.NoColor = False,
        debug: options.Debug = False,
    ) -> int:
        request = options.request_of(
            files=file,
            env_files=env_file,
            project=project,
            profiles=profile,
            host=host,
            context=docker_context,
            lock_seconds=lock_timeout,
        )
        which = Which(tuple(container or ()), wants_all=wants_all, anyone=anyone)
        return steered(context.obj, request, which, wish_for(verb), output_format)

    command.__doc__ = does
    return command


def with_grace(verb: str, does: str) -> Callable[..., int]:
    """The command of a verb that gives containers time to end; `does` is its help."""

    def command(
        context: typer.Context,
        container: Containers = None,
        *,
        wants_all: All = False,
        anyone: Anyone = False,
        timeout: Timeout = None,
        file: options.File = None,
        env_file: options.EnvFile = None,
        project: options.Project = None,
        profile: options.Profile = None,
        host: options.Host = None,
        docker_context: options.ContextName = None,
        lock_timeout: options.LockTimeout = 0.0,
        output_format: options.AsDocument = DocumentFormat.TEXT,
        no_color: options.NoColor = False,
        debug: options.Debug = False,
    ) -> int:
        request = options.request_of(
            files=file,
            env_files=env_file,
            project=project,
            profiles=profile,
            host=host,
            context=docker_context,
            lock_seconds=lock_timeout,
        )
        which = Which(tuple(container or ()), wants_all=wants_all, anyone=anyone)
        return steered(context.obj, request, which, wish_for(verb, timeout), output_format)

    command.__doc__ = does
    return command


def wish_for(verb: str, timeout: int | None = None) -> Wish:
    """What is wished with a verb; loaded with its first use, as all that commands do is."""
    from dockerdecl.operations.states import Verb, Wish

    return Wish(Verb(verb), timeout)


def steered(terminal: Terminal, request: Request, which: Which, wish: Wish, output_format: DocumentFormat) -> int:
    """Does what is wished and tells what became of it; 1 where something failed."""
    from dockerdecl.cli.render.states_text import states_lines
    from dockerdecl.reach import reach
    from dockerdecl.steering import steer

    if bool(which.words) == which.wants_all:
        message = "--all takes no containers" if which.words else f"no container to {wish.verb} is named"
        raise fail("usage", message, hint="name containers, or give --all for the project's", exit_code=ExitCode.USAGE)
    with reach(request, project_needed=which.wants_all) as reached:
        chosen = reached.containers(which.words, own=not which.anyone)
        document = steer(reached.engine, chosen, wish, request, named=not which.wants_all)
    if output_format is DocumentFormat.JSON:
        show_json(terminal, document)
    else:
        terminal.show(states_lines(document))
    done = all(one["outcome"] in ("done", "nothing") for one in document["containers"])
    return ExitCode.DONE if done else ExitCode.FAILED
