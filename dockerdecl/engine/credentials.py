"""Who we are at a registry, as the docker CLI keeps it: config.json, its credential store and helpers.

Takes an image reference and the environment, gives the header that goes with a call. A password is in that header and
nowhere else: in no message, no error and no representation of a value.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from dockerdecl.engine.docker_config import config_folder, read_config
from dockerdecl.engine.references import named_reference
from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.resources.image.reference import DEFAULT_REGISTRY
from dockerdecl.values import dataclass

DOCKER_HUB_KEY = "https://index.docker.io/v1/"
"""The name under which every docker program keeps Docker Hub's credentials."""

HELPER_SECONDS = 30.0
_TOKEN_USER = "<token>"


@dataclass(frozen=True, slots=True)
class RegistryAuth:
    """The credentials for one registry; `header` is the value of `X-Registry-Auth`."""

    registry: str
    header: str = field(repr=False)


def registry_auth(reference: str, environ: Mapping[str, str]) -> RegistryAuth | None:
    """The credentials for the registry of an image, None where there are none.

    Raises `reference-invalid`, `docker-config-invalid`, and `credential-helper-failed` naming the helper.
    """
    registry = named_reference(reference).registry
    found = _lookup(registry, read_config(environ), environ)
    return RegistryAuth(registry, _encode(found)) if found else None


def login_of(registry: str, environ: Mapping[str, str]) -> dict[str, str] | None:
    """Who we are at a registry: `username` and `password`, or an `identitytoken`; None where nothing is stored.

    Not for showing. Raises as `registry_auth` does.
    """
    return _lookup(registry, read_config(environ), environ)


def registry_config(registries: Iterable[str], environ: Mapping[str, str]) -> str | None:
    """The value of `X-Registry-Config` for a build that takes its base images from these registries.

    None where there are no credentials. Raises as `registry_auth` does.
    """
    config = read_config(environ)
    keys = {registry: key_of(registry) for registry in registries}
    found = {key: auth for registry, key in keys.items() if (auth := _lookup(registry, config, environ))}
    return _encode(found) if found else None


def _lookup(registry: str, config: dict[str, Any], environ: Mapping[str, str]) -> dict[str, str] | None:
    helper = helper_of(registry, config, environ)
    stored = _ask(helper, key_of(registry), environ) if helper else None
    return stored or _from_file(registry, config, environ)


def key_of(registry: str) -> str:
    """The name under which the credentials for a registry are kept."""
    return DOCKER_HUB_KEY if registry == DEFAULT_REGISTRY else registry


def _host(key: str) -> str:
    host = key.removeprefix("https://").removeprefix("http://").partition("/")[0]
    return DEFAULT_REGISTRY if host == f"index.{DEFAULT_REGISTRY}" else host


def names_of(registry: str, config: Mapping[str, Any]) -> frozenset[str]:
    """The names in config.json that mean a registry: its own, and URLs as older programs wrote them."""
    auths = config.get("auths")
    known = auths if isinstance(auths, dict) else {}
    return frozenset(str(each) for each in known if each == key_of(registry) or _host(str(each)) == registry)


def _named(registry: str, entries: object) -> tuple[str, Any] | None:
    if not isinstance(entries, dict):
        return None
    key = key_of(registry)
    if key in entries:
        return key, entries[key]
    # Older programs wrote URLs: https://registry.example/v2/
    return next(((each, entries[each]) for each in entries if _host(str(each)) == registry), None)


def helper_of(registry: str, config: dict[str, Any], environ: Mapping[str, str]) -> str | None:
    """The credential helper that is configured for a registry. Raises `docker-config-invalid`."""
    own = _named(registry, config.get("credHelpers"))
    name = own[1] if own else config.get("credsStore")
    if name in (None, ""):
        return None
    if not isinstance(name, str) or "/" in name:
        raise _invalid(environ, "the name of a credential helper is no name")
    return name


def _from_file(registry: str, config: dict[str, Any], environ: Mapping[str, str]) -> dict[str, str] | None:
    found = _named(registry, config.get("auths"))
    if not found or not isinstance(found[1], dict):
        return None
    key, entry = found
    if entry.get("identitytoken"):
        return {"identitytoken": str(entry["identitytoken"]), "serveraddress": key}
    user, password = entry.get("username"), entry.get("password")
    if entry.get("auth"):
        user, password = _decode(str(entry["auth"]), key, environ)
    return {"username": str(user), "password": str(password), "serveraddress": key} if user else None


def _decode(auth: str, key: str, environ: Mapping[str, str]) -> tuple[str, str]:
    try:
        user, colon, password = base64.b64decode(auth, validate=True).decode().partition(":")
    except ValueError:
        user, colon, password = "", "", ""
    if not colon:
        # Without `from`: the exception that was caught may quote what it could not decode.
        raise _invalid(environ, f"the entry `{key}` under `auths` holds no user and password") from None
    return user, password.rstrip("\0")


def _ask(helper: str, key: str, environ: Mapping[str, str]) -> dict[str, str] | None:
    program = f"docker-credential-{helper}"
    try:
        done = subprocess.run(
            (program, "get"),
            input=key.encode(),
            capture_output=True,
            timeout=HELPER_SECONDS,
            env=dict(environ),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise helper_failed(program, key, f"it gave no answer within {HELPER_SECONDS:.0f} s") from None
    except OSError as error:
        raise helper_failed(program, key, error.strerror or "it can't be started") from error
    if not done.returncode:
        return _parse(program, key, done.stdout)
    words = (done.stdout.strip() or done.stderr.strip()).decode(errors="replace")
    if "credentials not found" in words.lower():
        return None
    # A helper says on stdout why it failed; anything that looks like an answer may hold a password.
    reason = "" if words.startswith("{") else words.partition("\n")[0].strip()
    raise helper_failed(program, key, reason or f"it ended with {done.returncode}")


def _parse(program: str, key: str, stdout: bytes) -> dict[str, str] | None:
    try:
        answer = json.loads(stdout)
        user, secret = answer["Username"], answer["Secret"]
    except (ValueError, KeyError, TypeError):
        raise helper_failed(program, key, "its answer is no JSON object with Username and Secret") from None
    if user == _TOKEN_USER:
        return {"identitytoken": str(secret), "serveraddress": key}
    return {"username": str(user), "password": str(secret), "serveraddress": key} if user else None


def _encode(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def helper_failed(program: str, key: str, reason: str) -> DockerdeclError:
    """That a credential helper did not do what it was asked."""
    return fail(
        "credential-helper-failed",
        f"the credential helper `{program}` failed for {key}: {reason}",
        hint=f"`echo {key} | {program} get` must work; config.json names the helper under credsStore or credHelpers.",
    )


def _invalid(environ: Mapping[str, str], reason: str) -> DockerdeclError:
    return fail(
        "docker-config-invalid",
        f"{config_folder(environ) / 'config.json'}: {reason}",
        hint="Log in anew with `dockerdecl login`.",
    )
