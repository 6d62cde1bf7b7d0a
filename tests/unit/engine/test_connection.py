"""Which engine is meant, and what is said when it can't be reached: with real sockets, and no engine behind them."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from dockerdecl.engine.connection import connect, negotiate, resolve
from dockerdecl.engine.hosts import TcpEndpoint
from dockerdecl.errors import DockerdeclError, ExitCode


def write_context(folder: Path, name: str, host: str, *, skip: bool = False, files: Sequence[str] = ()) -> None:
    identity = sha256(name.encode()).hexdigest()
    meta, tls = folder / "contexts" / "meta" / identity, folder / "contexts" / "tls" / identity / "docker"
    meta.mkdir(parents=True)
    content = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": skip}}}
    (meta / "meta.json").write_text(json.dumps(content))
    tls.mkdir(parents=True)
    for file in files:
        (tls / file).write_text("-----BEGIN CERTIFICATE-----")


@pytest.mark.parametrize(
    ("host", "context", "variables", "current", "found"),
    [
        (None, None, {}, None, "unix:///var/run/docker.sock"),
        (None, None, {}, "east", "tcp://east:1"),
        (None, None, {"DOCKER_CONTEXT": "west"}, "east", "tcp://west:1"),
        (None, None, {"DOCKER_CONTEXT": ""}, "east", "tcp://east:1"),
        (None, None, {"DOCKER_CONTEXT": "default"}, "east", "unix:///var/run/docker.sock"),
        (None, None, {"DOCKER_CONTEXT": "west", "DOCKER_HOST": "tcp://here:1"}, "east", "tcp://here:1"),
        (None, None, {"DOCKER_HOST": ""}, "east", "tcp://east:1"),
        (None, "west", {"DOCKER_HOST": "tcp://here:1"}, "east", "tcp://west:1"),
        (None, "default", {"DOCKER_HOST": "tcp://here:1"}, "east", "tcp://here:1"),
        ("tcp://there:1", "west", {"DOCKER_HOST": "tcp://here:1"}, "east", "tcp://there:1"),
    ],
)
def test_the_engine_is_found_by_the_docker_clis_precedence(  # noqa: PLR0917 - the columns of a table
    host: str | None, context: str | None, variables: dict[str, str], current: str | None, found: str, tmp_path: Path
) -> None:
    write_context(tmp_path, "east", "tcp://east:1")
    write_context(tmp_path, "west", "tcp://west:1")
    if current:
        (tmp_path / "config.json").write_text(json.dumps({"currentContext": current}))
    assert resolve(host, context, {"DOCKER_CONFIG": str(tmp_path), **variables}).host == found


@pytest.mark.parametrize(
    ("variables", "tls"),
    [
        ({}, None),
        ({"DOCKER_TLS_VERIFY": "", "DOCKER_TLS": ""}, None),
        ({"DOCKER_TLS_VERIFY": "1"}, True),
        ({"DOCKER_TLS_VERIFY": "0"}, True),  # as the docker CLI has it: any text counts
        ({"DOCKER_TLS": "1"}, False),
        ({"DOCKER_TLS": "1", "DOCKER_TLS_VERIFY": "1"}, True),
    ],
)
def test_the_environment_says_whether_tls_is_spoken_and_verified(
    variables: dict[str, str], tls: bool | None, tmp_path: Path
) -> None:
    endpoint = resolve("tcp://far", None, {"DOCKER_CONFIG": str(tmp_path), **variables})
    assert isinstance(endpoint, TcpEndpoint)
    assert (endpoint.tls and endpoint.tls.verify) == tls


@pytest.mark.parametrize(
    ("skip", "files", "tls"),
    [
        (False, (), None),
        (True, (), (False, None, None)),
        (False, ("ca.pem",), (True, "ca.pem", None)),
        (False, ("ca.pem", "cert.pem", "key.pem"), (True, "ca.pem", "cert.pem")),
    ],
)
def test_a_context_brings_its_own_tls(
    skip: bool, files: Sequence[str], tls: tuple[bool, str | None, str | None] | None, tmp_path: Path
) -> None:
    write_context(tmp_path, "east", "tcp://east", skip=skip, files=files)
    endpoint = resolve(None, "east", {"DOCKER_CONFIG": str(tmp_path), "DOCKER_TLS_VERIFY": "1"})
    assert isinstance(endpoint, TcpEndpoint)
    found = endpoint.tls and (
        endpoint.tls.verify,
        endpoint.tls.ca and endpoint.tls.ca.name,
        endpoint.tls.certificate and endpoint.tls.certificate.name,
    )
    assert found == tls


def test_an_unknown_context_is_an_error_that_lists_those_there_are(tmp_path: Path) -> None:
    write_context(tmp_path, "west", "tcp://west:1")
    write_context(tmp_path, "east", "tcp://east:1")
    error = failure(None, "north", {"DOCKER_CONFIG": str(tmp_path)})
    assert error.code == "unknown-context"
    assert "`default`, `east`, `west`" in (error.problems[0].hint or "")


@pytest.mark.parametrize(
    ("content", "code"),
    [("{", "docker-config-invalid"), ("[]", "docker-config-invalid"), ("{}", "context-invalid")],
)
def test_a_broken_context_is_an_error_that_names_it(content: str, code: str, tmp_path: Path) -> None:
    folder = tmp_path / "contexts" / "meta" / sha256(b"east").hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(content)
    error = failure(None, "east", {"DOCKER_CONFIG": str(tmp_path)})
    assert error.code == code
    assert "east" in str(error) or str(folder) in str(error)


def test_a_broken_docker_configuration_matters_only_where_it_is_asked(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    environ = {"DOCKER_CONFIG": str(tmp_path)}
    assert resolve("tcp://there:1", None, environ).host == "tcp://there:1"
    assert failure(None, None, environ).code == "docker-config-invalid"


@pytest.mark.parametrize(
    ("newest", "oldest", "agreed"),
    [
        ("1.41", None, "1.41"),
        ("1.45", None, "1.45"),
        ("1.51", None, "1.51"),
        ("1.60", "1.44", "1.51"),
        ("2.0", None, "1.51"),
    ],
)
def test_the_newest_api_that_both_know_is_spoken(newest: str, oldest: str | None, agreed: str) -> None:
    assert negotiate(newest, oldest, "unix:///x") == agreed


@pytest.mark.parametrize(
    ("newest", "oldest", "code", "versions"),
    [
        ("1.40", None, "api-too-old", ("1.40", "1.41")),
        ("1.9", None, "api-too-old", ("1.9", "1.41")),
        ("1.70", "1.52", "api-too-new", ("1.52", "1.51")),
    ],
)
def test_no_common_api_is_an_error_with_both_versions(
    newest: str, oldest: str | None, code: str, versions: tuple[str, str]
) -> None:
    with pytest.raises(DockerdeclError) as caught:
        negotiate(newest, oldest, "unix:///x")
    assert (caught.value.code, caught.value.exit_code) == (code, ExitCode.UNREACHABLE)
    assert all(version in str(caught.value) for version in versions)
    assert "pgrade" in (caught.value.problems[0].hint or "")


def test_a_missing_socket_is_said(tmp_path: Path) -> None:
    assert failure(f"unix://{tmp_path}/no.sock").code == "socket-missing"


def test_a_socket_that_nobody_listens_on_is_said(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(tmp_path / "s"))
    assert failure(f"unix://{tmp_path}/s").code == "connection-refused"


def test_a_socket_that_is_not_ours_is_said_with_the_group_that_may_use_it(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        path.chmod(0)
        with as_somebody_else():
            error = failure(f"unix://{path}")
    assert error.code == "permission-denied"
    assert "docker group" in (error.problems[0].hint or "")


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Root may use every socket, so it puts its rights away for the length of the block."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_port_that_nobody_listens_on_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = failure(f"tcp://127.0.0.1:{port}")
    assert error.code == "connection-refused"
    assert str(port) in (error.problems[0].hint or "")


def test_an_unknown_name_is_said() -> None:
    error = failure("tcp://no-such-name.invalid:2375")
    assert error.code == "host-unknown"
    assert "no-such-name.invalid" in str(error)


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A TCP server that answers every connection's first bytes with `answer` and closes it; gives its host text."""

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_what_is_no_docker_engine_is_said() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello") as host:
        assert failure(host).code == "not-docker"


def test_what_speaks_no_http_is_said() -> None:
    with answering(b"SSH-2.0-OpenSSH_9.2\r\n") as host:
        assert failure(host).code == "connection-lost"


def test_what_closes_the_connection_is_said() -> None:
    with answering(b"") as host:
        assert failure(host).code == "connection-lost"


def test_what_speaks_no_tls_is_said(tmp_path: Path) -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as host:
        assert failure(host, None, {"DOCKER_TLS": "1", "DOCKER_CONFIG": str(tmp_path)}).code == "tls-not-spoken"


@pytest.mark.parametrize(
    ("files", "code", "named"),
    [
        ({}, "tls-files-missing", "ca.pem"),
        ({"ca.pem": "junk"}, "tls-files-invalid", "ca.pem"),
        (
            {"ca.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
            "tls-files-invalid",
            "ca.pem",
        ),
    ],
)
def test_tls_files_that_will_not_do_are_named(files: dict[str, str], code: str, named: str, tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    error = failure("tcp://127.0.0.1:1", None, {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)})
    assert error.code == code
    assert named in str(error)


def failure(host: str | None, context: str | None = None, environ: dict[str, str] | None = None) -> DockerdeclError:
    with pytest.raises(DockerdeclError) as caught:
        connect(host, context, environ or {}).close()
    assert caught.value.exit_code is ExitCode.UNREACHABLE
    assert caught.value.problems[0].hint
    return caught.value
