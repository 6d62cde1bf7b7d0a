"""TLS for a session: the PEM files that say whom to trust and who we are, looked at before anything is sent.

Takes a `requests` session and a `Tls`, gives the session its certificates. A file that won't do is named here, since
once a connection fails nobody can tell which of three it was.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from dockerdecl.engine.contexts import Tls
from dockerdecl.engine.unreachable import tls_reason, unreachable
from dockerdecl.errors import DockerdeclError

if TYPE_CHECKING:
    import requests


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
