"""Host texts, as the docker CLI takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerdecl.engine.contexts import Tls
from dockerdecl.engine.hosts import SshEndpoint, TcpEndpoint, UnixEndpoint, parse_host
from dockerdecl.errors import DockerdeclError, ExitCode

TLS = Tls(verify=True)
DEFAULT_SOCKET = "/var/run/docker.sock"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("unix:///run/a.sock", "/run/a.sock"),
        ("UNIX:///run/a.sock", "/run/a.sock"),
        (" unix:///run/a.sock\n", "/run/a.sock"),
        ("unix://", DEFAULT_SOCKET),
        ("unix://run/a.sock", "/run/a.sock"),
    ],
)
def test_unix_hosts_name_a_socket(text: str, path: str) -> None:
    endpoint = parse_host(text, TLS, "--host")
    assert isinstance(endpoint, UnixEndpoint)
    assert endpoint.path == path


@pytest.mark.parametrize(
    ("text", "tls", "url"),
    [
        ("tcp://10.0.0.1:2375", None, "http://10.0.0.1:2375"),
        ("tcp://10.0.0.1", None, "http://10.0.0.1:2375"),
        ("tcp://10.0.0.1", TLS, "https://10.0.0.1:2376"),
        ("tcp://10.0.0.1:4/prefix/", TLS, "https://10.0.0.1:4/prefix"),
        ("10.0.0.1:4", None, "http://10.0.0.1:4"),
        ("tcp://[::1]:4", None, "http://[::1]:4"),
        ("tcp://:4", None, "http://127.0.0.1:4"),
        ("http://far:80", TLS, "http://far:80"),
        ("https://far:443", None, "https://far:443"),
    ],
)
def test_tcp_hosts_speak_tls_where_it_is_asked_for(text: str, tls: Tls | None, url: str) -> None:
    endpoint = parse_host(text, tls, "--host")
    assert isinstance(endpoint, TcpEndpoint)
    assert endpoint.base_url == url


@pytest.mark.parametrize(
    ("text", "user", "name", "port", "path"),
    [
        ("ssh://far", None, "far", None, DEFAULT_SOCKET),
        ("ssh://me@far:2222", "me", "far", 2222, DEFAULT_SOCKET),
        ("ssh://far/", None, "far", None, DEFAULT_SOCKET),
        ("ssh://far/run/user/1000/docker.sock", None, "far", None, "/run/user/1000/docker.sock"),
    ],
)
def test_ssh_hosts_leave_to_ssh_what_they_do_not_say(
    text: str, user: str | None, name: str, port: int | None, path: str
) -> None:
    assert parse_host(text, None, "--host") == SshEndpoint(text, name, user, port, path)


@pytest.mark.parametrize(
    "text",
    [
        "ftp://far",
        "npipe:////./pipe/docker_engine",
        "fd://",
        "tcp://far:port",
        "tcp://far:99999",
        "tcp://far:0",
        "tcp://user@far:1",
        "tcp://far:1?x=1",
        "tcp://a b:1",
        "tcp://[::1",
        "ssh://",
        "ssh://-oProxyCommand=evil",
        "ssh://-x@far",
        "ssh://far?x",
        "unix:///" + "long/" * 30,
    ],
)
def test_what_can_be_no_host_is_refused_with_what_would_be_one(text: str) -> None:
    with pytest.raises(DockerdeclError) as caught:
        parse_host(text, None, "DOCKER_HOST")
    problem = caught.value.problems[0]
    assert (problem.code, caught.value.exit_code) == ("host-invalid", ExitCode.UNREACHABLE)
    assert problem.message.startswith("DOCKER_HOST names no engine: ")
    assert "unix:///PATH" in (problem.hint or "")


def test_a_password_in_an_ssh_host_is_refused_and_not_shown() -> None:
    with pytest.raises(DockerdeclError) as caught:
        parse_host("ssh://me:open-sesame@far", None, "--host")
    assert "open-sesame" not in str(caught.value)


@given(st.text(), st.sampled_from(["", "tcp://", "unix://", "ssh://", "https://", "http://"]))
def test_any_text_is_a_host_or_an_error_about_hosts(text: str, scheme: str) -> None:
    try:
        endpoint = parse_host(scheme + text, None, "--host")
    except DockerdeclError as error:
        assert error.code == "host-invalid"
    else:
        assert endpoint.host
