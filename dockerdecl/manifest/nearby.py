"""Which file was meant by a path that leads nowhere: the hint for an error. Looks at the names in one directory."""

from __future__ import annotations

import os
from pathlib import Path


def nearest(path: Path, *, directory: bool = False) -> str | None:
    """A sentence naming the files (or directories) beside `path` that it may have meant; None if none may."""
    parent = path.parent
    try:
        names = sorted(entry.name for entry in os.scandir(parent) if entry.is_dir() is directory)
    except (FileNotFoundError, NotADirectoryError):
        return f"there is no directory {parent}"
    except OSError:
        return None
    from difflib import get_close_matches

    near = get_close_matches(path.name, names, n=2, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else None
