"""Which files a run reads, and their bytes.

Takes what the user named, gives the files in order and their text. Knows nothing of what a manifest means.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from dockerdecl.errors import DockerdeclError, ExitCode, Problem, Where, invalid
from dockerdecl.manifest.texts import SourceText, decode
from dockerdecl.manifest.yaml_limits import MAX_FILE_BYTES
from dockerdecl.manifest.yaml_nodes import too_large
from dockerdecl.resources.file_kinds import LONGEST_MARK
from dockerdecl.resources.file_kinds import may_be_bundle as begins_like_bundle

DEFAULT_NAMES = ("dockerdecl.yaml", "dockerdecl.yml")
_SUFFIXES = (".yaml", ".yml")


def absolute(path: Path | str, directory: Path) -> Path:
    """`path` seen from `directory`, without `.` and `..`; symbolic links stay as they are."""
    return Path(os.path.normpath(directory / path))


def find_files(named: Iterable[Path], working_directory: Path) -> tuple[Path, ...]:
    """The manifests to read, as absolute paths: those named, a folder's in the order of their names, or the default.

    Raises DockerdeclError with every name that leads to nothing.
    """
    wanted = tuple(named)
    if not wanted:
        return (_default(working_directory),)
    found: list[Path] = []
    problems: list[Problem] = []
    for name in wanted:
        path = absolute(name, working_directory)
        try:
            folder = stat.S_ISDIR(path.stat().st_mode)
            found.extend(_in_folder(path, str(name)) if folder else (path,))
        except DockerdeclError as error:
            problems.extend(error.problems)
        except OSError as error:
            problems.extend(_unreadable(error, path, str(name), None).problems)
    if problems:
        raise invalid(*problems)
    return tuple(dict.fromkeys(found))


def read_source(
    path: Path, working_directory: Path, *, named_at: Where | None = None, shown: bool = True
) -> SourceText:
    """The text at `path`. `named_at` is where a manifest names it; `shown`, that messages may quote it.

    Raises DockerdeclError where it can't be read, has more than 10 MB or is not UTF-8.
    """
    name = display_name(path, working_directory)
    try:
        with path.open("rb") as file:
            # A named device or pipe may never end.
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _unreadable(error, path, name, named_at) from error
    if len(data) > MAX_FILE_BYTES:
        raise too_large(name)
    return SourceText(name, path, decode(data, name), hashlib.sha256(data).hexdigest(), shown)


def display_name(path: Path, working_directory: Path) -> str:
    """How a message calls `path`: relative where it lies below the working directory."""
    return str(path.relative_to(working_directory) if path.is_relative_to(working_directory) else path)


def _default(directory: Path) -> Path:
    for name in DEFAULT_NAMES:
        if (directory / name).is_file():
            return directory / name
    others = _manifests(directory) if directory.is_dir() else ()
    hint = (
        f"name one with `-f`, such as `-f {others[0].name}`" if others else "`dockerdecl init` writes one to start from"
    )
    message = f"there is no `{DEFAULT_NAMES[0]}` in {directory}"
    raise DockerdeclError(Problem("manifest-not-found", message, hint=hint), exit_code=ExitCode.INVALID)


def _in_folder(folder: Path, name: str) -> tuple[Path, ...]:
    files = _manifests(folder)
    if not files:
        hint = "name a folder that holds `*.yaml` or `*.yml` files itself; those in folders below are not looked at"
        raise invalid(Problem("folder-without-manifest", f"the folder `{name}` has no YAML file in it", hint=hint))
    return files


def _manifests(folder: Path) -> tuple[Path, ...]:
    """The YAML files right in `folder`, less hidden ones, which editors leave behind."""
    files = (path for path in folder.iterdir() if path.suffix in _SUFFIXES and not path.name.startswith("."))
    return tuple(sorted(path for path in files if not path.is_dir()))


def _unreadable(error: OSError, path: Path, name: str, where: Where | None) -> DockerdeclError:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return invalid(
                Problem("file-not-found", f"the file `{name}` does not exist", where=where, hint=_nearest(path))
            )
        case PermissionError():
            hint = f"give yourself the right to read it, for example with `sudo chmod a+r {path}`"
            return invalid(Problem("file-not-readable", f"you may not read `{name}`", where=where, hint=hint))
        case IsADirectoryError():
            message = f"`{name}` is a folder, and a file is needed here"
            return invalid(Problem("file-is-folder", message, where=where, hint="name a file in it"))
        case _:
            reason = error.strerror or str(error)
            return invalid(Problem("file-not-readable", f"`{name}` can't be read: {reason}", where=where))


def _nearest(path: Path) -> str:
    """What else the folder has to offer, or how far the path leads."""
    folder = path.parent
    if not folder.is_dir():
        existing = next(parent for parent in path.parents if parent.is_dir())
        return f"the path ends at {existing}"
    try:
        there = [other.name for other in folder.iterdir() if other.is_file()]
    except OSError:
        return f"look into {folder}"
    close = difflib.get_close_matches(path.name, there, n=1)
    return f"did you mean `{close[0]}`?" if close else f"{folder} has no such file"


def may_be_bundle(path: Path) -> bool:
    """Whether the file at `path` is a bundle or something that was one: by its first bytes, whatever it is called."""
    try:
        with path.open("rb") as file:
            return begins_like_bundle(file.read(LONGEST_MARK))
    except OSError:
        return False
