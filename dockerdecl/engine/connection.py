"""The way to an engine, found as the docker CLI finds it: `--host`, `--context`, `DOCKER_*`, the current context.

Takes what the user gave and the environment, gives an `Engine` that was reached and speaks an API version we know.
Reads the docker CLI's files and never the process's own environment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockerdecl.engine.answers import Answer
from dockerdecl.engine.client import CONNECT_SECONDS, WORKERS, Engine, Transport
from dockerdecl.engine.contexts import DEFAULT, Tls, read_context, tls_in_folder
from dockerdecl.engine.docker_config import config_folder, read_config
from dockerdecl.engine.errors import from_answer
from dockerdecl.engine.hosts import DEFAULT_HOST, Endpoint, SshEndpoint, TcpEndpoint, UnixEndpoint, parse_host
from dockerdecl.engine.reading import Reader
from dockerdecl.engine.unreachable import CONNECTION_LOST, unreachable
from dockerdecl.errors import DockerdeclError, ExitCode
from dockerdecl.resources.podman import PODMAN

if TYPE_CHECKING:
    import requests

    from dockerdecl.engine.tunnel import Tunnel
    from dockerdecl.engine.wires import Wire

OLDEST_API = (1, 41)
NEWEST_API = (1, 51)
_GREETINGS = 3
_UNIX_URL = "http+docker://localhost"
_SPARE_CONNECTIONS = 4  # event and log streams hold one each beside the workers'


def connect(host: str | None, context: str | None, environ: Mapping[str, str]) -> Engine:
    """Reach the engine that these mean. Close it when done.

    Raises, all with exit code 4: `host-invalid`, `unknown-context`, `context-invalid`, `docker-config-invalid`,
    `tls-files-missing`, `tls-files-invalid`; those of `unreachable` and `tunnel`; `not-docker`, `tls-required`;
    `api-too-old`, `api-too-new`.
    """
    endpoint = resolve(host, context, environ)
    transport, tunnel = _open(endpoint, environ)
    try:
        return _greet(transport)
    except DockerdeclError as error:
        lost = error.code in (CONNECTION_LOST, "connection-refused")
        explained = tunnel.first_use_failed() if tunnel and lost else error
        transport.close()
        raise explained from error
    except BaseException:
        transport.close()
        raise


def resolve(host: str | None, context: str | None, environ: Mapping[str, str]) -> Endpoint:
    """Where the engine is, by the docker CLI's precedence; nothing is connected to.

    `host` and `context` are what the options say. The TLS variables count with a host only, not with a context, which
    brings its own material.
    """
    if host:
        return parse_host(host, environment_tls(environ), "--host")
    name = context or (None if environ.get("DOCKER_HOST") else _current_context(environ))
    if name and name != DEFAULT:
        found = read_context(name, environ)
        return parse_host(found.host, found.tls, f"the context `{name}`")
    text = environ.get("DOCKER_HOST") or DEFAULT_HOST
    return parse_host(text, environment_tls(environ), "DOCKER_HOST")


def environment_tls(environ: Mapping[str, str]) -> Tls | None:
    """What DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH ask for; an empty variable asks for nothing."""
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    if not verify and not environ.get("DOCKER_TLS"):
        return None
    named = environ.get("DOCKER_CERT_PATH")
    folder = Path(named) if named else config_folder(environ)
    found = tls_in_folder(folder, verify=verify)
    # Who asks for verification means the authority beside the certificate, never the system's in its place.
    return replace(found, ca=folder / "ca.pem") if verify else found


def negotiate(newest: str, oldest: str | None, host: str) -> str:
    """The API version to speak with an engine that speaks `oldest` (None: not said) to `newest`.

    Raises `api-too-old` or `api-too-new` where it and we have none in common.
    """
    theirs = _version(newest)
    if theirs < OLDEST_API:
        raise unreachable(
            "api-too-old",
            f"the engine at {host} speaks API {newest}, dockerdecl needs {_text(OLDEST_API)} at least",
            "Upgrade the engine: Docker 20.10 and everything newer will do.",
        )
    if oldest and _version(oldest) > NEWEST_API:
        raise unreachable(
            "api-too-new",
            f"the engine at {host} demands API {oldest} at least, dockerdecl knows it up to {_text(NEWEST_API)}",
            "Upgrade dockerdecl, or set `min-api-version` in the engine's daemon.json.",
        )
    return _text(min(theirs, NEWEST_API))


def _current_context(environ: Mapping[str, str]) -> str | None:
    named = environ.get("DOCKER_CONTEXT")
    if named:
        return named
    current = read_config(environ).get("currentContext")
    return current if isinstance(current, str) else None


def _greet(transport: Transport) -> Engine:
    host = transport.endpoint.host
    answer = _ping(transport)
    content = answer.content()
    if answer.status == 400 and b"HTTP request to an HTTPS server" in content:
        raise unreachable(
            "tls-required",
            f"the engine at {host} speaks TLS only",
            "Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH (a folder with ca.pem, cert.pem, key.pem), or use a context.",
        )
    newest = answer.header("Api-Version")
    if not re.fullmatch(r"\d+\.\d+", newest):
        raise unreachable(
            "not-docker",
            f"what answers at {host} is not a Docker engine (status {answer.status}, no API version)",
            "Does the host name the right port or socket?",
        )
    if answer.status >= 400:
        raise DockerdeclError(*from_answer(answer.status, content).problems, exit_code=ExitCode.UNREACHABLE)
    # Only an engine that is newer than we are can demand more than we know, so the others are spared the question.
    oldest = _oldest_api(transport) if _version(newest) > NEWEST_API else None
    server = answer.header("Server")
    product = PODMAN if server.startswith("Libpod/") else "Docker"
    return Engine(transport, negotiate(newest, oldest, host), _server_version(server), _system(server), product)


def _ping(transport: Transport) -> Answer:
    # In TLS 1.3 an engine that refuses our certificate says so after the handshake, and hangs up: now and then its
    # words are lost to the reset. Another try brings them.
    for _ in range(_GREETINGS - 1):
        try:
            return transport.send("GET", "/_ping", timeout=CONNECT_SECONDS)
        except DockerdeclError as error:
            if error.code != CONNECTION_LOST:
                raise
    return transport.send("GET", "/_ping", timeout=CONNECT_SECONDS)


def _oldest_api(transport: Transport) -> str | None:
    oldest = transport.send("GET", "/version", timeout=CONNECT_SECONDS).json_object().get("MinAPIVersion")
    return oldest if isinstance(oldest, str) and re.fullmatch(r"\d+\.\d+", oldest) else None


def _server_version(server: str) -> str:
    # "Docker/26.1.5+dfsg1 (linux)"
    return server.partition("/")[2].partition(" ")[0] or "unknown"


def _system(server: str) -> str:
    return server.rpartition("(")[2].rstrip(")").strip() or "linux"


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _text(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def _open(endpoint: Endpoint, environ: Mapping[str, str]) -> tuple[Transport, Tunnel | None]:
    match endpoint:
        case UnixEndpoint():
            return _unix_transport(endpoint, endpoint.path), None
        case SshEndpoint():
            from dockerdecl.engine.tunnel import Tunnel

            tunnel = Tunnel(endpoint, environ)
            return _unix_transport(endpoint, str(tunnel.socket), tunnel.close), tunnel
        case TcpEndpoint():
            return _tcp_transport(endpoint), None


def _unix_transport(endpoint: Endpoint, path: str, and_then: Callable[[], None] = lambda: None) -> Transport:
    def open_session() -> requests.Session:
        return _unix_session(path)

    def dial(seconds: float) -> Wire:
        from dockerdecl.engine.wires import dial_unix

        return dial_unix(path, seconds)

    reader = Reader(path, CONNECT_SECONDS)
    return Transport(endpoint, _UNIX_URL, open_session, dial, reader=reader, and_then=and_then)


def _unix_session(path: str) -> requests.Session:
    from docker.transport import UnixHTTPAdapter

    class Adapter(UnixHTTPAdapter):
        def get_connection(self, url: str | bytes, proxies: Mapping[str, str] | None = None) -> Any:
            # The SDK keeps a pool for every URL, so that no connection serves two paths.
            return super().get_connection(_UNIX_URL, proxies)

    session = _session()
    connections = WORKERS + _SPARE_CONNECTIONS
    adapter = Adapter(f"http+unix://{path}", timeout=int(CONNECT_SECONDS), max_pool_size=connections)
    session.mount(_UNIX_URL, adapter)
    return session


def _tcp_transport(endpoint: TcpEndpoint) -> Transport:
    def open_session() -> requests.Session:
        from dockerdecl.engine.tls import tls_adapter, trust

        session = _session()
        session.mount(endpoint.base_url, tls_adapter(WORKERS + _SPARE_CONNECTIONS))
        if endpoint.tls:
            trust(session, endpoint.tls, endpoint.host)
        return session

    def dial(seconds: float) -> Wire:
        from dockerdecl.engine.wires import dial_tcp

        return dial_tcp(endpoint, seconds)

    return Transport(endpoint, endpoint.base_url, open_session, dial)


def _session() -> requests.Session:
    # A plain session with the SDK's adapters: the SDK's own client reads config.json by the process's environment, and
    # falls over an entry in it that has nothing to do with the engine.
    import requests

    session = requests.Session()
    # Or REQUESTS_CA_BUNDLE wins over the engine's ca.pem, and HTTP_PROXY and ~/.netrc get a say.
    session.trust_env = False
    return session
