"""Which certificates are believed from a registry, and which one is shown to it.

Takes the registry's name and the places where the docker programs look, gives what a `requests` session needs. A file
that won't do is named here, since once a connection fails nobody can tell which of several it was.
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dockerdecl.engine.docker_config import config_folder
from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.values import dataclass

_SYSTEM_FOLDER = Path("/etc/docker/certs.d")
CA_VARIABLE = "DOCKERDECL_REGISTRY_CA"


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files that count for one registry: authorities beside the system's, and our own certificate with its key."""

    authorities: tuple[Path, ...] = ()
    own: tuple[Path, Path] | None = None


def certificates_of(registry: str, environ: Mapping[str, str], authority: Path | None = None) -> Certificates:
    """What is laid down for a registry; `authority` is one that the user names, beside DOCKERDECL_REGISTRY_CA.

    Raises `registry-certificates-invalid`, naming the file.
    """
    named = authority or (Path(environ[CA_VARIABLE]) if environ.get(CA_VARIABLE) else None)
    authorities = [named] if named else []
    own: tuple[Path, Path] | None = None
    for folder in _folders(registry, environ):
        try:
            files = sorted(folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise _invalid(folder, error.strerror or str(error)) from error
        authorities += [file for file in files if file.suffix == ".crt"]
        own = own or _own(files)
    for file in authorities:
        _check(file)
    return Certificates(tuple(authorities), own)


@contextmanager
def bundle(authorities: tuple[Path, ...]) -> Iterator[str | bool]:
    """What `verify` of a session is to be: the system's authorities, and these beside them."""
    paths = ssl.get_default_verify_paths()
    if not authorities:
        yield paths.cafile or paths.capath or True
        return
    with tempfile.NamedTemporaryFile(prefix="dockerdecl-", suffix=".pem") as together:
        together.write(_system_authorities())
        for file in authorities:
            together.write(b"\n" + file.read_bytes())
        together.flush()
        yield together.name


def _system_authorities() -> bytes:
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    known = (ssl.get_default_verify_paths().cafile, "/etc/ssl/certs/ca-certificates.crt", DEFAULT_CA_BUNDLE_PATH)
    for file in known:
        try:
            if file:
                return Path(file).read_bytes()
        except OSError:
            continue
    return b""


def _folders(registry: str, environ: Mapping[str, str]) -> tuple[Path, ...]:
    "the engine's own folder, the one of an engine without root, and one beside config.json"
    home = environ.get("HOME")
    rootless = (Path(home) / ".config/docker/certs.d",) if home else ()
    return tuple(folder / registry for folder in (_SYSTEM_FOLDER, *rootless, config_folder(environ) / "certs.d"))


def _own(files: list[Path]) -> tuple[Path, Path] | None:
    certificate = next((file for file in files if file.suffix == ".cert"), None)
    if certificate is None:
        return None
    key = certificate.with_suffix(".key")
    if key not in files:
        raise _invalid(certificate, f"there is no {key.name} beside it")
    try:
        # The empty passphrase keeps OpenSSL from stopping to ask the terminal for one.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password="")
    except OSError as error:
        raise _invalid(certificate, _reason(error)) from error
    return certificate, key


def _check(authority: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(authority)
    except OSError as error:
        raise _invalid(authority, _reason(error)) from error


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    return error.strerror or str(error)


def _invalid(file: Path, reason: str) -> DockerdeclError:
    return fail(
        "registry-certificates-invalid",
        f"{file} can't be used: {reason}",
        hint="Authorities are PEM files named *.crt, a client certificate is *.cert with a *.key of the same name.",
    )
