"""Which Compose files a run reads: those that were named, or those that Compose itself would find.

Takes names, a folder and the environment, gives paths. Looks at the beginning of files, and understands none of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from dockerdecl.errors import ExitCode, fail
from dockerdecl.expressions import expression
from dockerdecl.manifest.env_file import parse_env_file
from dockerdecl.manifest.sources import DEFAULT_NAMES as MANIFEST_NAMES
from dockerdecl.manifest.sources import absolute
from dockerdecl.manifest.texts import SourceText

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
_LOOKED_AT = 1 << 20
_MANIFEST = expression(rb"""(?:^|\A\s*\{\s*)["']?(apiVersion|containers)["']?[ \t]*:""", re.MULTILINE)
_COMPOSE = expression(rb"""(?:^|\A\s*\{\s*)["']?services["']?[ \t]*:""", re.MULTILINE)
_COMPOSE_NAME = expression(r"(docker-)?compose(\.[\w.-]+)?\.ya?ml")


def is_compose(path: Path) -> bool:
    """Whether a file is Compose's: it has `services`, or the name that Compose gives it, and no word of a manifest."""
    try:
        with path.open("rb") as file:
            beginning = file.read(_LOOKED_AT)
    except OSError:
        return False
    if _MANIFEST.search(beginning):
        return False
    return _COMPOSE.search(beginning) is not None or _COMPOSE_NAME.fullmatch(path.name) is not None


def compose_files(named: tuple[Path, ...], working_directory: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The Compose files that are meant; none where manifests are.

    The first of the `named` files says which of the two they are. Where none is named, a manifest in the folder goes
    before what Compose would read there.
    """
    if named:
        found = tuple(absolute(path, working_directory) for path in named)
        return found if is_compose(found[0]) else ()
    if any((working_directory / name).is_file() for name in MANIFEST_NAMES):
        return ()
    return found_by_compose(working_directory, environ)


def found_by_compose(working_directory: Path, environ: Mapping[str, str], *, upwards: bool = False) -> tuple[Path, ...]:
    """What Compose reads where no file is named: COMPOSE_FILE, or a file of its name and the override beside it."""
    chosen = settings(environ, working_directory).get("COMPOSE_FILE")
    if chosen:
        separator = settings(environ, working_directory).get("COMPOSE_PATH_SEPARATOR") or ":"
        return tuple(absolute(path, working_directory) for path in chosen.split(separator) if path)
    for folder in (working_directory, *(working_directory.parents if upwards else ())):
        main = next((folder / name for name in NAMES if (folder / name).is_file()), None)
        if main is not None:
            override = next((folder / name for name in OVERRIDES if (folder / name).is_file()), None)
            return (main, override) if override else (main,)
    return ()


def to_convert(named: tuple[Path, ...], working_directory: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The Compose files of a conversion. Raises DockerdeclError where there are none."""
    if named:
        return tuple(absolute(path, working_directory) for path in named)
    found = found_by_compose(working_directory, environ, upwards=True)
    if not found:
        message = f"there is no `{NAMES[0]}` in {working_directory} or above it"
        raise fail("compose-file-not-found", message, hint="name the Compose file", exit_code=ExitCode.INVALID)
    return found


def settings(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Compose's own variables (`COMPOSE_…`), of the environment or of the `.env` in a folder."""
    found: dict[str, str] = {}
    try:
        text = (folder / ".env").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""  # where it matters, reading it for the variables says what is wrong with it
    if "COMPOSE_" in text:
        found = parse_env_file(SourceText(".env", folder / ".env", text, "", shown=False), environ.get, {}).values
    return {name: value for name, value in {**found, **environ}.items() if name.startswith("COMPOSE_")}
