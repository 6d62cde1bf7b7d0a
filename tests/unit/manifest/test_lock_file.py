"""The lock file: its text and back, what is wrong with it, and a manifest that it fits or not."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.errors import DockerdeclError, ExitCode
from dockerdecl.manifest.lock_file import lock_text, parse_lock, read_lock, with_lock_file, write_lock
from dockerdecl.manifest.texts import SourceText
from dockerdecl.resources.desired import Built, Locked
from tests.unit.manifest.loading import loaded

FORMATS = Path(__file__).parents[2] / "cases" / "formats" / "v1"
REPOSITORIES = st.sampled_from(
    ("web", "shop/web", "localhost:5000/web", "registry.example.org/a/b-c_d", "[::1]:5000/x")
)
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
REFERENCES = st.builds("{}:{}".format, REPOSITORIES, TAGS)
MANIFEST = """
images:
  web: {ref: "web:1"}
  tool: {ref: "tool:1", build: tool}
  old: {ref: "old:1", state: absent}
  own: {ref: "own:1", pull: never}
containers:
  web: {image: web}
  again: {image: "docker.io/library/web:1"}
  fixed: {image: "web@sha256:DIGEST"}
  made: {image: tool}
  debug: {image: "debug:1", profiles: [debug]}
  wrong: {image: "Not A Reference", profiles: [wrong]}
"""
DOCKERFILE = "FROM base:1 AS first\nFROM own:1\nCOPY --from=first /a /a\n"


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


ALL = {reference: digest(reference) for reference in ("base:1", "debug:1", "web:1")}


def parsed(text: str) -> dict[str, str]:
    return parse_lock(SourceText("dockerdecl.lock", Path("dockerdecl.lock"), text, ""))


def said(text: str) -> list[str]:
    with pytest.raises(DockerdeclError) as raised:
        parsed(text)
    assert raised.value.exit_code is ExitCode.INVALID
    return [str(problem) for problem in raised.value.problems]


@given(st.dictionaries(REFERENCES, st.builds(digest, st.text())))
def test_what_is_written_is_read(digests: dict[str, str]) -> None:
    text = lock_text(digests)
    assert parsed(text) == digests
    lines = text.partition("[images]\n")[2].splitlines()
    assert lines == sorted(lines, key=lambda line: line.partition('"')[2].partition('"')[0])


def test_every_version_ever_written_is_read() -> None:
    assert read_lock(FORMATS / "dockerdecl.lock", FORMATS) == ALL
    assert (FORMATS / "dockerdecl.lock").read_text() == lock_text(ALL)


def test_a_newer_version_is_refused_and_a_newer_revision_is_not() -> None:
    text = lock_text(ALL)
    assert said(text.replace("version = 1", "version = 2")) == [
        "dockerdecl.lock has version 2, and this dockerdecl reads version 1"
    ]
    assert parsed(text.replace("revision = 1", "revision = 9\nmore = true") + "[further]\nx = 1\n") == ALL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<<<<<<< HEAD\n", "dockerdecl.lock:1:1: dockerdecl.lock is not TOML: Invalid statement"),
        ("", "dockerdecl.lock is no lock file: it lacks `version = 1`, or `images` is no table"),
        (
            "version = 1\nimages = 3\n",
            "dockerdecl.lock is no lock file: it lacks `version = 1`, or `images` is no table",
        ),
        (
            'version = 1\n[images]\n"web:1" = "sha256:12"\n',
            "dockerdecl.lock:3:1: `web:1` has no digest: it takes the form `sha256:` and 64 hex digits",
        ),
        (
            f'version = 1\n[images]\n"web:" = "{digest("")}"\n',
            "dockerdecl.lock:3:1: `web:` has a colon but no tag: write a tag after it, or leave the colon out",
        ),
    ],
)
def test_what_is_wrong_with_a_lock_file_is_said_with_its_line(text: str, expected: str) -> None:
    assert said(text) == [expected]


def test_a_lock_file_keeps_its_mode_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path, link = tmp_path / "dockerdecl.lock", tmp_path / "link"
    write_lock(path, {})
    path.chmod(0o640)
    link.symlink_to(path)
    write_lock(link, ALL)
    assert read_lock(path, tmp_path) == ALL
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["dockerdecl.lock", "link"]


def test_a_lock_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(DockerdeclError, match="can't be written: No such file or directory"):
        write_lock(tmp_path / "nowhere" / "dockerdecl.lock", ALL)


def locked(folder: Path, digests: dict[str, str]) -> dict[str, object]:
    "the sources of the images, where the manifest is taken with these digests"
    manifest = loaded(folder, MANIFEST.replace("DIGEST", "0" * 64), {"tool/Dockerfile": DOCKERFILE})
    write_lock(folder / "dockerdecl.lock", digests)
    desired = with_lock_file(manifest, folder / "dockerdecl.lock", folder).desired("key")
    return {str(address): image.source for address, image in desired.images.items()}


def test_images_and_bases_are_the_ones_of_the_lock_file(tmp_path: Path) -> None:
    sources = locked(tmp_path, ALL)
    by_digest = Locked(f"web@{ALL['web:1']}")
    assert (sources["image.web"], sources["image.web:1"]) == (by_digest, by_digest)
    tool = sources["image.tool"]
    assert isinstance(tool, Built)
    assert tool.locked == {"base:1": f"base@{ALL['base:1']}"}
    assert not any(isinstance(sources[f"image.{key}"], Locked) for key in ("old", "own", f"web@sha256:{'0' * 64}"))


def test_a_lock_file_that_does_not_fit_is_said_whole(tmp_path: Path) -> None:
    with pytest.raises(DockerdeclError) as raised:
        locked(tmp_path, {"web:1": digest("web:1"), "former:1": digest("")})
    assert [str(problem) for problem in raised.value.problems] == [
        "dockerdecl.lock:6:1: nothing in the manifest needs former:1 any more",
        "dockerdecl.yaml:6:3: dockerdecl.lock has no digest of the image base:1",
        "dockerdecl.yaml:14:11: dockerdecl.lock has no digest of the image debug:1",
    ]
    assert {problem.hint for problem in raised.value.problems} == {"run `dockerdecl lock`"}
    assert raised.value.exit_code is ExitCode.INVALID
