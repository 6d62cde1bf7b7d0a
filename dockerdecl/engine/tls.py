"""TLS for a session: whom to trust, who we are, and connections that hear a refusal while they send.

Takes a `requests` session and a `Tls`, gives the session its certificates. A file that won't do is named here, since
once a connection fails nobody can tell which of three it was.
"""

from __future__ import annotations

import errno
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockerdecl.engine.contexts import Tls
from dockerdecl.engine.unreachable import tls_reason, unreachable
from dockerdecl.errors import DockerdeclError

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter


def trust(session: requests.Session, tls: Tls, host: str) -> None:
    """Make a session speak TLS as `tls` says. Raises `tls-files-missing` or `tls-files-invalid`, naming the file."""
    if tls.ca:
        _check_authority(tls.ca)
    if bool(tls.certificate) != bool(tls.key):
        there, missing = ("cert.pem", "key.pem") if tls.certificate else ("key.pem", "cert.pem")
        message = f"of the client certificate for {host} there is {there}, but no {missing}"
        raise unreachable("tls-files-missing", message, f"Put {missing} beside {tls.certificate or tls.key}.")
    if tls.certificate and tls.key:
        _check_client(tls.certificate, tls.key)
        session.cert = (str(tls.certificate), str(tls.key))
    session.verify = _verify(tls)


def tls_adapter(connections: int) -> HTTPAdapter:
    """An adapter for a session, that keeps so many connections.

    An engine that refuses an upload answers and hangs up before it has read it. For a plain socket urllib3 takes the
    broken pipe as the sign to read that answer; in TLS it comes in another guise, which is undone here.
    """
    import requests.adapters
    import urllib3

    class Connection(urllib3.connection.HTTPSConnection):
        def send(self, data: Any) -> None:
            try:
                super().send(data)
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
                raise BrokenPipeError(errno.EPIPE, "the engine hung up while it was sent to") from error

    class Pool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Connection

    made = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0)
    made.poolmanager.pool_classes_by_scheme = {"http": urllib3.HTTPConnectionPool, "https": Pool}
    return made


def _verify(tls: Tls) -> str | bool:
    if tls.verify:
        system = ssl.get_default_verify_paths()
        return str(tls.ca) if tls.ca else (system.cafile or system.capath or True)
    import urllib3

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return False


def _check_authority(path: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except FileNotFoundError as error:
        message = f"TLS was asked for, but there is no {path}"
        hint = "DOCKER_CERT_PATH names the folder with ca.pem, cert.pem and key.pem."
        raise unreachable("tls-files-missing", message, hint) from error
    except OSError as error:
        raise _invalid(f"{path} can't be used: {_reason(error)}") from error


def _check_client(certificate: Path, key: Path) -> None:
    try:
        # The empty passphrase keeps OpenSSL from stopping to ask the terminal for one.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password="")
    except OSError as error:
        raise _invalid(f"{certificate} and {key} can't be used: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    return tls_reason(error) if isinstance(error, ssl.SSLError) else (error.strerror or str(error))


def _invalid(message: str) -> DockerdeclError:
    hint = (
        "They must be PEM files (-----BEGIN ...-----), certificate and key of one pair, the key without a passphrase."
    )
    return unreachable("tls-files-invalid", message, hint)
