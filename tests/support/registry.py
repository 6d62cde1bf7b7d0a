"""A registry beside a private engine. Takes an engine, gives Debian's docker-registry on the loopback of its box.

Reached at `address` by the engine only, over plain HTTP, which engines allow on 127.0.0.0/8.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.engines import PrivateEngine, tied_to_owner
from tests.support.eventually import eventually
from tests.support.images import SHELL, import_busybox

USER, PASSWORD = "tester", "open-sesame"
# bcrypt of PASSWORD, the only kind of hash that docker-registry reads
HTPASSWD = "tester:$2b$05$abcdefghijklmnopqrstuutXu9KzOt.1yBoZUeFWoT/914/JfszCO\n"
_FREE_PORT = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry that runs: references begin with `address`; `protected` ones want USER and PASSWORD."""

    engine: PrivateEngine
    address: str
    protected: bool

    def push(self, reference: str) -> None:
        """Push an image of the engine to this registry. Raises AssertionError with the registry's words."""
        credentials = {"username": USER, "password": PASSWORD, "serveraddress": self.address} if self.protected else {}
        header = base64.urlsafe_b64encode(json.dumps(credentials).encode()).decode()
        repository, _, tag = reference.rpartition(":")
        progress = self.engine.api(
            "POST", f"/images/{repository}/push", query={"tag": tag}, headers={"X-Registry-Auth": header}
        )
        errors = [line["error"] for line in progress if "error" in line]  # a failed push is answered with 200
        assert not errors, f"push of {reference}: {errors[0]}"

    def offer(self, reference: str, release: str) -> str:
        """Put an image into this registry that the engine hasn't got, with RELEASE in its environment.

        Gives its digest. What the engine has under that reference stays.
        """
        before = [i["Id"] for i in self.engine.api("GET", "/images/json") if reference in (i["RepoTags"] or ())]
        import_busybox(self.engine, reference, (*SHELL, f"ENV RELEASE={release}"))
        self.push(reference)
        (known,) = self.engine.api("GET", f"/images/{reference}/json")["RepoDigests"]
        self.engine.docker("rmi", reference)
        for image in before:
            self.engine.docker("tag", image, reference)
        return str(known).partition("@")[2]


@contextmanager
def registry(engine: PrivateEngine, *, protected: bool = False) -> Iterator[Registry]:
    """A registry of its own for the length of the block; `protected` asks for a password."""
    found = subprocess.run(
        engine.inside(sys.executable, "-I", "-c", _FREE_PORT), capture_output=True, text=True, check=True
    )
    address = f"127.0.0.1:{found.stdout.strip()}"
    with tempfile.TemporaryDirectory(prefix="registry-", dir=engine.folder) as name:
        folder = Path(name)
        (folder / "htpasswd").write_text(HTPASSWD)
        (folder / "config.yml").write_text(_configuration(folder, address, protected=protected))
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                tied_to_owner(*engine.inside("docker-registry", "serve", str(folder / "config.yml"))),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            eventually(lambda: _answers(engine, address, server, folder / "log"))
            yield Registry(engine, address, protected)
        finally:
            server.kill()
            server.wait()


def _configuration(folder: Path, address: str, *, protected: bool) -> str:
    access = {"auth": {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}}} if protected else {}
    storage = {"filesystem": {"rootdirectory": str(folder / "data")}, "delete": {"enabled": True}}
    # JSON is YAML
    return json.dumps(
        {"version": 0.1, "log": {"level": "warn"}, "storage": storage, "http": {"addr": address}, **access}
    )


def _answers(engine: PrivateEngine, address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    if server.poll() is not None:
        raise RuntimeError(f"docker-registry ended by itself:\n{log.read_text()}")
    assert engine.http(int(address.rpartition(":")[2]), "/v2/").status in {200, 401}
