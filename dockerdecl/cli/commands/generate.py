"""`dockerdecl generate`: writes a manifest of containers that are there already."""

from __future__ import annotations

import os
import secrets
import shlex
from pathlib import Path
from typing import Annotated

import typer

from dockerdecl.cli import options
from dockerdecl.cli.changing import Consent, change
from dockerdecl.cli.confirmation import confirm, require_answerable
from dockerdecl.cli.options import DocumentFormat
from dockerdecl.cli.presentation import tell_text, tell_warnings
from dockerdecl.cli.terminal import Terminal
from dockerdecl.errors import ExitCode, Problem, fail
from dockerdecl.generating import Outcome, Wanted, generate_manifest

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[CONTAINER]...", help="Names of containers, or how their ids begin.")
]
Everything = Annotated[bool, options.option("--all", help="All containers that belong to no project yet.")]
Labels = Annotated[
    list[str] | None,
    options.option("--label", metavar="NAME[=VALUE]", help="Those with this label; repeatable, all must be there."),
]
ComposeProject = Annotated[
    str | None, options.option("--compose-project", metavar="NAME", help="Those that Compose made for this project.")
]
Project = Annotated[
    str | None,
    options.option("--project", "-p", metavar="NAME", help="Project. [default: Compose's, or the folder's name]"),
]
Out = Annotated[Path | None, options.option("--out", metavar="FILE", help="Write it to a file that is not there yet.")]
EnvOut = Annotated[
    Path | None,
    options.option("--env-out", metavar="FILE", help="Write the credentials to a file that only you can read."),
]
Adopt = Annotated[bool, options.option("--adopt", help="Take all of it under ownership at once; needs --out.")]


def generate(
    context: typer.Context,
    container: Names = None,
    *,
    everything: Everything = False,
    label: Labels = None,
    compose_project: ComposeProject = None,
    project: Project = None,
    out: Out = None,
    env_out: EnvOut = None,
    adopt: Adopt = False,
    host: options.Host = None,
    docker_context: options.ContextName = None,
    lock_timeout: options.LockTimeout = 0.0,
    yes: options.Yes = False,
    no_color: options.NoColor = False,
    debug: options.Debug = False,
) -> int:
    """Write a manifest of existing containers, which has nothing to do when it is applied."""
    from dockerdecl.cli.commands.init import project_name

    terminal: Terminal = context.obj
    if not (container or everything or label or compose_project):
        raise typer.BadParameter("say which: names, `--all`, `--label` or `--compose-project`")
    if adopt and out is None:
        raise typer.BadParameter("`--adopt` needs the manifest to be kept: say where with `--out`")
    if adopt:
        require_answerable(terminal, yes=yes)
    request = options.request_of(
        files=None,
        env_files=None,
        project=project or compose_project or project_name(Path.cwd().name),
        host=host,
        context=docker_context,
        lock_seconds=lock_timeout,
    )
    wanted = Wanted(tuple(container or ()), everything, tuple(label or ()), compose_project)
    outcome = generate_manifest(request, wanted)
    if out is None:
        terminal.show_text(outcome.generated.text.removesuffix("\n"))
    else:
        _write(out, outcome.generated.text, 0o666)
    if env_out is not None:
        _write(env_out, outcome.generated.env, 0o600)
    _tell(terminal, outcome, out, env_out, adopting=adopt)
    return _adopted(terminal, request, outcome, out, yes=yes) if adopt and out else ExitCode.DONE


def _tell(terminal: Terminal, outcome: Outcome, out: Path | None, env_out: Path | None, *, adopting: bool) -> None:
    told = [
        Problem("not-told", f"an apply would change {what} of {address}", hint="look at it before you apply")
        for address, what in outcome.differences.items()
    ]
    tell_warnings(terminal, tuple(told))
    if out is not None:
        tell_text(terminal, f"Wrote {out}.")
    if outcome.left_out:
        tell_text(terminal, f"Left out, since other manifests declare them: {', '.join(outcome.left_out)}.")
    names = sorted(outcome.generated.variables)
    if names and env_out is None:
        tell_text(terminal, f"Its credentials are variables: {', '.join(names)}. `--env-out .env` writes their values.")
    if not adopting:
        file = f" -f {shlex.quote(str(out))}" if out is not None and out.name != "dockerdecl.yaml" else ""
        env = f" --env-file {shlex.quote(str(env_out))}" if env_out is not None and env_out.name != ".env" else ""
        tell_text(terminal, f"Next: dockerdecl adopt --all{file}{env}")


def _adopted(terminal: Terminal, request: object, outcome: Outcome, out: Path, *, yes: bool) -> int:
    from dataclasses import replace

    from dockerdecl import reconcile

    assert isinstance(request, reconcile.Request)
    environ = {**request.environ, **outcome.generated.variables}
    again = replace(request, files=(out,), project=None, environ=environ)
    consent = Consent(yes, lambda document: confirm(terminal, document, "Adopt these?", guarded=()))
    prepared = reconcile.plan_adopt(again, command="adopt")
    return change(terminal, prepared, consent, DocumentFormat.TEXT, verbose=False)


def _write(path: Path, text: str, mode: int) -> None:
    "all of it or nothing, and never over what is there"
    if path.exists():
        raise fail("exists", f"{path} is there already, and is left as it is", hint="choose another name, or remove it")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise fail("file-not-writable", f"{path} can't be written: {error.strerror}") from error
