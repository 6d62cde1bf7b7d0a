"""Host texts as the docker CLI takes them: `unix:///var/run/docker.sock`, `tcp://10.0.0.1:2376`, `ssh://me@far`.

Takes a text and whether TLS is wanted, gives an endpoint. Opens nothing, reads nothing.
"""

from __future__ import annotations

from urllib.parse import SplitResult, unquote, urlsplit

from dockerdecl.engine.contexts import Tls
from dockerdecl.errors import DockerdeclError, ExitCode, fail
from dockerdecl.values import dataclass

DEFAULT_SOCKET = "/var/run/docker.sock"
DEFAULT_HOST = f"unix://{DEFAULT_SOCKET}"
_SOCKET_PATH_BYTES = 107  # the kernel's limit, sun_path less its closing zero


@dataclass(frozen=True, slots=True)
class UnixEndpoint:
    """An engine behind a socket file of this machine."""

    host: str
    path: str


@dataclass(frozen=True, slots=True)
class TcpEndpoint:
    """An engine behind a TCP port; spoken to in TLS if `tls` is given. `prefix` goes before every path."""

    host: str
    name: str
    port: int
    prefix: str
    tls: Tls | None

    @property
    def base_url(self) -> str:
        """The URL that every path of the API is appended to."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        return f"{'https' if self.tls else 'http'}://{name}:{self.port}{self.prefix}"


@dataclass(frozen=True, slots=True)
class SshEndpoint:
    """An engine behind the socket file `path` of a machine that ssh reaches; no port means that ssh decides."""

    host: str
    name: str
    user: str | None
    port: int | None
    path: str


Endpoint = UnixEndpoint | TcpEndpoint | SshEndpoint
"""Where an engine is; `host` is the text to show for it."""


def parse_host(text: str, tls: Tls | None, source: str) -> Endpoint:
    """The endpoint that a host text means; `tls` counts for TCP only, `source` says who wrote it.

    Raises `host-invalid` for what can't be one.
    """
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "tcp", text  # `docker -H 10.0.0.1:2375` means tcp
    match scheme.lower():
        case "unix":
            return _unix(text, rest, source)
        case "tcp":
            return _tcp(text, rest, tls, source)
        case "http":
            return _tcp(text, rest, None, source)
        case "https":
            return _tcp(text, rest, tls or Tls(verify=True), source)
        case "ssh":
            return _ssh(text, source)
        case "npipe" | "fd":
            raise _invalid(text, source, f"`{scheme}://` can't be used from here")
        case _:
            raise _invalid(text, source, f"`{scheme}://` is not known")


def _unix(text: str, rest: str, source: str) -> UnixEndpoint:
    path = rest or DEFAULT_SOCKET
    path = path if path.startswith("/") else f"/{path}"
    if len(path.encode()) > _SOCKET_PATH_BYTES:
        raise _invalid(text, source, f"a socket's path has at most {_SOCKET_PATH_BYTES} bytes")
    return UnixEndpoint(text if rest else DEFAULT_HOST, path)


def _tcp(text: str, rest: str, tls: Tls | None, source: str) -> TcpEndpoint:
    parts = _split(f"tcp://{rest}", text, source)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _invalid(text, source, "only a name, a port and a path can be given")
    port = parts.port or (2376 if tls else 2375)
    shown = text if "://" in text else f"tcp://{text}"
    return TcpEndpoint(shown, parts.hostname or "127.0.0.1", port, parts.path.rstrip("/"), tls)


def _ssh(text: str, source: str) -> SshEndpoint:
    parts = _split(text, text, source)
    if parts.password:
        # The text is shown in messages and plans, so the password may not be in it.
        raise _invalid(f"ssh://{parts.hostname}", source, "a password can't be given; ssh takes keys")
    name, user = parts.hostname or "", unquote(parts.username) if parts.username else None
    if not name or name.startswith("-") or (user or "").startswith("-"):
        raise _invalid(text, source, "it names no machine")
    if parts.query or parts.fragment:
        raise _invalid(text, source, "only a user, a name, a port and a socket's path can be given")
    path = "" if parts.path == "/" else unquote(parts.path)
    return SshEndpoint(text, name, user, parts.port, path or DEFAULT_SOCKET)


def _split(url: str, text: str, source: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _invalid(text, source, str(error)) from error
    if port == 0 or any(character.isspace() for character in url):
        raise _invalid(text, source, "its name or port can't be one")
    return parts


def _invalid(text: str, source: str, reason: str) -> DockerdeclError:
    return fail(
        "host-invalid",
        f"{source} names no engine: `{text}`: {reason}",
        hint="Write unix:///PATH, tcp://NAME:PORT, ssh://[USER@]NAME[:PORT] or https://NAME:PORT.",
        exit_code=ExitCode.UNREACHABLE,
    )
