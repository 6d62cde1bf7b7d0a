"""A registry beside a private engine. Takes an engine, gives Debian's docker-registry on the loopback of its box.

Reached at `address` by the engine only, over plain HTTP, which engines allow on 127.0.0.0/8.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.engines import PrivateEngine, tied_to_owner
from tests.support.images import SHELL, import_busybox

USER, PASSWORD = "tester", "open-sesame"
# bcrypt of PASSWORD, the only kind of hash that docker-registry reads
HTPASSWD = "tester:$2b$05$abcdefghijklmnopqrstuutXu9KzOt.1yBoZUeFWoT/914/JfszCO\n"
_FREE_PORT = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
_ANSWERS = """
import socket, sys, time
for _ in range(200):
    try:
        sys.exit(socket.create_connection((sys.argv[1], int(sys.argv[2]))).close())
    except OSError:
        time.sleep(0.05)
sys.exit(1)
"""


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


@dataclass(frozen=True, slots=True)
class Certificates:
    """A certificate for 127.0.0.1 and localhost with its key, signed by an authority of its own."""

    authority: Path
    certificate: Path
    key: Path


@contextmanager
def registry(engine: PrivateEngine, *, protected: bool = False, tls: Certificates | None = None) -> Iterator[Registry]:
    """A registry of its own for the length of the block; `protected` asks for a password, `tls` speaks it."""
    with served(engine.folder, engine.inside, protected=protected, tls=tls) as address:
        yield Registry(engine, address, protected)


def as_it_is(*command: str) -> list[str]:
    """A command to be run on this machine, outside of any box."""
    return list(command)


@contextmanager
def served(
    place: Path,
    inside: Callable[..., list[str]] = as_it_is,
    *,
    protected: bool = False,
    tls: Certificates | None = None,
    deletes: bool = True,
) -> Iterator[str]:
    """The address of a registry that runs where `inside` puts its command, its files in a folder in `place`."""
    found = subprocess.run(inside(sys.executable, "-I", "-c", _FREE_PORT), capture_output=True, text=True, check=True)
    address = f"127.0.0.1:{found.stdout.strip()}"
    with tempfile.TemporaryDirectory(prefix="registry-", dir=place) as name:
        folder = Path(name)
        (folder / "htpasswd").write_text(HTPASSWD)
        settings = _configuration(folder, address, protected=protected, tls=tls, deletes=deletes)
        (folder / "config.yml").write_text(settings)
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                tied_to_owner(*inside("docker-registry", "serve", str(folder / "config.yml"))),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            _answers(address, inside, server, folder / "log")
            yield address
        finally:
            server.kill()
            server.wait()


def make_certificates(folder: Path, *, signer: str = "test") -> Certificates:
    """Certificates in a folder of their own; each call has an authority of its own."""
    made = Certificates(folder / "ca.crt", folder / "server.crt", folder / "server.key")
    folder.mkdir(parents=True, exist_ok=True)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    authority = ("-x509", *key, "-subj", f"/CN={signer} authority", "-keyout", "ca.key", "-out", "ca.crt")
    request = (*key, "-subj", "/CN=registry", "-keyout", "server.key", "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    signing = ("-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
    for words in (
        ("req", *authority),
        ("req", *request),
        ("x509", *signing, "-extfile", "names", "-out", "server.crt"),
    ):
        subprocess.run(("openssl", *words), cwd=folder, capture_output=True, check=True)
    return made


def _configuration(folder: Path, address: str, *, protected: bool, tls: Certificates | None, deletes: bool) -> str:
    access = {"auth": {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}}} if protected else {}
    storage = {"filesystem": {"rootdirectory": str(folder / "data")}, "delete": {"enabled": deletes}}
    shown = {"tls": {"certificate": str(tls.certificate), "key": str(tls.key)}} if tls else {}
    http = {"addr": address, "secret": "of-the-tests", **shown}
    # JSON is YAML
    return json.dumps({"version": 0.1, "log": {"level": "warn"}, "storage": storage, "http": http, **access})


def _answers(address: str, inside: Callable[..., list[str]], server: subprocess.Popen[bytes], log: Path) -> None:
    tried = subprocess.run(inside(sys.executable, "-I", "-c", _ANSWERS, *address.split(":")), check=False)
    if tried.returncode or server.poll() is not None:
        raise RuntimeError(f"docker-registry does not answer:\n{log.read_text()}")
