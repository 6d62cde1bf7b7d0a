"""What commands share: their options, each also taken from the environment, and the request made of them.

Takes the words of a command line, gives a `reconcile.Request`. Reads no file and knows no engine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dockerdecl.cli.terminal import Terminal
from dockerdecl.expressions import expression

if TYPE_CHECKING:
    from dockerdecl.reconcile import Request


SETTLE_SECONDS = 1.0


class DocumentFormat(StrEnum):
    """For people, or for programs."""

    TEXT = "text"
    JSON = "json"


class ValidationFormat(StrEnum):
    """For people, for programs, or for a code host."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


class PlanFormat(StrEnum):
    """For people, for programs, for a comment on a merge request, or as a page for its reviewers."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


_UNIT_SECONDS: Mapping[str, float] = MappingProxyType({"ms": 0.001, "s": 1, "m": 60, "h": 3600})
_DURATION = expression(r"(\d+(?:\.\d+)?)(ms|s|m|h)")


def seconds_of(duration: str | float) -> float:
    """Seconds of a duration as Compose writes it (`500ms`, `1m30s`); raises a usage error for anything else.

    A default, which is in seconds already, comes this way too.
    """
    if isinstance(duration, float):
        return duration
    parts = _DURATION.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise typer.BadParameter(f"{duration!r} is no duration: write it like 500ms, 10s or 1m30s")
    return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)


def variable_given(text: str, environ: Mapping[str, str]) -> str:
    """A variable as `NAME=VALUE`; of a name alone, the value is that of `environ`, or the variable stays unset."""
    name, equals, _ = text.partition("=")
    return text if equals or name not in environ else f"{name}={environ[name]}"


def variable_of(option: str) -> str:
    """The environment variable of a long option: DOCKERDECL_ENV_FILE of `--env-file`."""
    return f"DOCKERDECL_{option.removeprefix('--').replace('-', '_').upper()}"


def option(*names: str, **settings: Any) -> Any:
    """An option of that name, which the environment can give too; the long name comes first."""
    return typer.Option(*names, envvar=variable_of(names[0]), show_envvar=False, **settings)


def _set_colour(context: typer.Context, unwanted: bool) -> None:
    terminal: Terminal = context.obj
    terminal.colour = terminal.colour and not unwanted


def _set_debug(context: typer.Context, wanted: bool) -> None:
    terminal: Terminal = context.obj
    terminal.debug = terminal.debug or wanted


File = Annotated[
    list[Path] | None,
    option("--file", "-f", metavar="PATH", help="Manifest file or folder; repeatable. [default: dockerdecl.yaml]"),
]
EnvFile = Annotated[
    list[Path] | None,
    option("--env-file", metavar="PATH", help="File of variables for the manifest, instead of .env; repeatable."),
]
Project = Annotated[
    str | None, option("--project", "-p", metavar="NAME", help="Project, instead of the one in the manifest.")
]
Profile = Annotated[
    list[str] | None,
    option(
        "--profile",
        metavar="NAME",
        help="Profile whose containers are wanted too, or * for all; repeatable.",
    ),
]
Policy = Annotated[
    list[Path] | None,
    option("--policy", metavar="PATH", help="Policy that must hold, beside those the manifest names; repeatable."),
]
Host = Annotated[str | None, option("--host", "-H", metavar="URL", help="Engine to talk to, such as ssh://me@server.")]
ContextName = Annotated[
    str | None, option("--context", "-c", metavar="NAME", help="Docker context that says which engine to talk to.")
]
RegistryCa = Annotated[
    Path | None,
    option("--registry-ca", metavar="FILE", help="Certificates to believe from a registry, beside those laid down."),
]
Target = Annotated[
    list[str] | None,
    option("--target", metavar="ADDRESS", help="Only this, such as container.web, and what it needs; repeatable."),
]
Replace = Annotated[
    list[str] | None,
    option("--replace", metavar="ADDRESS", help="Make this anew though nothing differs; repeatable."),
]
AllowLoss = Annotated[
    list[str] | None,
    option(
        "--allow-loss",
        metavar="ADDRESS",
        help="Let this be lost: a volume's data, or something that was adopted; repeatable.",
    ),
]
Adoption = Annotated[
    bool,
    option("--adopt", help="Take what others made under ownership where it is what the manifest declares."),
]
Parallelism = Annotated[int | None, option("--parallelism", min=1, metavar="N", help="How many steps may run at once.")]
Settle = Annotated[
    float,
    option(
        "--settle",
        parser=seconds_of,
        metavar="DURATION",
        show_default="1s",
        help="How long what was started must stay up.",
    ),
]
LockTimeout = Annotated[
    float,
    option(
        "--lock-timeout",
        parser=seconds_of,
        metavar="DURATION",
        show_default="0s",
        help="How long to wait while another run changes the project.",
    ),
]
Locked = Annotated[
    bool,
    option(
        "--locked",
        help="Take every image by the digest in the lock file, which must be up to date; a bundle must be made so.",
    ),
]
LockFile = Annotated[
    Path | None,
    option("--lock-file", metavar="PATH", help="Lock file. [default: dockerdecl.lock beside the manifest]"),
]
ShowSensitive = Annotated[bool, option("--show-sensitive", help="Show secrets instead of masking them.")]
Everyone = Annotated[bool, option("--everyone", help="Show what is others' too, though a project is named.")]
Quiet = Annotated[bool, option("--quiet", "-q", help="Print ids only.")]
Yes = Annotated[bool, option("--yes", "-y", help="Don't ask.")]
Verbose = Annotated[bool, option("--verbose", "-v", help="Show every step and every line of a value.")]
AsDocument = Annotated[DocumentFormat, option("--format", help="How to print the result.")]
NoColor = Annotated[
    bool, option("--no-color", callback=_set_colour, is_eager=True, help="No colour; NO_COLOR does the same.")
]
Debug = Annotated[bool, option("--debug", callback=_set_debug, is_eager=True, help="Show tracebacks of bugs.")]


Bundle = Annotated[
    Path | None, typer.Argument(metavar="[BUNDLE]", help="A bundle, instead of a manifest.", show_default=False)
]


def is_bundle(path: Path) -> bool:
    """Whether a file is a bundle, by its content."""
    from dockerdecl.manifest.sources import may_be_bundle

    return may_be_bundle(path)


def of_bundle(request: Request, bundle: Path | None) -> Request:
    """The same request for a bundle; as it is without one.

    Raises a usage error where manifests are named as well.
    """
    from dataclasses import replace

    if bundle is None:
        return request
    if request.files:
        raise typer.BadParameter("a bundle is a whole manifest: leave `--file` out")
    return replace(request, files=(bundle,))


def request_of(
    *,
    files: Sequence[Path] | None,
    env_files: Sequence[Path] | None,
    project: str | None,
    profiles: Sequence[str] | None = None,
    policies: Sequence[Path] | None = None,
    host: str | None = None,
    context: str | None = None,
    **choices: Any,
) -> Request:
    """What is asked of `reconcile`, here and now: the options, this environment and this folder."""
    from dockerdecl import reconcile

    return reconcile.Request(
        files=tuple(files or ()),
        env_files=tuple(env_files or ()),
        project=project,
        profiles=tuple(profiles or ()),
        policies=tuple(policies or ()),
        host=host,
        context=context,
        environ=dict(os.environ),
        working_directory=Path.cwd(),
        **choices,
    )
