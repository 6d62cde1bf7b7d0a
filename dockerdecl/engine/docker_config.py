"""The docker CLI's own files: where they are, and its config.json.

Takes an environment, gives a folder and a JSON object. Reads nothing else and writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dockerdecl.errors import ExitCode, fail


def config_folder(environ: Mapping[str, str]) -> Path:
    """`$DOCKER_CONFIG`, or `.docker` in the home folder; it need not exist."""
    named = environ.get("DOCKER_CONFIG")
    if named:
        return Path(named)
    home = environ.get("HOME")
    return (Path(home) if home else Path.home()) / ".docker"


def read_config(environ: Mapping[str, str]) -> dict[str, Any]:
    """What config.json says, nothing if there is none.

    Raises `docker-config-invalid` for a file that can't be read or isn't a JSON object.
    """
    return read_object(config_folder(environ) / "config.json") or {}


def read_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file, None if there is no such file.

    Raises `docker-config-invalid` for a file that can't be read or holds something else.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _invalid(path, error.strerror or str(error)) from error
    except ValueError as error:
        # A JSON error's own text says where; it never quotes the file, which may hold passwords.
        raise _invalid(path, f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise _invalid(path, "not a JSON object")
    return value


def _invalid(path: Path, reason: str) -> Exception:
    return fail(
        "docker-config-invalid",
        f"the docker configuration {path} can't be read: {reason}",
        hint="Mend or remove the file; DOCKER_CONFIG names another folder.",
        exit_code=ExitCode.UNREACHABLE,
    )
