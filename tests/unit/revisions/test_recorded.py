"""A manifest that was written down is the same when it is read again, and holds nothing secret."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dockerdecl.errors import DockerdeclError
from dockerdecl.manifest.manifest import Manifest, load
from dockerdecl.manifest.recorded import manifest_from_record, record_tree
from dockerdecl.resources.desired import Desired, Pull
from dockerdecl.resources.masking import MASK
from dockerdecl.resources.record import RevisionDocument
from tests.unit.revisions.documents import document

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/dockerdecl.yaml"))
HEAD = "apiVersion: dockerdecl/v1\nproject: shop\n"


def manifest_in(folder: Path, **environ: str) -> Manifest:
    """What the folder's manifest declares."""
    return load((), environ=environ, env_files=(), working_directory=folder)


def written(folder: Path, text: str, **environ: str) -> Manifest:
    """What a manifest of this text declares."""
    (folder / "dockerdecl.yaml").write_text(HEAD + text)
    return manifest_in(folder, **environ)


def recorded(manifest: Manifest) -> RevisionDocument:
    """The manifest in a revision that went the way over JSON."""
    declared, hidden = record_tree(manifest)
    read: RevisionDocument = json.loads(json.dumps(document(declared=declared, hidden=hidden)))
    return read


def without_sources(desired: Desired) -> Desired:
    """What is desired, wherever the images come from: files of then are not there any more."""
    images = {address: replace(image, source=Pull("missing")) for address, image in desired.images.items()}
    return replace(desired, images=images)


def read_again(record: RevisionDocument, current: Manifest | None, folder: Path) -> Manifest:
    """The manifest of a revision."""
    return manifest_from_record(record, {}, current=current, held={}, environ={}, working_directory=folder)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_the_same_after_it_was_written_down(example: Path, tmp_path: Path) -> None:
    """What it takes from env files, variables, includes and overlays stands in the record."""
    folder = tmp_path / example.name
    shutil.copytree(example, folder)
    subprocess.run([sys.executable, ROOT / "examples" / "prepare", example.name, folder], check=True)
    manifest = manifest_in(folder, HOME="/root", DB_PASSWORD="correct horse", API_TOKEN="t-123456")
    again = read_again(recorded(manifest), manifest, folder)
    assert without_sources(again.desired("k")) == without_sources(manifest.desired("k"))


def test_a_record_holds_nothing_secret(tmp_path: Path) -> None:
    """Neither values with telling names, nor what came from variables with such names, wherever it was put."""
    text = """
secrets:
  written: {content: hunter22}
  given: {environment: DB_PASSWORD}
configs: {listen: {content: "port = 80"}}
containers:
  web:
    image: web:1
    environment: {API_KEY: k-123456, URL: "https://${TOKEN}@host", TERM: xterm}
    command: [serve, "--with=${TOKEN}"]
    labels: ["com.example.secret=l-123456", "com.example.team=shop"]
    secrets: [written, given]
    post_start: [{command: [go], environment: ["AUTH_TOKEN=h-123456"]}]
images:
  tool: {ref: "tool:1", build: {context: ., args: {NPM_TOKEN: n-123456}}}
"""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    manifest = written(tmp_path, text, DB_PASSWORD="correct horse", TOKEN="t-123456")
    record = recorded(manifest)
    shown = json.dumps(record)
    assert [secret for secret in ("hunter22", "correct horse", "-123456") if secret in shown] == []
    web = record["declared"]["containers"]["web"]
    assert web["environment"] == {"API_KEY": MASK, "URL": f"https://{MASK}@host", "TERM": "xterm"}
    assert web["command"] == ["serve", f"--with={MASK}"]
    assert web["labels"] == {"com.example.secret": MASK, "com.example.team": "shop"}
    assert web["post_start"] == [{"command": ["go"], "environment": [f"AUTH_TOKEN={MASK}"]}]
    assert record["declared"]["secrets"]["given"] == {"environment": "DB_PASSWORD"}
    again = read_again(record, manifest, tmp_path)
    assert without_sources(again.desired("k")) == without_sources(manifest.desired("k"))


def test_what_was_left_out_comes_from_now_or_is_missed_by_its_place(tmp_path: Path) -> None:
    """A secret that was changed since has its present value; one that nothing has is told before anything begins."""
    text = 'containers:\n  web: {image: "web:1", environment: {API_KEY: "${KEY}"}}\n'
    record = recorded(written(tmp_path, text, KEY="k-123456"))
    now = written(tmp_path, text, KEY="k-654321")
    assert read_again(record, now, tmp_path).document.containers["web"].environment == {"API_KEY": "k-654321"}
    held = manifest_from_record(
        record, {}, current=None, held={"web": {"API_KEY": "k-held"}}, environ={}, working_directory=tmp_path
    )
    assert held.document.containers["web"].environment == {"API_KEY": "k-held"}
    with pytest.raises(DockerdeclError, match=r"needs a value for `containers\.web\.environment\.API_KEY`"):
        read_again(record, None, tmp_path)


def test_files_are_those_of_then_and_secrets_those_of_now(tmp_path: Path) -> None:
    """Configs and env files stand in the record; a secret's file is read again, and must be there."""
    (tmp_path / "a.env").write_text("LOG_LEVEL=info\n")
    (tmp_path / "motd").write_text("one\n")
    (tmp_path / "key").write_text("correct horse")
    text = (
        "secrets: {key: {file: key}}\nconfigs: {motd: {file: motd}}\n"
        'containers:\n  web: {image: "web:1", env_file: a.env, secrets: [key], configs: [motd]}\n'
    )
    manifest = written(tmp_path, text)
    record = recorded(manifest)
    for name in ("a.env", "motd"):
        (tmp_path / name).unlink()
    again = read_again(record, None, tmp_path)
    assert again.document.containers["web"].environment == {"LOG_LEVEL": "info"}
    assert again.contents == manifest.contents
    (tmp_path / "key").unlink()
    with pytest.raises(DockerdeclError, match=r"revision 1: the file .*key does not exist"):
        read_again(record, None, tmp_path)


COMMAND = """containers:
  web:
    image: web:1
    command: [serve, --password, {0}, --threads, "{1}", "http://me:{0}@{2}/"]
    environment: {{UPSTREAM: "http://me:{0}@{2}/"}}
"""


def test_what_is_hidden_within_a_text_comes_back_and_the_rest_is_that_of_then(tmp_path: Path) -> None:
    """A password after its option, or in a URL, is no part of a record; all around it is, and goes back."""
    then = written(tmp_path, COMMAND.format("h-123456", 2, "old"))
    record = recorded(then)
    assert "h-123456" not in json.dumps(record)
    assert record["declared"]["containers"]["web"]["environment"] == {"UPSTREAM": f"http://me:{MASK}@old/"}
    assert without_sources(read_again(record, then, tmp_path).desired("k")) == without_sources(then.desired("k"))
    now = written(tmp_path, COMMAND.format("h-654321", 8, "new"))
    web = read_again(record, now, tmp_path).document.containers["web"]
    assert web.command == ("serve", "--password", "h-654321", "--threads", "2", "http://me:h-654321@old/")
    assert web.environment == {"UPSTREAM": "http://me:h-654321@old/"}
    other = written(tmp_path, 'containers:\n  web: {image: "web:1", command: [serve]}\n')
    with pytest.raises(DockerdeclError, match=r"needs a value for `containers\.web\.command\.2`"):
        read_again(record, other, tmp_path)


def test_what_has_no_value_is_written_down_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "dockerdecl.yaml").write_text(
        "apiVersion: dockerdecl/v1\nproject: shop\nvolumes: {data: }\n"
        "containers: {web: {image: x, environment: {INHERITED: }, healthcheck: {disable: true}, ports: [80]}}\n"
    )
    tree, hidden = record_tree(manifest_in(tmp_path))
    assert tree["volumes"] == {"data": None} and hidden == []
