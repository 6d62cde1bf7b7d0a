"""Why an engine can't be reached: what the network, TLS or the socket said, as an error that says what to do.

Takes the exception of a failed request, gives a `DockerdeclError`. What the engine itself answers is the business of
`errors`.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dockerdecl.engine.hosts import Endpoint, SshEndpoint, TcpEndpoint, UnixEndpoint
from dockerdecl.errors import DockerdeclError, ExitCode, fail

if TYPE_CHECKING:
    import ssl

CONNECTION_LOST = "connection-lost"
"""The code that leaves open whether the engine did what it was asked."""


def unreachable(code: str, message: str, hint: str | None = None) -> DockerdeclError:
    """An error that ends the run with exit code 4."""
    return fail(code, message, hint=hint, exit_code=ExitCode.UNREACHABLE)


def connection_error(error: Exception, endpoint: Endpoint) -> DockerdeclError:
    """What a request to `endpoint` died of.

    `connection-lost` and `engine-timeout` leave open whether the engine did what it was asked; with every other code
    it never heard of it.
    """
    import ssl

    causes = tuple(_causes(error))
    for cause in causes:
        # These two only say that the other side hung up.
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
            return _tls(cause, endpoint)
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return _unknown_name(endpoint)
    for cause in causes:
        if isinstance(cause, OSError) and (found := _system(cause, endpoint)):
            return found
    return _timed_out(causes, endpoint) or unreachable(
        CONNECTION_LOST,
        f"the connection to the engine at {endpoint.host} was lost",
        "The engine may have stopped or restarted, and may or may not have done what it was asked: run again to see.",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    # requests and urllib3 hand the real reason on in their arguments, in `reason`, or as the cause, layers deep.
    seen: set[int] = set()
    queue: list[BaseException] = [error]
    while queue:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        nested = (*current.args, getattr(current, "reason", None), current.__cause__, current.__context__)
        queue += [each for each in nested if isinstance(each, BaseException)]


def _system(error: OSError, endpoint: Endpoint) -> DockerdeclError | None:
    where = f"the engine at {endpoint.host}"
    match error:
        case FileNotFoundError() | NotADirectoryError() if isinstance(endpoint, UnixEndpoint):
            return unreachable(
                "socket-missing",
                f"there is no Docker engine at {endpoint.host}: the socket doesn't exist",
                "Is the engine installed and running (`systemctl start docker`)? "
                "If it is elsewhere, give --host, --context or DOCKER_HOST.",
            )
        case PermissionError() if isinstance(endpoint, UnixEndpoint):
            return unreachable(
                "permission-denied",
                f"permission denied on the engine's socket {endpoint.path}",
                "Add yourself to the docker group (`sudo usermod -aG docker $USER`) and log in anew, "
                "or run dockerdecl with sudo.",
            )
        case ConnectionRefusedError():
            return unreachable("connection-refused", f"{where} refused the connection", _refused_hint(endpoint))
        case OSError(errno=errno.EHOSTUNREACH | errno.ENETUNREACH | errno.EHOSTDOWN):
            return unreachable("host-unreachable", f"{where} can't be reached: {error.strerror}", "Check the network.")
        case _:
            return None


def _refused_hint(endpoint: Endpoint) -> str:
    match endpoint:
        case TcpEndpoint():
            return f"Does the engine listen on port {endpoint.port} there, and does no firewall refuse it?"
        case UnixEndpoint():
            return "The socket is left over from an engine that runs no more: start it (`systemctl start docker`)."
        case SshEndpoint():
            return "The ssh connection to it has ended: run again."


def _unknown_name(endpoint: Endpoint) -> DockerdeclError:
    name = endpoint.name if isinstance(endpoint, TcpEndpoint) else endpoint.host
    return unreachable("host-unknown", f"the name `{name}` of {endpoint.host} isn't known", "Is it spelled correctly?")


def _timed_out(causes: tuple[BaseException, ...], endpoint: Endpoint) -> DockerdeclError | None:
    import requests
    import urllib3

    kinds = {type(cause) for cause in causes}
    if not any("timed out" in str(cause) for cause in causes):
        return None
    if kinds & {requests.ConnectTimeout, urllib3.exceptions.NewConnectionError}:
        return unreachable(
            "connect-timeout",
            f"the engine at {endpoint.host} did not answer in time",
            "Is the machine up, and does no firewall swallow what is sent to that port?",
        )
    return unreachable(
        "engine-timeout",
        f"the engine at {endpoint.host} took the request, but gave no answer in time",
        "It may still be at it. `docker info` shows whether it answers at all; its log says what it waits for.",
    )


def _tls(error: ssl.SSLError, endpoint: Endpoint) -> DockerdeclError:
    import ssl

    text = str(error).lower()
    where = f"the engine at {endpoint.host}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return unreachable(
            "tls-untrusted",
            f"the certificate of {where} is not trusted: {error.verify_message}",
            "It must be signed by the authority in ca.pem and hold the name or address in the host; "
            "DOCKER_CERT_PATH, or the context, says where ca.pem is.",
        )
    if "alert" in text or "certificate required" in text:
        return unreachable(
            "tls-client-certificate",
            f"{where} wants another client certificate: {tls_reason(error)}",
            "cert.pem and key.pem must be signed by the authority that the engine trusts; "
            "DOCKER_CERT_PATH, or the context, says where they are.",
        )
    if "wrong_version_number" in text or "http_request" in text or "record layer" in text:
        return unreachable(
            "tls-not-spoken",
            f"{where} doesn't speak TLS on this port",
            "Give the port on which it does (often 2376), or unset DOCKER_TLS_VERIFY and DOCKER_TLS.",
        )
    return unreachable(
        "tls-failed", f"TLS with {where} failed: {tls_reason(error)}", "Check ca.pem, cert.pem and key.pem."
    )


def tls_reason(error: ssl.SSLError) -> str:
    """What OpenSSL objects to, in its own words."""
    return (error.reason or str(error)).replace("_", " ").lower()
