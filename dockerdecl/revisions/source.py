"""Which commit a manifest comes from, as far as Git can tell.

Takes a folder, gives the commit; nothing where there is no Git, or no repository. Runs nothing that the repository's
own configuration names.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from dockerdecl.resources.record import SourceDocument

_SECONDS = 10.0
_SAFELY = ("-c", "core.fsmonitor=false", "-c", "safe.directory=*", "--no-optional-locks")


def source_of(folder: Path) -> SourceDocument | None:
    """The commit that is checked out around a folder, and whether files in the folder differ from it."""
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    if not commit:
        return None
    branch = _git(folder, "symbolic-ref", "--short", "-q", "HEAD")
    changed = _git(folder, "status", "--porcelain", "--untracked-files=normal", "--", ".")
    return {"commit": commit, "branch": branch or None, "dirty": changed != ""}


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *_SAFELY, "-C", str(folder), *words],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=_SECONDS,
            start_new_session=True,  # Ctrl-C in a terminal is for the run, which goes on to write this down
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
