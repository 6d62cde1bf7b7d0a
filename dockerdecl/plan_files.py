"""Plans in files: saved to be reviewed, and read again to be applied.

Takes a prepared plan or a path, gives a file or the request that makes the plan again. What a saved plan holds is
decided in planning.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dockerdecl.errors import ExitCode, fail

if TYPE_CHECKING:
    from dockerdecl.planning.saved import SavedPlan
    from dockerdecl.reconcile import Prepared, Request


def save(prepared: Prepared, path: Path) -> None:
    """Write a plan to a file that only its owner can read, all of it or nothing.

    Raises DockerdeclError, also where the plan could not be applied.
    """
    prepared.require_decided()
    text = json.dumps(prepared.saved(), indent=2) + "\n"
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise fail("file-not-writable", f"{path} can't be written: {error.strerror}") from error


def read(path: Path, request: Request) -> tuple[SavedPlan, Request]:
    """A saved plan, and the request that makes it again. Raises DockerdeclError where it can't be used."""
    from dockerdecl import __version__
    from dockerdecl.planning.saved import read_saved_plan

    try:
        text = (request.working_directory / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        message, hint = f"{path} can't be read: {reason}", "save a plan with `dockerdecl plan --out FILE`"
        raise fail("file-not-readable", message, hint=hint, exit_code=ExitCode.INVALID) from error
    saved = read_saved_plan(text, __version__)
    options = saved["options"]
    again = replace(
        request,
        targets=tuple(options["targets"]),
        replace=tuple(options["replace"]),
        allow_loss=tuple(options["allow_loss"]),
        profiles=tuple(options["profiles"]),
        project=options["project"],
        locked=options["locked"] or request.locked,
        lock_file=Path(options["lock_file"]) if options["lock_file"] else request.lock_file,
        adopt=options.get("adopt", False),
    )
    return saved, again
