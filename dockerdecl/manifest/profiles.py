"""Seccomp profiles: an engine takes a profile's JSON, where a manifest names the file that holds it.

Takes the security options of a container, gives them with every profile in place of its path.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from dockerdecl.errors import fail

SECCOMP = ("seccomp=", "seccomp:")
_BY_NAME = ("unconfined", "builtin", "default")


def profile_path(option: str) -> str | None:
    """The path in a security option; None where it is of another kind, or names no file."""
    prefix = next((prefix for prefix in SECCOMP if option.startswith(prefix)), None)
    path = option.removeprefix(prefix) if prefix else ""
    return None if path in ("", *_BY_NAME) or path.startswith("{") else path


def with_profile(option: str, read: Callable[[Path], bytes]) -> str:
    """A security option as an engine takes it. Raises DockerdeclError for a file that holds no profile."""
    path = profile_path(option)
    if path is None:
        return option
    try:
        profile = json.loads(read(Path(path)))
    except ValueError as error:
        message = f"{path} holds no seccomp profile: {error}"
        raise fail("wrong-value", message, hint="a profile is a JSON document") from error
    return f"seccomp={json.dumps(profile, separators=(',', ':'))}"
