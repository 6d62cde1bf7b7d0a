"""Registries by hand, with TLS and a password: log in, push, search, pull, log out, and what goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerdecl.manifest.lock_file import write_lock
from tests.support.engines import PrivateEngine
from tests.support.images import SHELL, import_busybox
from tests.support.program import surroundings
from tests.support.registry import PASSWORD, USER, Certificates, Registry, make_certificates, registry

pytestmark = pytest.mark.newest

REPOSITORY = Path(__file__).parents[2]
MANIFEST = """
apiVersion: dockerdecl/v1
project: by-hand
images:
  app: {ref: "REGISTRY/shop/app:1.9", tags: ["REGISTRY/shop/app:1.10"], pull: never, push: true}
  local: {ref: "local/other:1", pull: never}
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def guarded(engine: PrivateEngine, certificates: Certificates) -> Iterator[Registry]:
    with registry(engine, protected=True, tls=certificates) as one:
        yield one


class Hand:
    """The program in the engine's box, where the registry is."""

    def __init__(self, engine: PrivateEngine, folder: Path) -> None:
        self.engine, self.folder = engine, folder

    def __call__(self, *arguments: str, stdin: str = "", expect: int = 0, **environment: str) -> str:
        environ = {**surroundings(self.engine.host, self.folder, environment), "PYTHONPATH": str(REPOSITORY)}
        command = self.engine.inside(sys.executable, "-m", "dockerdecl", *arguments)
        done = subprocess.run(
            command, cwd=self.folder, env=environ, input=stdin, capture_output=True, text=True, check=False, timeout=60
        )
        output = done.stdout + done.stderr
        assert done.returncode == expect, f"{arguments}: {done.returncode}\n{output}"
        assert PASSWORD not in output and "Traceback" not in output
        return output


def test_round_trip(engine: PrivateEngine, guarded: Registry, certificates: Certificates, tmp_path: Path) -> None:
    """What is pushed is found and pulled again; without a login, or a wrong one, it is said what to do."""
    hand, name = Hand(engine, tmp_path), guarded.address
    app = f"{name}/shop/app"
    (tmp_path / "dockerdecl.yaml").write_text(MANIFEST.replace("REGISTRY", name))
    import_busybox(engine, f"{app}:1.9")
    engine.docker("tag", f"{app}:1.9", f"{app}:1.10")
    credentials = ("--username", USER, "--password-stdin")
    assert f"dockerdecl login {name}" in hand("push", "app", expect=1)
    assert f"dockerdecl login {name}" in hand("search", name, expect=1)
    hand("login", name, *credentials, stdin="wrong\n", expect=1)
    assert not (tmp_path / ".docker/config.json").exists()
    assert "not encrypted" in hand("login", name, *credentials, stdin=f"{PASSWORD}\n")
    config = tmp_path / ".docker/config.json"
    assert config.stat().st_mode & 0o777 == 0o600 and name in json.loads(config.read_text())["auths"]
    pushed = json.loads(hand("push", "--format", "json"))["images"]
    assert [each["reference"] for each in pushed] == [f"{app}:1.9", f"{app}:1.10"]
    assert f"Pushed {app}:1.9@{pushed[0]['digest']}" in hand("push", f"{app}:1.9")
    authority = str(certificates.authority)
    found = json.loads(hand("search", f"{name}/shop", "--format", "json", DOCKERDECL_REGISTRY_CA=authority))
    assert found["images"][0]["tags"] == ["1.9", "1.10"] and found["complete"]
    assert "1.9, 1.10" in hand("search", name, "--limit", "1")
    engine.docker("rmi", f"{app}:1.9", f"{app}:1.10")
    assert f"Pulled {app}:1.9@{pushed[0]['digest']}" in hand("pull", f"{app}:1.9")
    assert "nothing-to-transfer" in hand("pull", expect=1)
    assert "removed from" in hand("logout", name)
    assert "There is no login" in hand("logout", name)
    assert f"dockerdecl login {name}" in hand("pull", f"{app}:1.10", expect=1)
    engine.docker("rmi", f"{app}:1.9")


def test_a_keep_rule_clears_a_registry(engine: PrivateEngine, guarded: Registry, tmp_path: Path) -> None:
    """Of the tags that are alike, the newest stay; others, and what is declared, stay in any case."""
    hand, name = Hand(engine, tmp_path), guarded.address
    app = f"{name}/kept/app"
    image = f'{{ref: "{app}:1.9", pull: never, push: true, keep: 2}}'
    manifest = f"apiVersion: dockerdecl/v1\nproject: keeping\nimages: {{app: {image}}}\n"
    (tmp_path / "dockerdecl.yaml").write_text(manifest)
    hand("login", name, "--username", USER, "--password-stdin", stdin=PASSWORD)
    assert "Nothing to clear away" in hand("prune", "--registry", "--yes")
    pushed = {}
    for tag in ("1.8", "1.9", "1.10", "1.11", "latest"):
        import_busybox(engine, f"{app}:{tag}", (*SHELL, f"ENV RELEASE={tag}"))
        pushed[tag] = json.loads(hand("push", f"{app}:{tag}", "--format", "json"))["images"][0]["digest"]
        if tag != "1.9":
            engine.docker("rmi", f"{app}:{tag}")
    assert "confirmation-needed" in hand("prune", "--registry", expect=64)
    write_lock(tmp_path / "dockerdecl.lock", {f"{app}:1.8": pushed["1.8"]})
    assert "Nothing to clear away" in hand("prune", "--registry", "--yes")
    (tmp_path / "dockerdecl.lock").unlink()
    gone = json.loads(hand("prune", "--registry", "--yes", "--format", "json"))["removed"]
    assert [each["reference"] for each in gone] == [f"{app}:1.8"]
    assert json.loads(hand("search", f"{name}/kept", "--format", "json"))["images"][0]["tags"] == [
        *("1.9", "1.10", "1.11"),
        "latest",
    ]
    assert "Nothing to clear away" in hand("prune", "--registry", "--yes")
    engine.docker("rmi", f"{app}:1.9")


def test_what_goes_wrong(engine: PrivateEngine, guarded: Registry, tmp_path: Path) -> None:
    """A wrong authority, a registry that is down, a name that is none, and no terminal to ask on."""
    hand = Hand(engine, tmp_path)
    wrong = make_certificates(tmp_path / "other").authority
    assert "registry-untrusted" in hand("search", guarded.address, "--registry-ca", str(wrong), expect=1)
    assert "registry-unreachable" in hand("search", "127.0.0.1:1/a", expect=1)
    assert "registry-name-invalid" in hand("login", "nowhere/at/all", "-u", "me", "--password-stdin", expect=64)
    assert "--password-stdin" in hand("login", guarded.address, expect=64)
    assert "manifest-needed" in hand("push", "image.none", expect=1)


def test_a_credential_helper(engine: PrivateEngine, guarded: Registry, tmp_path: Path) -> None:
    """Where one is configured, the password is with it and not in the file, whose other keys stay."""
    hand, name = Hand(engine, tmp_path), guarded.address
    helper = tmp_path / "docker-credential-box"
    helper.write_text(
        f"#!/bin/sh\ncase $1 in store) cat > {tmp_path}/kept;; get) test -s {tmp_path}/kept && cat {tmp_path}/kept ||"
        f" {{ echo credentials not found; exit 1; }};; erase) rm {tmp_path}/kept;; esac\n"
    )
    helper.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    (tmp_path / ".docker").mkdir()
    config = tmp_path / ".docker/config.json"
    config.write_text('{"credsStore": "box", "detachKeys": "ctrl-x"}')
    told = hand("login", name, "-u", USER, "--password-stdin", stdin=PASSWORD, PATH=path)
    assert "docker-credential-box" in told and PASSWORD in (tmp_path / "kept").read_text()
    assert json.loads(config.read_text()) == {"credsStore": "box", "detachKeys": "ctrl-x", "auths": {name: {}}}
    hand("search", name, PATH=path)
    hand("logout", name, PATH=path)
    assert not (tmp_path / "kept").exists() and json.loads(config.read_text())["auths"] == {}
