"""Compose files as the text of a manifest, and manifests as the text of a Compose file.

Takes files of one format, gives a text in the other one that does the same, checked, and what it can't say. Opens these
files and their env files; what else they name need not be there.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from dockerdecl.convert.compose_files import compose_files, is_compose, to_convert
from dockerdecl.convert.from_compose import read_compose
from dockerdecl.convert.to_compose import Exporting
from dockerdecl.convert.writing import Writing
from dockerdecl.errors import DockerdeclError, ExitCode, Problem, Where, fail
from dockerdecl.manifest import nodes
from dockerdecl.manifest.builds import with_builds
from dockerdecl.manifest.load import Loaded, read_nodes
from dockerdecl.manifest.manifest import Manifest, manifest_of
from dockerdecl.manifest.nodes import Entry, Scalar
from dockerdecl.manifest.paths import Base
from dockerdecl.manifest.sources import absolute
from dockerdecl.values import dataclass

_EVERY = ("*",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be converted: files, what they are read with, and the file that the text is for.

    Relative paths are meant from the folder of `out`, else from that of the first file.
    """

    files: tuple[Path, ...]
    environ: Mapping[str, str] = field(repr=False)
    env_files: tuple[Path, ...] = ()
    working_directory: Path = Path()
    project: str | None = None
    profiles: tuple[str, ...] = ()
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    """The text of a file in another format, and what it can't say."""

    text: str
    warnings: tuple[Problem, ...]


def to_manifest(wanted: Wanted) -> Converted:
    """The manifest that does what Compose files say; those that Compose would find where none is named.

    With profiles, only what is wanted in them, and always. Raises DockerdeclError (exit code 3) with all that can't be
    done.
    """
    found = to_convert(wanted.files, wanted.working_directory, wanted.environ)
    for path in found:
        if path.is_file() and not is_compose(path):
            raise _no_compose(path)
    loaded = _read_compose(found, wanted)
    manifest = _checked(loaded, wanted)
    root = _without_profiles(loaded.root, manifest.inactive) if wanted.profiles else loaded.root
    return _converted(root, loaded, manifest, wanted)


def to_compose(wanted: Wanted) -> Converted:
    """The Compose file that does what a manifest says, as far as Compose can.

    Raises DockerdeclError (exit code 3) where the manifest is invalid.
    """
    compose = compose_files(wanted.files, wanted.working_directory, wanted.environ)
    loaded = _read_compose(compose, wanted) if compose else _read_manifest(wanted)
    manifest = _checked(loaded, wanted)
    exporting = Exporting()
    root = _called(loaded.root, wanted.project) if wanted.project else loaded.root
    return _converted(exporting.compose(root), loaded, manifest, wanted, tuple(exporting.warnings))


def require_free(path: Path, *, overwrite: bool) -> None:
    """Raises DockerdeclError where a file would be written over unasked."""
    if path.exists() and not overwrite:
        raise _there_already(path)


def write(converted: Converted, path: Path, *, overwrite: bool) -> None:
    """Write the text, all of it or nothing. Raises DockerdeclError where it can't be, or something is there."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(converted.text)
        if overwrite:
            temporary.replace(path)
        else:
            os.link(temporary, path)
    except FileExistsError as error:
        raise _there_already(path) from error
    except OSError as error:
        raise fail("file-not-writable", f"{path} can't be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _there_already(path: Path) -> DockerdeclError:
    return fail(
        "exists", f"{path} is there already, and is left as it is", hint="`dockerdecl convert --force` writes over it"
    )


def _read_compose(files: tuple[Path, ...], wanted: Wanted) -> Loaded:
    return read_compose(
        files,
        environ=wanted.environ,
        env_files=wanted.env_files,
        working_directory=wanted.working_directory,
        project=wanted.project,
    )


def _read_manifest(wanted: Wanted) -> Loaded:
    return read_nodes(
        wanted.files,
        environ=wanted.environ,
        env_files=wanted.env_files,
        working_directory=wanted.working_directory,
    )


def _converted(
    root: nodes.Mapping, loaded: Loaded, manifest: Manifest, wanted: Wanted, left_out: tuple[Problem, ...] = ()
) -> Converted:
    out = wanted.out
    folder = absolute(out, wanted.working_directory).parent if out else loaded.project_directory
    writing = Writing(Base(folder, wanted.environ.get("HOME")), loaded.environment)
    text = writing.text(root)
    told = (*manifest.warnings, *loaded.with_lines((*left_out, *writing.warnings)))
    return Converted(text, tuple(sorted(dict.fromkeys(told), key=_place)))


def _place(problem: Problem) -> Where:
    return problem.where or Where("", 0, 0)


def _called(root: nodes.Mapping, project: str) -> nodes.Mapping:
    entries = {entry.key: entry for entry in root.entries}
    where = entries["project"].key_where if "project" in entries else root.where
    entries["project"] = Entry("project", where, Scalar(project, plain=False, where=where))
    return replace(root, entries=tuple(entries.values()))


def _no_compose(path: Path) -> DockerdeclError:
    message = f"{path.name} is no Compose file: it has no `services`"
    hint = "a manifest needs no conversion; `--to compose` makes a Compose file of one"
    return fail("no-compose-file", message, hint=hint, exit_code=ExitCode.INVALID)


def _checked(loaded: Loaded, wanted: Wanted) -> Manifest:
    """The manifest, without the contents of what it names.

    What depends on a container of some profile is right only with it, and containers of different profiles may exclude
    each other; so where none is chosen, it is enough that it is right with none or with all.
    """

    def manifest(active: tuple[str, ...]) -> Manifest:
        built = with_builds(loaded, wanted.project)
        return manifest_of(
            built, wanted.working_directory, project=wanted.project, profiles=active, need_contents=False
        )

    try:
        return manifest(wanted.profiles)
    except DockerdeclError as error:
        refused = error
    if not wanted.profiles and any(problem.code == "container-inactive" for problem in refused.problems):
        try:
            return manifest(_EVERY)
        except DockerdeclError as error:
            refused = error
    raise DockerdeclError(*refused.problems, exit_code=refused.exit_code, warnings=loaded.warnings) from refused


def _without_profiles(root: nodes.Mapping, inactive: frozenset[str]) -> nodes.Mapping:
    section = root.entry("containers")
    if section is None or not isinstance(section.value, nodes.Mapping):
        return root
    kept = (
        replace(entry, value=entry.value.without("profiles") if isinstance(entry.value, nodes.Mapping) else entry.value)
        for entry in section.value.entries
        if entry.key not in inactive
    )
    whole = replace(section, value=replace(section.value, entries=tuple(kept)))
    return replace(root, entries=tuple(whole if entry is section else entry for entry in root.entries))
