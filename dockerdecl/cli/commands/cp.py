"""`dockerdecl cp`: copies between this machine and a container."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.presentation import tell_text
from dockerdecl.cli.terminal import Terminal
from dockerdecl.cli.transfers import transfer
from dockerdecl.errors import ExitCode

if TYPE_CHECKING:
    from dockerdecl.operations.copying import Copied, Manner
    from dockerdecl.reach import Reached

Source = Annotated[str, typer.Argument(metavar="SRC", help="PATH, CONTAINER:PATH, or - for a tar on stdin.")]
Destination = Annotated[str, typer.Argument(metavar="DST", help="PATH, CONTAINER:PATH, or - for a tar on stdout.")]
FollowLink = Annotated[bool, options.option("--follow-link", "-L", help="Of a link as SRC, copy what it leads to.")]
Archive = Annotated[
    bool, options.option("--archive", "-a", help="Keep owners by number; else what is copied is yours.")
]
Quiet = Annotated[bool, options.option("--quiet", "-q", help="Say nothing of how it went, if it went well.")]

_STREAM = "-"


def cp(
    context: typer.Context,
    source: Source,
    destination: Destination,
    *,
    file: options.File = None,
    env_file: options.EnvFile = None,
    project: options.Project = None,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    archive: Archive = False,
    follow_link: FollowLink = False,
    quiet: Quiet = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Copy files and folders out of a container or into one.

    By the rules of docker cp: a folder as DST takes SRC into it, `SRC/.` means what is in SRC, and a DST that isn't
    there is the new name. The container need not run. In a container, what is copied is root's without --archive. A
    path here that holds a colon begins with `./` or `/`.
    """
    from dockerdecl.cli.render.sizes import size_words
    from dockerdecl.engine.progress import Progress
    from dockerdecl.operations.copying import Manner
    from dockerdecl.reach import reach

    terminal: Terminal = context.obj
    (from_word, from_path), (to_word, to_path) = _split(source), _split(destination)
    word = _container(from_word, to_word)
    request = options.request_of(files=file, env_files=env_file, project=project, host=host, context=docker_context)
    copied_bytes = 0
    with reach(request) as reached, transfer(terminal, f"copy {source} to {destination}") as told:

        def on_bytes(count: int) -> None:
            nonlocal copied_bytes
            copied_bytes += count
            told(Progress("", copied_bytes))

        manner = Manner(follow_link, archive, on_bytes)
        if from_word is not None:
            copied = _out(reached, word, from_path, to_path, manner)
        else:
            copied = _in(reached, word, from_path, to_path, manner)
    if copied is not None:
        for each in copied.left_out:
            tell_text(terminal, f"Left out: {each}, which is neither file, folder nor link.")
    if not quiet:
        where = f" to {copied.where if from_word is not None else f'{to_word}:{copied.where}'}" if copied else ""
        tell_text(terminal, f"Copied {size_words(copied_bytes)}{where}.")
    return ExitCode.DONE


def _split(text: str) -> tuple[str | None, str]:
    "a container and a path in it, or None and a path here"
    if text == _STREAM or text.startswith((".", "/")):
        return None, text
    word, colon, path = text.partition(":")
    return (word, path) if colon and word else (None, text)


def _container(source: str | None, destination: str | None) -> str:
    if source is not None and destination is not None:
        raise typer.BadParameter(
            "one of SRC and DST is in a container; between two, `dockerdecl cp A:PATH - | dockerdecl cp - B:FOLDER`"
        )
    word = source if source is not None else destination
    if word is None:
        raise typer.BadParameter("one of SRC and DST must be in a container: CONTAINER:PATH")
    return word


def _out(reached: Reached, word: str, source: str, destination: str, manner: Manner) -> Copied | None:
    from dockerdecl.operations.copying import copy_out, copy_out_tar

    if destination != _STREAM:
        return copy_out(reached.engine, reached.container(word), source, destination, manner)
    if sys.stdout.isatty():
        raise typer.BadParameter("a tar would make a mess of the terminal: send it to a file or a pipe")
    copy_out_tar(reached.engine, reached.container(word), source, sys.stdout.buffer, manner)
    return None


def _in(reached: Reached, word: str, source: str, destination: str, manner: Manner) -> Copied | None:
    from dockerdecl.operations.copying import copy_in, copy_in_tar

    if source != _STREAM:
        return copy_in(reached.engine, reached.container(word), source, destination, manner)
    if sys.stdin.isatty():
        raise typer.BadParameter("a tar is to come on stdin, and there is a terminal")
    copy_in_tar(reached.engine, reached.container(word), sys.stdin.buffer, destination, manner.on_bytes)
    return None
