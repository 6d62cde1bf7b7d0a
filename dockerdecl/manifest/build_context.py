"""What a build is made from: the files of its context, its Dockerfile, and the images it builds upon.

Takes the directory and the Dockerfile as the manifest names them, gives a `BuildContext` whose digests say whether the
build must be done again, and the tar to send to the engine. Reads files only; what was read is what is sent, or an
error: a file that changes in between never ends up under the digest of its former self.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import BinaryIO, cast

from dockerdecl.errors import DockerdeclError, Problem, fail, invalid
from dockerdecl.expressions import expression
from dockerdecl.manifest.context_files import ContextFile, Kind, hash_file, list_files
from dockerdecl.manifest.dockerfile import base_references
from dockerdecl.manifest.dockerignore import Dockerignore, parse
from dockerdecl.manifest.nearby import nearest
from dockerdecl.values import dataclass

_IGNORE_FILE = ".dockerignore"
_DEFAULT_NAME = "Dockerfile"
_KEPT_IN_MEMORY = 8 << 20
_REMOTE = expression(r"(?:^|/)(?:(?:https?|git|ssh|oci-layout|docker-image):/|git@[^/]+:)")


@dataclass(frozen=True, slots=True)
class BuildContext:
    """A build's input as it was read.

    `digest` covers what is sent and can be copied into the image: of each file that `.dockerignore` leaves in, its
    path, kind, permissions, link target and content. It does not cover times and owners, which come from a checkout and
    mean nothing. `dockerfile_digest` covers the text of the Dockerfile, and `dockerfile` is its name within the tar.
    `bases` are the references of the external images that the target is built upon.
    """

    directory: Path
    digest: str
    dockerfile: str
    dockerfile_digest: str
    bases: tuple[str, ...]
    files: tuple[ContextFile, ...] = field(repr=False)
    added: tuple[tuple[str, bytes], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Dockerfile:
    """The Dockerfile: `name` is its path in the context (None when it is no plain file there), `shown` as in errors."""

    name: str | None
    shown: str
    text: bytes
    ignore_file: Path | None


def read_context(
    context: Path,
    dockerfile: str = _DEFAULT_NAME,
    *,
    dockerfile_inline: str | None = None,
    build_args: Mapping[str, str] | None = None,
    target: str | None = None,
) -> BuildContext:
    """The context in the directory `context`, with the Dockerfile at `dockerfile` (relative to it, or anywhere).

    `dockerfile_inline` is the Dockerfile's text instead of a file. `build_args` and `target` decide which images count
    as `bases`. `DOCKERFILE.dockerignore` beside the Dockerfile is used instead of the context's `.dockerignore`. Raises
    DockerdeclError if something is missing, can't be read, or is wrong in the Dockerfile or the ignore file.
    """
    try:
        _check_directory(context)
        recipe = _read_dockerfile(context, dockerfile) if dockerfile_inline is None else _inline(dockerfile_inline)
        ignore = _read_ignore(context, recipe)
        bases = base_references(_decoded(recipe.text), build_args=build_args, target=target, file=recipe.shown)
        files = list_files(context, ignore)
        name = recipe.name if recipe.name and not ignore.ignores(recipe.name) else None
        added = _added(context, recipe, files) if name is None else ()
    except OSError as error:
        message = f"{error.filename or context}: {error.strerror or error}"
        raise invalid(Problem("context-unreadable", message, hint="let the current user read it")) from error
    return BuildContext(
        directory=context,
        digest=_digest(files),
        dockerfile=name or added[0][0],
        dockerfile_digest=f"sha256:{hashlib.sha256(recipe.text).hexdigest()}",
        bases=bases,
        files=files,
        added=added,
    )


def open_context_tar(context: BuildContext) -> BinaryIO:
    """The tar to send as the body of a build, the same bytes for the same context; the caller closes it.

    Spooled to a nameless temporary file when large. Raises DockerdeclError if a file is not any more as it was read.
    """
    spool = tempfile.SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY)  # noqa: SIM115 - closed by the caller, who sends it
    replaced = {name for name, _ in context.added}
    try:
        with tarfile.open(fileobj=spool, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for file in context.files:
                if file.path not in replaced:
                    _add(archive, context.directory, file)
            for name, content in context.added:
                member = _member(name, 0o644)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return cast("BinaryIO", spool)


def _check_directory(context: Path) -> None:
    if context.is_dir():
        return
    if _REMOTE.search(str(context)):
        message, hint = f"{context}: a context can't be a URL", "check it out, and name the directory"
        raise invalid(Problem("context-remote", message, hint=hint))
    if context.exists():
        raise invalid(Problem("context-not-a-directory", f"{context}: the build context is not a directory"))
    raise invalid(
        Problem("context-missing", f"{context}: there is no such build context", hint=nearest(context, directory=True))
    )


def _read_dockerfile(context: Path, dockerfile: str) -> _Dockerfile:
    path = context / dockerfile
    if dockerfile == _DEFAULT_NAME and not path.exists() and (context / _DEFAULT_NAME.lower()).is_file():
        path = context / _DEFAULT_NAME.lower()
    path = Path(os.path.normpath(path))
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        hint = nearest(path)
        raise invalid(Problem("dockerfile-missing", f"{path}: there is no such Dockerfile", hint=hint)) from None
    root = Path(os.path.normpath(context))
    # Through a link the engine would look for the file where it was not sent.
    is_plain = path.is_relative_to(root) and path.resolve() == root.resolve() / path.relative_to(root)
    name = path.relative_to(root).as_posix() if is_plain else None
    return _Dockerfile(name, str(path), text, path.with_name(f"{path.name}{_IGNORE_FILE}"))


def _inline(text: str) -> _Dockerfile:
    return _Dockerfile(None, "dockerfile_inline", text.encode(), None)


def _read_ignore(context: Path, recipe: _Dockerfile) -> Dockerignore:
    for path in (recipe.ignore_file, context / _IGNORE_FILE):
        if path is not None and path.is_file():
            return parse(_decoded(path.read_bytes()), str(path))
    return Dockerignore()


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _added(context: Path, recipe: _Dockerfile, files: tuple[ContextFile, ...]) -> tuple[tuple[str, bytes], ...]:
    """What is sent in addition for a Dockerfile that is not among the context's files: first itself, under a new name.

    The engine takes out of the context what the `.dockerignore` it is sent names, if that is the Dockerfile or the file
    itself: so neither of the two is seen by `COPY . .` unless the user's own `.dockerignore` is.
    """
    name = f".dockerfile.{hashlib.sha256(recipe.text).hexdigest()[:16]}"
    ignore = _IGNORE_FILE.encode()
    if any(file.path == _IGNORE_FILE and file.kind is Kind.FILE for file in files):
        ignore = (context / _IGNORE_FILE).read_bytes()
    return (name, recipe.text), (_IGNORE_FILE, ignore + f"\n{name}\n".encode())


def _digest(files: tuple[ContextFile, ...]) -> str:
    total = hashlib.sha256(b"dockerdecl context 1\n")
    for file in files:
        for part in (file.path, file.kind.value, f"{file.mode:o}", file.target, file.content):
            encoded = os.fsencode(part)
            # Lengths keep the parts apart, whatever a file name holds.
            total.update(b"%d:%b" % (len(encoded), encoded))
    return f"sha256:{total.hexdigest()}"


def _member(name: str, mode: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.mode = mode
    return member


def _add(archive: tarfile.TarFile, directory: Path, file: ContextFile) -> None:
    member = _member(file.path, file.mode)
    match file.kind:
        case Kind.FILE:
            _add_file(archive, member, directory / file.path, file)
            return
        case Kind.DIRECTORY:
            member.type = tarfile.DIRTYPE
        case Kind.LINK:
            member.type, member.linkname = tarfile.SYMTYPE, file.target
        case Kind.PIPE:
            member.type = tarfile.FIFOTYPE
    archive.addfile(member)


def _add_file(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, file: ContextFile) -> None:
    try:
        with path.open("rb") as content:
            found = os.fstat(content.fileno())
            member.size = found.st_size
            if stat.S_IMODE(found.st_mode) != file.mode:
                raise _changed(path)
            archive.addfile(member, content)
            content.seek(0)
            if hash_file(content) != file.content:
                raise _changed(path)
    except OSError as error:
        raise _changed(path) from error


def _changed(path: Path) -> DockerdeclError:
    return fail("context-changed", f"{path}: changed while it was being read", hint="run the command again")
