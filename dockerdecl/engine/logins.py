"""Logins written down and taken away, as the docker CLI keeps them: by a credential helper, else in config.json.

Takes a registry and who we are there, gives where that is kept now. Other keys of config.json stay as they are; it is
written beside and renamed, so that it is whole at any time. A password is in no message and no argument.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dockerdecl.engine.credentials import HELPER_SECONDS, helper_failed, helper_of, key_of, names_of
from dockerdecl.engine.docker_config import config_folder, read_config
from dockerdecl.errors import fail
from dockerdecl.values import dataclass

_TOKEN_USER = "<token>"


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a login is kept: by a `helper`, else in `file`, where whoever can read that file can read the password."""

    registry: str
    file: Path
    helper: str | None = None


def store_login(registry: str, login: Mapping[str, str], environ: Mapping[str, str]) -> Kept:
    """Write a login down: `username` and `password`, or `username` and the `identitytoken` given in exchange.

    Raises `credential-helper-failed`, `docker-config-invalid` and `docker-config-unwritable`.
    """
    config, file = read_config(environ), config_folder(environ) / "config.json"
    helper, key = helper_of(registry, config, environ), key_of(registry)
    auths = {k: v for k, v in (config.get("auths") or {}).items() if k not in names_of(registry, config)}
    if helper:
        token = login.get("identitytoken")
        secret = {"Username": _TOKEN_USER if token else login["username"], "Secret": token or login["password"]}
        _ask(helper, "store", key, json.dumps({"ServerURL": key, **secret}).encode(), environ)
        _write(file, {**config, "auths": {**auths, key: {}}})
        return Kept(registry, file, helper)
    _write(file, {**config, "auths": {**auths, key: _entry(login)}})
    return Kept(registry, file)


def remove_login(registry: str, environ: Mapping[str, str]) -> Kept | None:
    """Forget a login; gives where it was kept, None where there was none. Raises as `store_login` does."""
    config, file = read_config(environ), config_folder(environ) / "config.json"
    helper, names = helper_of(registry, config, environ), names_of(registry, config)
    if helper and _ask(helper, "get", key_of(registry), key_of(registry).encode(), environ):
        _ask(helper, "erase", key_of(registry), key_of(registry).encode(), environ)
    elif not names:
        return None
    if names:
        _write(file, {**config, "auths": {k: v for k, v in config["auths"].items() if k not in names}})
    return Kept(registry, file, helper)


def _entry(login: Mapping[str, str]) -> dict[str, str]:
    token = login.get("identitytoken")
    user = f"{login['username']}:{'' if token else login['password']}"
    entry = {"auth": base64.b64encode(user.encode()).decode()}
    return {**entry, "identitytoken": token} if token else entry


def _ask(helper: str, verb: str, key: str, given: bytes, environ: Mapping[str, str]) -> bool:
    "whether the helper did it; one that has nothing to give is no failure"
    program = f"docker-credential-{helper}"
    try:
        done = subprocess.run(
            (program, verb), input=given, capture_output=True, timeout=HELPER_SECONDS, env=dict(environ), check=False
        )
    except subprocess.TimeoutExpired:
        raise helper_failed(program, key, f"it gave no answer within {HELPER_SECONDS:.0f} s") from None
    except OSError as error:
        raise helper_failed(program, key, error.strerror or "it can't be started") from None
    words = (done.stdout.strip() or done.stderr.strip()).decode(errors="replace")
    if done.returncode and "credentials not found" in words.lower():
        return False
    if done.returncode:
        # What a helper that was given a password prints may hold it.
        reason = words.partition("\n")[0].strip() if verb != "store" else ""
        raise helper_failed(program, key, reason or f"`{verb}` ended with {done.returncode}")
    return True


def _write(file: Path, config: Mapping[str, Any]) -> None:
    "a link to elsewhere stays one; nobody but its owner may read what is written"
    target = file.resolve() if file.is_symlink() else file
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=".config-", suffix=".json", dir=target.parent)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as written:
                written.write(json.dumps(config, indent="\t"))
                written.flush()
                os.fsync(written.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        message = f"{target} can't be written: {error.strerror or error}"
        raise fail("docker-config-unwritable", message, hint="DOCKER_CONFIG names another folder.") from error
