"""Engines elsewhere: over TCP with TLS, by a context that the docker CLI wrote, and over ssh."""

from __future__ import annotations

import io
import os
import select
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dockerdecl.engine.calls import containers, images, streams
from dockerdecl.engine.connection import connect
from dockerdecl.engine.events import ContainerEvents
from dockerdecl.errors import DockerdeclError, ExitCode
from tests.engine.remote import SshServer, TlsEngine, certificates, ssh_missing, ssh_server, tls_port
from tests.support.engines import PrivateEngine
from tests.support.images import import_busybox


@dataclass(frozen=True, slots=True)
class Far:
    """An engine behind TLS, and the certificates that reach it."""

    engine: TlsEngine
    host: str
    trusted: Path

    def environ(self, **more: str) -> dict[str, str]:
        return {"DOCKER_HOST": self.host, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(self.trusted), **more}


@pytest.fixture(scope="module")
def far(engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    trusted = certificates(tmp_path_factory.mktemp("tls") / "trusted")
    with TlsEngine(engine.binaries, trusted) as remote, tls_port(remote) as port:
        yield Far(remote, f"tcp://127.0.0.1:{port}", trusted)


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of another authority."""
    return certificates(tmp_path_factory.mktemp("tls") / "strange")


def failure(host: str | None, environ: Mapping[str, str]) -> DockerdeclError:
    with pytest.raises(DockerdeclError) as caught:
        connect(host, None, environ).close()
    assert caught.value.exit_code is ExitCode.UNREACHABLE
    assert caught.value.problems[0].hint
    return caught.value


def test_tls_works_whatever_the_process_environment_says(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "REQUESTS_CA_BUNDLE": "/no/such/bundle.pem",
        "CURL_CA_BUNDLE": "/no/such/bundle.pem",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    with connect(None, None, far.environ()) as remote:
        assert (remote.host, remote.server_version) == (far.host, far.engine.version)
        assert containers.list_containers(remote) == []


def test_the_current_context_of_the_docker_cli_is_followed(far: Far) -> None:
    pem = ",".join(f"{key}={far.trusted}/{key}.pem" for key in ("ca", "cert", "key"))
    far.engine.docker("context", "create", "far", "--docker", f"host={far.host},{pem}")
    environ = {"DOCKER_CONFIG": str(far.engine.folder / "cli")}
    with connect(None, "far", environ) as by_name:
        assert by_name.host == far.host
    far.engine.docker("context", "use", "far")
    with connect(None, None, environ) as current:
        assert current.host == far.host


def test_without_verification_any_certificate_will_do(far: Far, tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_bytes((far.trusted / name).read_bytes())
    with connect(far.host, None, {"DOCKER_TLS": "1", "DOCKER_CERT_PATH": str(tmp_path)}) as remote:
        assert containers.list_containers(remote) == []


def test_an_engine_of_another_authority_is_not_trusted(far: Far, strange: Path) -> None:
    error = failure(None, far.environ(DOCKER_CERT_PATH=str(strange)))
    assert error.code == "tls-untrusted"


def test_an_engine_of_another_name_is_not_trusted(far: Far) -> None:
    error = failure(far.host.replace("127.0.0.1", "localhost"), far.environ())
    assert error.code == "tls-untrusted"
    assert "localhost" in str(error)


@pytest.mark.parametrize("has_certificate", [False, True])
def test_the_engine_wants_a_client_certificate_of_its_authority(
    far: Far, strange: Path, tmp_path: Path, has_certificate: bool
) -> None:
    (tmp_path / "ca.pem").write_bytes((far.trusted / "ca.pem").read_bytes())
    for name in ("cert.pem", "key.pem") if has_certificate else ():
        (tmp_path / name).write_bytes((strange / name).read_bytes())
    error = failure(None, far.environ(DOCKER_CERT_PATH=str(tmp_path)))
    assert error.code == "tls-client-certificate"


def test_plain_http_to_a_tls_port_is_said(far: Far) -> None:
    error = failure(far.host, {})
    assert error.code == "tls-required"
    assert "DOCKER_TLS_VERIFY" in (error.problems[0].hint or "")


def test_half_a_client_certificate_is_said(far: Far, tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem"):
        (tmp_path / name).write_bytes((far.trusted / name).read_bytes())
    error = failure(None, far.environ(DOCKER_CERT_PATH=str(tmp_path)))
    assert (error.code, "key.pem" in str(error)) == ("tls-files-missing", True)


def test_a_key_of_another_certificate_or_with_a_passphrase_is_said(far: Far, strange: Path, tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem"):
        (tmp_path / name).write_bytes((far.trusted / name).read_bytes())
    (tmp_path / "key.pem").write_bytes((strange / "key.pem").read_bytes())
    assert failure(None, far.environ(DOCKER_CERT_PATH=str(tmp_path))).code == "tls-files-invalid"
    command = ("openssl", "pkey", "-aes256", "-passout", "pass:x", "-in", far.trusted / "key.pem", "-out", "key.pem")
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert failure(None, far.environ(DOCKER_CERT_PATH=str(tmp_path))).code == "tls-files-invalid"


def test_an_early_refusal_and_a_closed_event_stream_are_as_over_a_socket(far: Far) -> None:
    with connect(None, None, far.environ()) as remote:
        with pytest.raises(DockerdeclError) as caught:
            images.import_image(remote, io.BytesIO(bytes(64 << 20)), "x:1", changes=["RUN true"])
        assert "not a valid change command" in str(caught.value)
        events = ContainerEvents(remote)
        ended: list[list[object]] = []
        thread = threading.Thread(target=lambda: ended.append(list(events)))
        thread.start()
        events.close()
        thread.join(timeout=5)
        assert ended == [[]]


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    reason = ssh_missing()
    if reason:
        pytest.skip(reason)
    with ssh_server(tmp_path_factory.mktemp("ssh") / "server") as server:
        yield server


def tunnels() -> set[str]:
    """The command lines of ssh tunnels that this process has started."""
    found = set()
    for pid in Path("/proc").glob("[0-9]*"):
        try:
            line = (pid / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if "dockerdecl-ssh-" in line and f"\nPPid:\t{os.getpid()}\n" in (pid / "status").read_text():
            found.add(line)
    return found


def test_ssh_follows_its_own_configuration_and_ends_with_the_connection(ssh: SshServer, engine: PrivateEngine) -> None:
    with connect(f"ssh://far{engine.socket}", None, ssh.environ) as remote:
        assert containers.list_containers(remote) == []
        assert len(tunnels()) == 1
    assert tunnels() == set()


def test_a_context_may_lead_over_ssh(ssh: SshServer, engine: PrivateEngine, tmp_path: Path) -> None:
    engine.docker("context", "create", "over-ssh", "--docker", f"host=ssh://root@far:{ssh.port}{engine.socket}")
    environ = {**ssh.environ, "DOCKER_CONFIG": str(engine.folder / "cli")}
    with connect(None, "over-ssh", environ) as remote:
        assert remote.server_version == engine.version


def test_a_socket_that_is_not_there_on_the_far_side_is_said(ssh: SshServer, engine: PrivateEngine) -> None:
    error = failure(f"ssh://far{engine.folder}/no.sock", ssh.environ)
    assert error.code == "ssh-socket-unreachable"
    assert "/no.sock" in str(error)
    assert "docker group" in (error.problems[0].hint or "")


def test_forbidden_forwarding_is_said_with_the_setting_that_allows_it(engine: PrivateEngine, tmp_path: Path) -> None:
    if reason := ssh_missing():
        pytest.skip(reason)
    with ssh_server(tmp_path / "server", forwarding=False) as server:
        error = failure(f"ssh://far{engine.socket}", server.environ)
    assert error.code == "ssh-socket-unreachable"
    assert "AllowStreamLocalForwarding" in (error.problems[0].hint or "")


@pytest.mark.parametrize(
    ("host", "words", "hint"),
    [
        ("ssh://stranger", "Host key verification failed", "ssh stranger"),
        ("ssh://nobody@far", "Permission denied", "without asking"),
        ("ssh://far:1", "Connection refused", "ssh server"),
        ("ssh://no-such-name.invalid", "Could not resolve", "spelled"),
    ],
)
def test_what_ssh_objects_to_is_said_in_its_words(host: str, words: str, hint: str, ssh: SshServer) -> None:
    error = failure(host, ssh.environ)
    assert error.code == "ssh-failed"
    assert words in str(error)
    assert hint in (error.problems[0].hint or "")
    assert tunnels() == set()


def test_a_missing_ssh_is_said(tmp_path: Path) -> None:
    assert failure("ssh://far", {"PATH": str(tmp_path)}).code == "ssh-missing"


def test_a_command_is_talked_with_over_tls_and_its_input_ends(far: Far, busybox: str) -> None:
    """In both directions at once, and what it writes after the end of its input still comes."""
    import_busybox(far.engine, busybox)
    given, seen = os.urandom(1 << 20) * 2, bytearray()
    with connect(None, None, far.environ()) as remote:
        body = {"Image": busybox, "Cmd": ["sleep", "99"]}
        identity, _ = containers.create_container(remote, "talks", body)
        containers.start(remote, identity)
        command = streams.Command(["sh", "-c", "cat; echo end"], stdin=True)
        exec_id = streams.create_exec(remote, identity, command)
        sent = False
        with streams.start_exec(remote, exec_id, command) as conversation:
            while not conversation.over:
                seen += b"".join(data for _, data in conversation.receive())
                if not sent:
                    conversation.send(given)
                    conversation.end()
                    sent = True
                wanted = select.POLLIN | (select.POLLOUT if conversation.unsent else 0)
                poll = select.poll()
                poll.register(conversation.fileno(), wanted)
                assert conversation.over or poll.poll(20_000), "it hangs"
                conversation.flush()
        assert bytes(seen) == given + b"end\n"
        containers.remove(remote, identity, force=True)
