"""What the files that a manifest names give: secrets, environments, archives and build contexts."""

from __future__ import annotations

import hashlib
import io
import lzma
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from dockerdecl.manifest.manifest import Manifest
from dockerdecl.resources.desired import Built, Import, Load
from tests.unit.manifest.loading import loaded, refused

SAVED = Path(__file__).parent / "archives"
PASSWORD = "hunter2"


def environment_of(manifest: Manifest, key: str = "web") -> Mapping[str, str | None]:
    return manifest.document.containers[key].environment or {}


def tar_of(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_secrets_come_from_files_variables_and_texts(tmp_path: Path) -> None:
    text = """
secrets: {a: {file: keys/a}, b: {environment: B}, c: {content: "${B}!"}}
configs: {a: {file: keys/a}}
"""
    contents = loaded(tmp_path, text, {"keys/a": b"\x00\xff\n"}, environ={"B": PASSWORD}).contents
    assert contents.secrets == {"a": b"\x00\xff\n", "b": PASSWORD.encode(), "c": f"{PASSWORD}!".encode()}
    assert contents.configs == {"a": b"\x00\xff\n"}


def test_a_secret_may_come_from_the_env_file_beside_the_manifest(tmp_path: Path) -> None:
    manifest = loaded(tmp_path, "secrets: {a: {environment: A}}\n", {".env": f"A={PASSWORD}\n"})
    assert manifest.contents.secrets == {"a": PASSWORD.encode()}


def test_a_manifest_never_shows_a_secret(tmp_path: Path) -> None:
    text = "secrets: {a: {environment: A}}\ncontainers: {web: {image: web, env_file: web.env, secrets: [a]}}\n"
    manifest = loaded(tmp_path, text, {"web.env": "A=b"}, environ={"A": PASSWORD})
    (container,) = manifest.desired("key").containers.values()
    assert container.files[0].content == PASSWORD.encode()
    assert PASSWORD not in f"{manifest!r} {container!r}"


def test_nothing_is_read_where_contents_are_not_needed(tmp_path: Path) -> None:
    text = """
secrets: {a: {file: nowhere}}
images: {web: {ref: "web:1", load: nowhere.tar}}
containers: {web: {image: web, env_file: nowhere.env, secrets: [a]}}
"""
    manifest = loaded(tmp_path, text, need_contents=False)
    assert manifest.contents.secrets == {}
    assert len(manifest.desired("key").containers) == 1


def test_env_files_lie_beneath_the_environment_the_last_on_top(tmp_path: Path) -> None:
    text = """
containers:
  web:
    image: web
    env_file: [one.env, {path: two.env}, {path: nowhere.env, required: false}]
    environment: {C: "4"}
"""
    files = {"one.env": "A=1\nB=1\nC=1\n", "two.env": "B=2\nC=2\nD=${A}${C}${E}\n"}
    manifest = loaded(tmp_path, text, files, environ={"E": "outer", "B": "outer"})
    assert environment_of(manifest) == {"A": "1", "B": "2", "C": "4", "D": "14outer"}


def test_a_raw_env_file_is_taken_as_it_is_written(tmp_path: Path) -> None:
    text = "containers: {web: {image: web, env_file: [{path: a.env, format: raw}]}}\n"
    content = "# comment\n\n  A='${X}' # not one\nB=a=b\nX\nY\nC=\n"
    manifest = loaded(tmp_path, text, {"a.env": content}, environ={"X": "outer"})
    assert environment_of(manifest) == {"A": "'${X}' # not one", "B": "a=b", "X": "outer", "C": ""}


@pytest.mark.parametrize("form", ["[A, B, 'C=']", "{A: , B: null, C: ''}"])
def test_a_variable_without_a_value_is_taken_from_outside(tmp_path: Path, form: str) -> None:
    text = f"containers: {{web: {{image: web, environment: {form}}}}}\n"
    assert environment_of(loaded(tmp_path, text, environ={"A": "outer"})) == {"A": "outer", "B": None, "C": ""}


def test_a_problem_in_an_env_file_shows_neither_its_line_nor_a_value(tmp_path: Path) -> None:
    text = "containers: {web: {image: web, env_file: a.env}, db: {image: db, env_file: [a.env]}}\n"
    (problem,) = refused(tmp_path, text, files={"a.env": f"A='{PASSWORD}\n"})
    assert problem.line is None
    assert PASSWORD not in f"{problem.message} {problem.hint}"


def test_a_variable_that_an_env_file_lacks_is_a_warning(tmp_path: Path) -> None:
    text = "containers: {web: {image: web, env_file: a.env}}\n"
    (warning,) = loaded(tmp_path, text, {"a.env": "A=$NOWHERE\n"}).warnings
    assert (warning.code, str(warning.where)) == ("variable-unset", "a.env:1:3")


@pytest.mark.parametrize("name", ["engine-20.10", "engine-26.1", "engine-26.1-containerd"])
def test_a_loaded_image_is_known_by_its_ids_and_its_layers(tmp_path: Path, name: str) -> None:
    archive = lzma.decompress((SAVED / f"{name}.tar.xz").read_bytes())
    text = """
images: {tiny: {ref: "tiny:1", load: all.tar}, web: {ref: "localhost:5000/shop/web:2", load: all.tar}}
"""
    manifest = loaded(tmp_path, text, {"all.tar": archive})
    tiny, web = manifest.contents.sources["tiny"], manifest.contents.sources["web"]
    assert isinstance(tiny, Load)
    assert isinstance(web, Load)
    assert web.layers[: len(tiny.layers)] == tiny.layers
    assert not tiny.ids & web.ids
    with tiny.content.open() as stream:
        assert stream.read() == archive


def test_an_archive_without_the_image_names_what_it_holds(tmp_path: Path) -> None:
    archive = lzma.decompress((SAVED / "engine-26.1.tar.xz").read_bytes())
    text = "images: {a: {ref: 'other:1', load: all.tar}}\n"
    (problem,) = refused(tmp_path, text, files={"all.tar": archive})
    assert problem.code == "archive-lacks-image"
    assert problem.hint is not None
    assert "tiny:1" in problem.hint
    assert problem.where is not None
    assert (problem.where.line, problem.where.column) == (3, 36)


def test_an_import_is_known_by_its_layer(tmp_path: Path) -> None:
    root = tar_of("bin/sh", b"x")
    text = "images: {a: {ref: 'a:1', import: root.tar.xz, changes: ['CMD sh']}}\n"
    source = loaded(tmp_path, text, {"root.tar.xz": lzma.compress(root)}).contents.sources["a"]
    assert isinstance(source, Import)
    assert source.layer == f"sha256:{hashlib.sha256(root).hexdigest()}"
    assert source.changes == ("CMD sh",)
    with source.content.open() as stream:
        assert stream.read() == root


CONTEXT = {"tool/Dockerfile": "ARG BASE=base:1\nFROM $BASE AS one\nFROM one AS two\nCOPY . /\n", "tool/file": "x"}
BUILD = "images: {a: {ref: 'a:1', build: {context: ./tool, args: {BASE: 'base:2', V: }}}}\n"


def built(folder: Path, text: str = BUILD, files: Mapping[str, str] = CONTEXT, **environ: str) -> Built:
    source = loaded(folder, text, files, environ=environ).contents.sources["a"]
    assert isinstance(source, Built)
    return source


def test_a_build_knows_its_bases_and_sends_its_context(tmp_path: Path) -> None:
    source = built(tmp_path, V="1")
    assert source.bases == ("base:2",)
    assert source.spec.args == {"BASE": "base:2", "V": "1"}
    with source.content.open() as stream, tarfile.open(fileobj=stream) as archive:
        assert sorted(archive.getnames()) == ["Dockerfile", "file"]


def test_an_argument_that_is_set_nowhere_is_left_to_the_dockerfile(tmp_path: Path) -> None:
    assert built(tmp_path).spec.args == {"BASE": "base:2"}


@pytest.mark.parametrize(
    ("text", "files", "environ"),
    [
        (BUILD, {"tool/file": "y"}, {}),
        (BUILD, {"tool/Dockerfile": "FROM base:2\n"}, {}),
        (BUILD, {}, {"V": "1"}),
        (BUILD.replace("args:", "target: one, args:"), {}, {}),
        (BUILD.replace("args:", "network: host, args:"), {}, {}),
        (BUILD.replace("args:", "labels: {a: b}, args:"), {}, {}),
        (BUILD.replace("build:", "platform: linux/arm64, build:"), {}, {}),
    ],
    ids=["a file", "the Dockerfile", "a variable", "the target", "the network", "a label", "the platform"],
)
def test_a_build_is_another_one_when(tmp_path: Path, text: str, files: dict[str, str], environ: dict[str, str]) -> None:
    before = built(tmp_path).digest
    assert built(tmp_path, text, {**CONTEXT, **files}, **environ).digest != before


def test_a_build_is_the_same_one_wherever_it_lies(tmp_path: Path) -> None:
    assert built(tmp_path / "a").digest == built(tmp_path / "b").digest


def test_a_build_without_a_context_is_made_from_the_folder_of_the_manifest(tmp_path: Path) -> None:
    text = "images: {a: {ref: 'a:1', build: {dockerfile_inline: 'FROM base:1'}}}\n"
    with built(tmp_path, text, {"file": "x"}).content.open() as stream, tarfile.open(fileobj=stream) as archive:
        assert "file" in archive.getnames()


def test_a_seccomp_profile_is_given_as_its_json(tmp_path: Path) -> None:
    text = "containers: {web: {image: a, security_opt: [no-new-privileges, 'seccomp:strict.json', seccomp=builtin]}}"
    manifest = loaded(tmp_path, text, {"strict.json": '{\n  "defaultAction": "SCMP_ACT_ALLOW"\n}'})
    given = manifest.document.containers["web"].security_opt
    assert given == ("no-new-privileges", 'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', "seccomp=builtin")


@pytest.mark.parametrize(("files", "code"), [({}, "file-not-found"), ({"strict.json": "{"}, "wrong-value")])
def test_a_seccomp_profile_that_is_none_is_told_where_it_is_named(
    tmp_path: Path, files: dict[str, str], code: str
) -> None:
    text = "containers: {web: {image: a, security_opt: [no-new-privileges, seccomp=strict.json]}}"
    (problem,) = refused(tmp_path, text, files=files)
    assert problem.code == code
    assert "strict.json" in problem.message
    assert problem.where is not None
    assert (problem.where.line, problem.where.column) == (3, text.index("seccomp") + 1)
