"""The lock file: which image every reference of a manifest is, by the digest that its registry had for it.

Takes a path or a text, gives digests by familiar reference, and the way back; and a manifest with the digests of its
lock file. Asks no registry. The text is TOML with a line a reference in their order, so that a change is a line in a
diff, and branches that lock different images merge. `version` says how it is to be read, and a newer one is refused;
`revision` counts what was added since without changing that, so a newer one is read.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from dockerdecl.errors import DockerdeclError, ExitCode, Problem, Where, fail, invalid
from dockerdecl.expressions import expression
from dockerdecl.manifest.manifest import Manifest
from dockerdecl.manifest.sources import absolute, display_name
from dockerdecl.manifest.texts import SourceText, decode, with_lines
from dockerdecl.resources.address import Address
from dockerdecl.resources.image.reference import parse

LOCK_NAME = "dockerdecl.lock"
VERSION, REVISION = 1, 1

_HEAD = """\
# Which image every reference is. `dockerdecl lock` writes this file, `dockerdecl lock --update` moves what is in it.
"""
_DIGEST = expression(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_TOML_PLACE = expression(r" \(at line (\d+), column (\d+)\)$")


def lock_file_of(manifest: Manifest, named: Path | None, working_directory: Path) -> Path:
    """Where the lock file of a manifest is: as it was named, or beside the manifest's first file."""
    return absolute(named, working_directory) if named else manifest.loaded.project_directory / LOCK_NAME


def read_lock(path: Path, working_directory: Path) -> dict[str, str]:
    """The digests in a lock file, by familiar reference.

    Raises DockerdeclError (exit code 3) with all that is wrong with it; `lock-file-missing` where there is none.
    """
    return parse_lock(_source(path, working_directory))


def locked_digests(manifest: Manifest, working_directory: Path) -> frozenset[str]:
    """The digests in the lock file beside a manifest; none where there is none. Raises as `read_lock`."""
    path = lock_file_of(manifest, None, working_directory)
    return frozenset(read_lock(path, working_directory).values()) if path.exists() else frozenset()


def parse_lock(source: SourceText) -> dict[str, str]:
    """The digests in the text of a lock file, as `read_lock`."""
    try:
        tree = tomllib.loads(source.content)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(source, [_not_toml(str(error), source)]) from error
    version = tree.get("version")
    if isinstance(version, int) and version > VERSION:
        message = f"{source.name} has version {version}, and this dockerdecl reads version {VERSION}"
        hint = "upgrade dockerdecl: the version that wrote it reads it"
        raise invalid(Problem("newer-format", message, hint=hint))
    images = tree.get("images", {})
    if version != VERSION or not isinstance(images, dict):
        message = f"{source.name} is no lock file: it lacks `version = {VERSION}`, or `images` is no table"
        raise _invalid(source, [Problem("lock-file-invalid", message, hint=_ANEW)])
    problems = [problem for key, digest in images.items() if (problem := _entry_problem(key, digest, source))]
    if problems:
        raise _invalid(source, problems)
    return {parse(key).familiar: digest for key, digest in images.items()}


def lock_text(digests: Mapping[str, str]) -> str:
    """The text of a lock file."""
    # No character of a reference needs to be escaped.
    lines = (f'"{reference}" = "{digest}"\n' for reference, digest in sorted(digests.items()))
    return f"{_HEAD}version = {VERSION}\nrevision = {REVISION}\n\n[images]\n{''.join(lines)}"


def write_lock(path: Path, digests: Mapping[str, str]) -> None:
    """Write a lock file, all of it or nothing; who may read it stays. Raises DockerdeclError where that can't be."""
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_text(lock_text(digests), encoding="utf-8")
        with suppress(FileNotFoundError):
            temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        message = f"{path} can't be written: {error.strerror}"
        raise fail("file-not-writable", message, exit_code=ExitCode.FAILED) from error


def with_lock_file(manifest: Manifest, path: Path, working_directory: Path) -> Manifest:
    """The manifest with the digests of a lock file.

    Raises DockerdeclError (exit code 3) with every reference that is not in it, and with all in it that nothing needs.
    """
    source = _source(path, working_directory)
    digests = parse_lock(source)
    needed = manifest.lockable()
    problems = [*_missing(manifest, {r: needed[r] for r in needed.keys() - digests.keys()}, source)]
    problems += (_unused(reference, source) for reference in sorted(digests.keys() - needed.keys()))
    if problems:
        raise _invalid(source, problems)
    return replace(manifest, digests=digests)


def _missing(
    manifest: Manifest, references: Mapping[str, tuple[Address, ...]], source: SourceText
) -> Iterator[Problem]:
    for reference, addresses in sorted(references.items()):
        for address in addresses:
            where, line = manifest.where(str(address))
            message = f"{source.name} has no digest of the image {reference}"
            yield Problem("lock-entry-missing", message, str(address), where, "run `dockerdecl lock`", line)


def _unused(reference: str, source: SourceText) -> Problem:
    message = f"nothing in the manifest needs {reference} any more"
    return Problem("lock-entry-unused", message, where=_place_of(reference, source), hint="run `dockerdecl lock`")


def _source(path: Path, working_directory: Path) -> SourceText:
    name = display_name(path, Path(os.path.abspath(working_directory)))  # noqa: PTH100 - links stay as written
    try:
        return SourceText(name, path, decode(path.read_bytes(), name), "")
    except FileNotFoundError as error:
        message = f"there is no lock file {name}"
        hint = "`dockerdecl lock` writes it; keep it beside the manifest in version control"
        raise invalid(Problem("lock-file-missing", message, hint=hint)) from error
    except OSError as error:
        message = f"{name} can't be read: {error.strerror}"
        raise invalid(Problem("file-not-readable", message, hint="it must be a file that you may read")) from error


_ANEW = "take it from version control, or remove it and run `dockerdecl lock`"


def _not_toml(said: str, source: SourceText) -> Problem:
    place = _TOML_PLACE.search(said)
    where = Where(source.name, int(place[1]), int(place[2])) if place else None
    message = f"{source.name} is not TOML: {_TOML_PLACE.sub('', said)}"
    return Problem("lock-file-invalid", message, where=where, hint=_ANEW)


def _entry_problem(key: str, digest: Any, source: SourceText) -> Problem | None:
    try:
        reference = parse(key)
    except ValueError as error:
        return Problem("lock-file-invalid", str(error), where=_place_of(key, source), hint=_ANEW)
    if reference.digest is not None or not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
        message = f"`{key}` has no digest: it takes the form `sha256:` and 64 hex digits"
        return Problem("lock-file-invalid", message, where=_place_of(key, source), hint=_ANEW)
    return None


def _place_of(reference: str, source: SourceText) -> Where | None:
    lines = enumerate(source.content.splitlines(), 1)
    return next((Where(source.name, n, 1) for n, line in lines if line.startswith(f'"{reference}"')), None)


def _invalid(source: SourceText, problems: list[Problem]) -> DockerdeclError:
    return invalid(*with_lines(problems, {source.name: source.content}))
