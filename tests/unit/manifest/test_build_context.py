from __future__ import annotations

import os
import shutil
import socket
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerdecl.errors import DockerdeclError, ExitCode
from dockerdecl.manifest.build_context import BuildContext, open_context_tar, read_context
from dockerdecl.manifest.dockerignore import parse

type_of = {tarfile.REGTYPE: "file", tarfile.DIRTYPE: "directory", tarfile.SYMTYPE: "link", tarfile.FIFOTYPE: "pipe"}


@pytest.fixture
def context(tmp_path: Path) -> Path:
    directory = tmp_path / "web"
    (directory / "src").mkdir(parents=True)
    (directory / "Dockerfile").write_text("FROM nginx:1\nCOPY . /\n")
    (directory / "src" / "main.py").write_text("print()\n")
    (directory / "src" / "run").write_text("#!/bin/sh\n")
    (directory / "src" / "run").chmod(0o755)
    (directory / "notes.md").write_text("notes\n")
    return directory


def sent(context: BuildContext) -> dict[str, tuple[str, str, str | bytes]]:
    """What an engine would find in the tar: name to kind, permissions, and content or link target."""
    with open_context_tar(context) as body, tarfile.open(fileobj=body, mode="r|") as archive:
        found: dict[str, tuple[str, str, str | bytes]] = {}
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            value = content.read() if content else member.linkname
            found[member.name] = type_of[member.type], f"{member.mode:o}", value
        return found


def names(context: BuildContext) -> list[str]:
    return list(sent(context))


def failure(act: Callable[[], object]) -> DockerdeclError:
    with pytest.raises(DockerdeclError) as caught:
        act()
    return caught.value


def test_a_context_is_sent_as_it_lies_there(context: Path) -> None:
    for path in (context / "src", context / "src" / "main.py", context / "Dockerfile", context / "notes.md"):
        path.chmod(0o750 if path.is_dir() else 0o640)
    (context / "src" / "link").symlink_to(".//main.py")
    (context / "dangling").symlink_to("/nowhere")
    os.mkfifo(context / "pipe", 0o600)
    read = read_context(context)
    assert sent(read) == {
        "Dockerfile": ("file", "640", b"FROM nginx:1\nCOPY . /\n"),
        "dangling": ("link", "777", "/nowhere"),
        "notes.md": ("file", "640", b"notes\n"),
        "pipe": ("pipe", "600", ""),
        "src": ("directory", "750", ""),
        "src/link": ("link", "777", ".//main.py"),
        "src/main.py": ("file", "640", b"print()\n"),
        "src/run": ("file", "755", b"#!/bin/sh\n"),
    }
    assert (read.dockerfile, read.bases) == ("Dockerfile", ("nginx:1",))


def test_the_same_context_gives_the_same_bytes_whenever_and_by_whomever(context: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(context, copy, copy_function=shutil.copy, symlinks=True)
    os.utime(copy / "notes.md", (1, 1))
    if os.geteuid() == 0:
        os.chown(copy / "notes.md", 1234, 1234)
    first, second = read_context(context), read_context(copy)
    assert first.digest == second.digest
    with open_context_tar(first) as one, open_context_tar(second) as other:
        assert one.read() == other.read()
        one.seek(0)
        with tarfile.open(fileobj=one) as archive:
            assert {(member.mtime, member.uid, member.gid, member.uname) for member in archive} == {(0, 0, 0, "")}


def test_names_of_any_length_and_encoding_arrive(context: Path) -> None:
    long = "/".join(["d" * 60] * 4)
    (context / long).mkdir(parents=True)
    (context / long / "caf\u00e9").touch()
    Path(os.fsdecode(os.fsencode(context) + b"/latin-\xe9")).touch()
    with open_context_tar(read_context(context)) as body, tarfile.open(fileobj=body) as archive:
        found = {os.fsencode(name) for name in archive.getnames()}
    assert {f"{long}/caf\u00e9".encode(), b"latin-\xe9"} <= found


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ("", {".dockerignore", "Dockerfile", "notes.md", "src", "src/main.py", "src/run"}),
        ("src", {".dockerignore", "Dockerfile", "notes.md"}),
        ("src\n!src/run", {".dockerignore", "Dockerfile", "notes.md", "src", "src/run"}),
        ("*\n!**/*.py\n!Dockerfile", {"Dockerfile", "src", "src/main.py"}),
        ("**/r*\n*.md", {".dockerignore", "Dockerfile", "src", "src/main.py"}),
    ],
)
def test_what_the_ignore_file_names_is_not_sent(context: Path, ignore: str, left: set[str]) -> None:
    (context / ".dockerignore").write_text(ignore)
    assert set(names(read_context(context))) == left


def test_an_ignored_dockerfile_is_sent_but_hidden_from_copy(context: Path) -> None:
    (context / ".dockerignore").write_text("Dockerfile\n.dockerignore\n")
    read = read_context(context)
    found = sent(read)
    assert set(found) == {read.dockerfile, ".dockerignore", "notes.md", "src", "src/main.py", "src/run"}
    assert found[read.dockerfile][2] == b"FROM nginx:1\nCOPY . /\n"
    ignored = found[".dockerignore"][2]
    assert isinstance(ignored, bytes)
    # The engine drops from the context what this file names, of the Dockerfile and the file itself.
    assert parse(ignored.decode()).ignores(read.dockerfile)
    assert parse(ignored.decode()).ignores(".dockerignore")


@pytest.mark.parametrize("dockerfile", ["../recipes/web.Dockerfile", "{tmp_path}/recipes/web.Dockerfile", "linked"])
def test_a_dockerfile_may_lie_elsewhere(context: Path, tmp_path: Path, dockerfile: str) -> None:
    recipe = tmp_path / "recipes" / "web.Dockerfile"
    recipe.parent.mkdir()
    recipe.write_text("FROM alpine\n")
    (context / "linked").symlink_to("../recipes/web.Dockerfile")
    (context / ".dockerignore").write_text("*.md")
    read = read_context(context, dockerfile.format(tmp_path=tmp_path))
    found = sent(read)
    assert read.dockerfile.startswith(".dockerfile.")
    assert found[read.dockerfile][2] == b"FROM alpine\n"
    assert found[".dockerignore"][2] == f"*.md\n{read.dockerfile}\n".encode()
    assert read.bases == ("alpine",)
    assert "Dockerfile" in found


def test_a_dockerfile_may_be_written_in_the_manifest(context: Path) -> None:
    (context / "Dockerfile").unlink()
    one = read_context(context, dockerfile_inline="ARG V=1\nFROM alpine:$V\n", build_args={"V": "3"})
    other = read_context(context, dockerfile_inline="FROM alpine:3\n")
    assert one.bases == other.bases == ("alpine:3",)
    assert one.dockerfile_digest != other.dockerfile_digest
    assert one.digest == other.digest
    assert sent(one)[one.dockerfile][2] == b"ARG V=1\nFROM alpine:$V\n"


def test_a_dockerfile_in_a_subdirectory_keeps_its_name(context: Path) -> None:
    (context / "Dockerfile").rename(context / "src" / "web.Dockerfile")
    read = read_context(context, "./src/web.Dockerfile")
    assert read.dockerfile == "src/web.Dockerfile"
    assert "src/web.Dockerfile" in names(read)


def test_the_lower_case_name_is_found_when_none_was_given(context: Path) -> None:
    (context / "Dockerfile").rename(context / "dockerfile")
    assert read_context(context).dockerfile == "dockerfile"


def test_an_ignore_file_of_the_dockerfile_goes_before_the_common_one(context: Path) -> None:
    (context / ".dockerignore").write_text("src")
    (context / "Dockerfile.dockerignore").write_text("*.md")
    assert "src/run" in names(read_context(context))
    assert "notes.md" not in names(read_context(context))


def test_only_what_the_target_needs_counts_as_a_base(context: Path) -> None:
    (context / "Dockerfile").write_text("FROM a AS one\nFROM b\n")
    assert read_context(context, target="one").bases == ("a",)


def _link_instead(context: Path) -> None:
    (context / "notes.md").unlink()
    (context / "notes.md").symlink_to("src/run")


def _socket(context: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(context / "socket"))


SEEN: dict[str, Callable[[Path], object]] = {
    "content": lambda context: (context / "notes.md").write_text("other"),
    "mode": lambda context: (context / "notes.md").chmod(0o600),
    "mode of a directory": lambda context: (context / "src").chmod(0o700),
    "name": lambda context: (context / "notes.md").rename(context / "notes2.md"),
    "place": lambda context: (context / "notes.md").rename(context / "src" / "notes.md"),
    "a new file": lambda context: (context / "new").touch(),
    "an empty directory": lambda context: (context / "new").mkdir(),
    "a link instead": _link_instead,
    "the dockerfile": lambda context: (context / "Dockerfile").write_text("FROM b\n"),
}
UNSEEN: dict[str, Callable[[Path], object]] = {
    "time": lambda context: os.utime(context / "notes.md", (1, 1)),
    "an ignored file": lambda context: (context / "ignored" / "new").touch(),
    "a socket": _socket,
}


def _before_and_after(context: Path, change: Callable[[Path], object]) -> tuple[BuildContext, BuildContext]:
    (context / ".dockerignore").write_text("ignored")
    (context / "ignored").mkdir()
    before = read_context(context)
    change(context)
    return before, read_context(context)


@pytest.mark.parametrize("change", SEEN)
def test_what_a_build_can_see_changes_the_digest(context: Path, change: str) -> None:
    before, after = _before_and_after(context, SEEN[change])
    assert before.digest != after.digest


@pytest.mark.parametrize("change", UNSEEN)
def test_what_a_build_can_not_see_changes_nothing(context: Path, change: str) -> None:
    before, after = _before_and_after(context, UNSEEN[change])
    assert before == after
    assert sent(before) == sent(after)


def test_a_link_that_changes_its_target_changes_the_digest(context: Path) -> None:
    digests = set()
    for target in ("a", "./a", "b"):
        (context / "link").unlink(missing_ok=True)
        (context / "link").symlink_to(target)
        digests.add(read_context(context).digest)
    assert len(digests) == 3


_names = st.sampled_from(["a", "b", "a.py", "d/a", "d/b.py", "d/e/a", "d/e/b", "x/y/z.py"])
_trees = st.dictionaries(_names, st.tuples(st.binary(max_size=3), st.sampled_from([0o644, 0o600, 0o755])), max_size=6)
_ignores = st.lists(st.sampled_from(["*", "d", "!d/e", "**/*.py", "!**/a", "x/**", "!x", "a", "d/?"]), max_size=4).map(
    "\n".join
)


@given(_trees, _trees, _ignores)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_digests_are_equal_just_when_what_is_left_in_is(
    tmp_path_factory: pytest.TempPathFactory,
    one: dict[str, tuple[bytes, int]],
    other: dict[str, tuple[bytes, int]],
    ignore: str,
) -> None:
    contexts = []
    for tree in (one, other):
        directory = tmp_path_factory.mktemp("context")
        (directory / ".dockerignore").write_text(ignore)
        for name, (content, mode) in tree.items():
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(mode)
        contexts.append(read_context(directory, dockerfile_inline="FROM a"))
    first, second = contexts
    assert (first.digest == second.digest) is (sent(first) == sent(second))
    matcher = parse(ignore)
    for name in one:
        assert (name in sent(first)) is not matcher.ignores(name)


@pytest.mark.parametrize("act", ["grow", "shrink", "rewrite", "chmod", "remove"])
def test_a_file_that_changes_before_it_is_sent_is_an_error(context: Path, act: str) -> None:
    read = read_context(context)
    path = context / "notes.md"
    match act:
        case "grow":
            path.write_text("notes\nmore\n")
        case "shrink":
            path.write_text("n")
        case "rewrite":
            path.write_text("other\n")
        case "chmod":
            path.chmod(0o600)
        case "remove":
            path.unlink()
    error = failure(lambda: open_context_tar(read))
    assert (error.code, error.exit_code) == ("context-changed", ExitCode.FAILED)
    assert str(path) in str(error)


@pytest.mark.parametrize(
    ("where", "dockerfile", "code", "hint"),
    [
        ("wep", "Dockerfile", "context-missing", "did you mean web?"),
        ("no/where", "Dockerfile", "context-missing", "there is no directory"),
        ("web/notes.md", "Dockerfile", "context-not-a-directory", None),
        ("https://github.com/a/b.git#main", "Dockerfile", "context-remote", "check it out"),
        ("git@github.com:a/b.git", "Dockerfile", "context-remote", "check it out"),
        ("web", "Dockerfil", "dockerfile-missing", "did you mean Dockerfile?"),
        ("web", "none/Dockerfile", "dockerfile-missing", "there is no directory"),
    ],
)
def test_what_is_missing_is_named_with_what_is_near(
    context: Path, where: str, dockerfile: str, code: str, hint: str | None
) -> None:
    error = failure(lambda: read_context(context.parent / where, dockerfile))
    assert (error.code, error.exit_code) == (code, ExitCode.INVALID)
    assert (hint or "") in (error.problems[0].hint or "")


def test_a_directory_is_no_dockerfile(context: Path) -> None:
    error = failure(lambda: read_context(context, "src"))
    assert (error.code, error.exit_code) == ("context-unreadable", ExitCode.INVALID)
    assert str(context / "src") in str(error)


def test_everything_that_can_not_be_read_is_named_at_once(context: Path) -> None:
    (context / "src" / "main.py").chmod(0)
    (context / "notes.md").chmod(0)
    with _as_nobody(context.parent):
        error = failure(lambda: read_context(context))
    assert error.code == "context-unreadable"
    assert {problem.message.split(":")[0] for problem in error.problems} == {
        str(context / "src" / "main.py"),
        str(context / "notes.md"),
    }


def test_what_is_ignored_need_not_be_readable(context: Path) -> None:
    (context / "notes.md").chmod(0)
    (context / ".dockerignore").write_text("*.md")
    with _as_nobody(context.parent):
        assert read_context(context).bases == ("nginx:1",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
def test_a_device_is_an_error(context: Path) -> None:
    os.mknod(context / "null", 0o20666, os.makedev(1, 3))
    assert failure(lambda: read_context(context)).code == "context-unreadable"


def test_a_wrong_ignore_file_and_a_wrong_dockerfile_are_shown_at_their_line(context: Path) -> None:
    (context / ".dockerignore").write_text("a\n[")
    assert str(failure(lambda: read_context(context)).problems[0].where) == f"{context}/.dockerignore:2:1"
    (context / ".dockerignore").unlink()
    (context / "Dockerfile").write_text("FROM a b\n")
    assert str(failure(lambda: read_context(context)).problems[0].where) == f"{context}/Dockerfile:1:1"


def test_large_contexts_are_sent_whole(context: Path) -> None:
    (context / "large").write_bytes(os.urandom(20 << 20))
    assert sent(read_context(context))["large"][2] == (context / "large").read_bytes()


@contextmanager
def _as_nobody(*directories: Path) -> Iterator[None]:
    """Run as a user without rights, for whom the way to `directories` is open."""
    if os.geteuid() != 0:
        yield
        return
    opened = [parent for directory in directories for parent in (directory, *directory.parents) if parent != Path("/")]
    modes = [(parent, mode) for parent in opened if (mode := parent.stat().st_mode & 0o7777) & 0o5 != 0o5]
    for parent, mode in modes:
        parent.chmod(mode | 0o755)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for parent, mode in modes:
            parent.chmod(mode)
