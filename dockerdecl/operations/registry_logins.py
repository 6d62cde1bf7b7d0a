"""Logging in to registries and out of them. Takes an engine, a registry and who we are there; gives where that is kept.

The engine tries a login before it is written down, since it is the engine that pulls and pushes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dockerdecl.engine.credentials import key_of
from dockerdecl.engine.logins import Kept, store_login
from dockerdecl.errors import ExitCode, fail
from dockerdecl.resources.image.reference import DEFAULT_REGISTRY, parse

if TYPE_CHECKING:
    from dockerdecl.engine.client import Engine

_HUB_NAMES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com"})


def registry_name(word: str | None) -> str:
    """The registry that a command line means, by the name that references have; Docker Hub without a word.

    Raises `registry-name-invalid`.
    """
    if not word:
        return DEFAULT_REGISTRY
    name = word.removeprefix("https://").removeprefix("http://")
    host, _, path = name.partition("/")
    if host in _HUB_NAMES:
        return DEFAULT_REGISTRY
    try:
        known = parse(f"{host}/name").registry if path.strip("/") in ("", "v1", "v2") else None
    except ValueError:
        known = None
    if known != host:
        hint = "write HOST or HOST:PORT, such as registry.local:5000; nothing for Docker Hub"
        raise fail("registry-name-invalid", f"`{word}` is no registry", hint=hint, exit_code=ExitCode.USAGE)
    return host


def log_in(engine: Engine, registry: str, user: str, password: str, environ: Mapping[str, str]) -> Kept:
    """Have a login tried by the engine, and write it down. Raises `registry-auth` and the like."""
    from dockerdecl.engine.calls.registries import check_login

    login = {"username": user, "password": password}
    token = check_login(engine, registry, {**login, "serveraddress": key_of(registry)})
    return store_login(registry, {"username": user, "identitytoken": token} if token else login, environ)


def log_in_directly(
    registry: str, user: str, password: str, environ: Mapping[str, str], authority: Path | None
) -> Kept:
    """The same where there is no engine: the registry is asked from this machine."""
    from dockerdecl.registry.client import open_registry
    from dockerdecl.registry.opening import insecure_everywhere

    login = {"username": user, "password": password}
    insecure = insecure_everywhere(registry)
    with open_registry(registry, environ, login=login, authority=authority, insecure=insecure) as opened:
        opened.check()
    return store_login(registry, login, environ)
