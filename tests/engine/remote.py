"""Ways to a private engine from elsewhere: TCP with TLS, and an ssh server. Takes an engine, gives what reaches it.

Everything listens on the loopback, and ends with the test process.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.engines import PrivateEngine, tied_to_owner
from tests.support.eventually import eventually

_TLS_PORT = 2376
_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
# A socket stays in the network that it was made in, so a process in the box can take connections from outside it.
_FORWARD = """
import socket, sys, threading
server = socket.socket(fileno=int(sys.argv[1]))
def copy(source, target):
    try:
        while data := source.recv(65536): target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for each in (source, target): each.close()  # a reset is passed on as one, or the other side would wait for ever
while True:
    client, _ = server.accept()
    engine = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    for pair in ((client, engine), (engine, client)): threading.Thread(target=copy, args=pair, daemon=True).start()
"""


def certificates(folder: Path) -> Path:
    """A folder with ca.pem, cert.pem and key.pem for a client, server.pem and server-key.pem for 127.0.0.1."""
    folder.mkdir()
    _openssl(folder, "-x509", *_KEY, "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=authority")
    signed = ("-x509", *_KEY, "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-addext", "basicConstraints=critical,CA:false")
    name = ("-subj", "/CN=engine", "-addext", "subjectAltName=IP:127.0.0.1")
    _openssl(folder, *signed, "-keyout", "server-key.pem", "-out", "server.pem", *name)
    _openssl(folder, *signed, "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=client")
    return folder


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(("openssl", "req", *arguments), cwd=folder, check=True, capture_output=True)


class TlsEngine(PrivateEngine):
    """A private engine that listens on TCP as well, and wants a certificate of the authority in `trusted`."""

    def __init__(self, binaries: Path, trusted: Path) -> None:
        super().__init__(binaries)
        self._trusted = trusted

    def _dockerd(self) -> list[str]:
        tls = ["--tlsverify", "--tlscacert", f"{self._trusted}/ca.pem"]
        tls += ["--tlscert", f"{self._trusted}/server.pem", "--tlskey", f"{self._trusted}/server-key.pem"]
        return [*super()._dockerd(), "-H", f"tcp://127.0.0.1:{_TLS_PORT}", *tls]


@contextmanager
def tls_port(engine: TlsEngine) -> Iterator[int]:
    """A port of this machine's loopback on which the engine speaks TLS."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = engine.inside(sys.executable, "-I", "-S", "-c", _FORWARD, str(server.fileno()), str(_TLS_PORT))
        forward = subprocess.Popen(tied_to_owner(*command), pass_fds=[server.fileno()])
        try:
            yield server.getsockname()[1]
        finally:
            forward.kill()
            forward.wait()


@dataclass(frozen=True, slots=True)
class SshServer:
    """An ssh server; `environ` leads to an ssh that knows it as `far` and `stranger`, whose key it doesn't know."""

    environ: Mapping[str, str]
    port: int


def ssh_missing() -> str | None:
    """Why there can be no ssh server here, or None."""
    return None if shutil.which("sshd", path="/usr/sbin") else "needs openssh-server"


@contextmanager
def ssh_server(folder: Path, *, forwarding: bool = True) -> Iterator[SshServer]:
    """An ssh server that lets this user in; `forwarding` False forbids the forwarding of sockets."""
    folder.mkdir()
    for key in ("host", "user"):
        command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
        subprocess.run(command, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "sshd.conf").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        f"StrictModes no\nUsePAM no\nPasswordAuthentication no\nPidFile none\n"
        f"AllowStreamLocalForwarding {'yes' if forwarding else 'no'}\n"
    )
    privileges = Path("/run/sshd")  # where sshd locks up its unprivileged half; its package makes it at boot only
    privileges.mkdir(mode=0o755, exist_ok=True)
    with (folder / "log").open("wb") as log:
        command_line = ("/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "sshd.conf"))
        server = subprocess.Popen(tied_to_owner(*command_line), stdin=subprocess.DEVNULL, stderr=log)
    try:
        eventually(lambda: _listens(port, folder / "log"))
        yield SshServer(_client(folder, port), port)
    finally:
        server.terminate()
        server.wait()


def _listens(port: int, log: Path) -> None:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError as error:
        raise AssertionError(f"sshd doesn't listen: {error}\n{log.read_text()}") from error


def _client(folder: Path, port: int) -> Mapping[str, str]:
    key = (folder / "host.pub").read_text()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {key}")
    (folder / "no_known_hosts").touch()
    known = f"UserKnownHostsFile {folder}/known_hosts"
    unknown = f"UserKnownHostsFile {folder}/no_known_hosts"
    common = f"HostName 127.0.0.1\n  Port {port}\n  User root\n  IdentityFile {folder}/user\n  IdentitiesOnly yes\n"
    hosts = f"Host far\n  {known}\n  {common}Host stranger\n  {unknown}\n  {common}"
    (folder / "ssh.conf").write_text(f"{hosts}Host *\n  GlobalKnownHostsFile none\n")
    programs = folder / "bin"
    programs.mkdir()
    (programs / "ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {folder}/ssh.conf "$@"\n')
    (programs / "ssh").chmod(0o755)
    return {"PATH": f"{programs}:/usr/bin:/bin"}
