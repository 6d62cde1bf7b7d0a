"""Docker contexts on disk: `$DOCKER_CONFIG/contexts/meta` says where an engine is, `contexts/tls` how to trust it.

Takes a context's name and an environment, gives the context. Decides nothing about which one to use, and connects to
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from dockerdecl.engine.docker_config import config_folder, read_object
from dockerdecl.errors import DockerdeclError, ExitCode, fail
from dockerdecl.values import dataclass

DEFAULT = "default"
"""The context that is no file: DOCKER_HOST, or the local socket."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How to trust an engine and be trusted: PEM files, those that exist.

    `verify` False takes any certificate. Without `ca`, the system's authorities count.
    """

    verify: bool
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """A named engine. `tls` is None where the context says nothing about TLS."""

    name: str
    host: str
    tls: Tls | None


def read_context(name: str, environ: Mapping[str, str]) -> Context:
    """The context of this name as the docker CLI wrote it.

    Raises `unknown-context`, naming those that exist, and `context-invalid` for one without a Docker endpoint.
    """
    identity = sha256(name.encode()).hexdigest()
    contexts = config_folder(environ) / "contexts"
    meta = read_object(contexts / "meta" / identity / "meta.json")
    if meta is None:
        raise _unknown(name, environ)
    endpoints = meta.get("Endpoints")
    endpoint = endpoints.get("docker") if isinstance(endpoints, dict) else None
    host = endpoint.get("Host") if isinstance(endpoint, dict) else None
    if not isinstance(endpoint, dict) or not isinstance(host, str) or not host:
        raise fail(
            "context-invalid",
            f"the docker context `{name}` names no Docker engine",
            hint=f"`docker context inspect {name}` shows what it holds.",
            exit_code=ExitCode.UNREACHABLE,
        )
    skip = bool(endpoint.get("SkipTLSVerify", False))
    return Context(name, host, _context_tls(contexts / "tls" / identity / "docker", skip))


def context_names(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Every context there is, sorted, `default` first."""
    found = (config_folder(environ) / "contexts" / "meta").glob("*/meta.json")
    names = {str(meta.get("Name", "")) for path in found if (meta := _readable(path))}
    return (DEFAULT, *sorted(names - {"", DEFAULT}))


def tls_in_folder(folder: Path, *, verify: bool) -> Tls:
    """The PEM files in a folder, under the names that docker gives them: ca.pem, cert.pem, key.pem."""
    ca, certificate, key = (path if path.is_file() else None for path in (folder / f for f in _FILES))
    return Tls(verify, ca, certificate, key)


_FILES = ("ca.pem", "cert.pem", "key.pem")


def _context_tls(folder: Path, skip: bool) -> Tls | None:
    tls = tls_in_folder(folder, verify=not skip)
    # As the docker CLI has it: no material and no wish to skip verification means no TLS at all.
    return tls if skip or tls.ca or tls.certificate or tls.key else None


def _readable(path: Path) -> dict[str, object] | None:
    try:
        return read_object(path)
    except DockerdeclError:
        return None


def _unknown(name: str, environ: Mapping[str, str]) -> DockerdeclError:
    there_are = ", ".join(f"`{each}`" for each in context_names(environ))
    return fail(
        "unknown-context",
        f"there is no docker context `{name}` in {config_folder(environ)}",
        hint=f"There are: {there_are}. DOCKER_CONFIG names another folder.",
        exit_code=ExitCode.UNREACHABLE,
    )
