"""The entry point: finds the command, runs it, and turns whatever comes of it into output and an exit code.

Takes the words of a command line, gives an exit code. Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any, cast

import typer
from typer.core import TyperGroup

from dockerdecl import collector
from dockerdecl.cli.commands import EPILOG, TABLE, Commands, summary
from dockerdecl.cli.parameters import take_plainly
from dockerdecl.cli.terminal import Terminal, prepare_streams, settle_streams
from dockerdecl.errors import DockerdeclError, ExitCode, Problem

# typer depended on click, then brought its own copy of it; this is the class for either.
_USAGE_ERROR = cast("type[Exception]", typer.BadParameter.__mro__[1])


class _Group(TyperGroup):
    """All commands, none of which is loaded before it is wanted."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = Commands()  # type: ignore[assignment]  # it is only read

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Lists the commands under what they are for; their summaries need not be cut to a line."""
        for heading, names in TABLE.items():
            with formatter.section(heading):
                formatter.write_dl([(name, summary(name)) for name in names])


app = typer.Typer(
    name="dockerdecl",
    help="Make a Docker host match a YAML manifest.",
    epilog=EPILOG,
    cls=_Group,
    rich_markup_mode=None,  # rich would take longer to import than the help to print
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)


@app.callback(invoke_without_command=True)
def _without_command(
    context: typer.Context,
    wants_version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> int:
    if context.invoked_subcommand is not None:
        return ExitCode.DONE
    if wants_version:
        from dockerdecl.cli.commands import version

        return version.version(context)
    print(context.get_help(), file=sys.stderr)
    return ExitCode.USAGE


def run() -> int:
    """The whole of a process: `main`, with what can be left out where nothing comes after it."""
    collector.rest()
    code = main()
    collector.leave()
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (`sys.argv` if none is given) and gives its exit code."""
    prepare_streams()
    terminal = Terminal()
    try:
        return _guarded(terminal, lambda: _run(arguments, terminal))
    except BrokenPipeError:  # the reader has seen enough, as in `dockerdecl plan | head`
        return ExitCode.FAILED
    finally:
        settle_streams()


def _run(arguments: Sequence[str] | None, terminal: Terminal) -> int:
    command = typer.main.get_command(app)
    take_plainly(command, _without_command)
    words = sys.argv[1:] if arguments is None else list(arguments)
    code = command.main(words, prog_name="dockerdecl", standalone_mode=False, obj=terminal)
    return int(code or ExitCode.DONE)


def _guarded(terminal: Terminal, run: Callable[[], int]) -> int:
    try:
        return run()
    except BrokenPipeError:
        raise
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except DockerdeclError as error:
        _tell_problems(terminal, error.problems, error.warnings)
        return error.exit_code
    except _USAGE_ERROR as error:
        _tell_problems(terminal, [_usage_problem(error)])
        return ExitCode.USAGE
    except Exception as error:
        if terminal.debug:
            raise
        _tell_problems(terminal, [_bug(error)])
        return ExitCode.FAILED


def _tell_problems(terminal: Terminal, problems: Sequence[Problem], warnings: Sequence[Problem] = ()) -> None:
    from rich.text import Text

    from dockerdecl.cli.render.errors import error_lines, warning_lines

    if warnings:
        terminal.tell([*warning_lines(warnings), Text()])
    terminal.tell(error_lines(problems))


def _usage_problem(error: Exception) -> Problem:
    """A usage error of typer in our form: its own sentence, and which help explains it."""
    sentence: str = error.format_message()  # type: ignore[attr-defined]  # the class is typer's or click's own
    context: typer.Context | None = getattr(error, "ctx", None)
    parameter = getattr(error, "param", None)
    if context is not None and parameter is not None:
        source = context.get_parameter_source(parameter.name)
        sentence += f" (from {parameter.envvar})" if source is not None and source.name == "ENVIRONMENT" else ""
    command = context.command_path if context is not None else "dockerdecl"
    return Problem("usage", sentence, hint=f"`{command} --help` says what there is")


def _bug(error: Exception) -> Problem:
    return Problem(
        "bug",
        f"{type(error).__name__}: {error}",
        hint="this is a bug in dockerdecl; please report it with the traceback that --debug shows",
    )
