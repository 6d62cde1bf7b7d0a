"""Credentials for registries: config.json as docker writes it, and credential helpers that really run."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from dockerdecl.engine import credentials
from dockerdecl.engine.credentials import DOCKER_HUB_KEY, registry_auth, registry_config
from dockerdecl.errors import DockerdeclError

SECRET = "open-sesame"
BASIC = {"auth": base64.b64encode(f"me:{SECRET}".encode()).decode()}
HELPER = f"""#!/bin/sh
read key
echo '{{"ServerURL":"'$key'","Username":"helper","Secret":"{SECRET}"}}'
"""
TOKEN_HELPER = f'#!/bin/sh\necho \'{{"Username":"<token>","Secret":"{SECRET}"}}\'\n'
EMPTY_HELPER = "#!/bin/sh\necho credentials not found in native keychain\nexit 1\n"


def environment(folder: Path, config: object, **helpers: str) -> Mapping[str, str]:
    (folder / "config.json").write_text(json.dumps(config))
    for name, script in helpers.items():
        program = folder / f"docker-credential-{name}"
        program.write_text(script)
        program.chmod(0o755)
    return {"DOCKER_CONFIG": str(folder), "PATH": f"{folder}:/usr/bin:/bin"}


def sent(reference: str, environ: Mapping[str, str]) -> dict[str, str] | None:
    auth = registry_auth(reference, environ)
    if auth is None:
        return None
    value: dict[str, str] = json.loads(base64.urlsafe_b64decode(auth.header))
    return value


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("reg:5000/web:1", "reg:5000"),
        ("reg:5000/web", "https://reg:5000/v2/"),
        ("reg.example/a/b@sha256:" + "a" * 64, "http://reg.example"),
        ("nginx", DOCKER_HUB_KEY),
        ("docker.io/library/nginx", DOCKER_HUB_KEY),
        ("me/private:1", "docker.io"),
        ("me/private:1", "index.docker.io"),
    ],
)
def test_an_entry_of_the_file_is_found_by_the_registry_of_the_image(reference: str, key: str, tmp_path: Path) -> None:
    environ = environment(tmp_path, {"auths": {"other": BASIC, key: BASIC}})
    assert sent(reference, environ) == {"username": "me", "password": SECRET, "serveraddress": key}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"identitytoken": SECRET, "auth": BASIC["auth"]}, {"identitytoken": SECRET}),
        ({"username": "me", "password": SECRET}, {"username": "me", "password": SECRET}),
        ({"auth": base64.b64encode(b"me:a:b\0").decode()}, {"username": "me", "password": "a:b"}),
    ],
)
def test_every_kind_of_entry_is_read(entry: dict[str, str], expected: dict[str, str], tmp_path: Path) -> None:
    environ = environment(tmp_path, {"auths": {"reg:5000": entry}})
    assert sent("reg:5000/web", environ) == {**expected, "serveraddress": "reg:5000"}


@pytest.mark.parametrize(
    "config", [{}, {"auths": {}}, {"auths": {"reg:5000": {}}}, {"auths": {"reg:5000": {"auth": ""}}}, {"auths": None}]
)
def test_no_credentials_are_none(config: object, tmp_path: Path) -> None:
    assert sent("reg:5000/web", environment(tmp_path, config)) is None


def test_no_configuration_is_no_credentials(tmp_path: Path) -> None:
    assert sent("reg:5000/web", {"DOCKER_CONFIG": str(tmp_path / "none")}) is None


def test_the_helper_of_a_registry_wins_over_the_store_and_the_file(tmp_path: Path) -> None:
    config = {"auths": {"reg:5000": BASIC}, "credsStore": "store", "credHelpers": {"reg:5000": "own"}}
    environ = environment(tmp_path, config, own=HELPER, store=EMPTY_HELPER)
    assert sent("reg:5000/web", environ) == {"username": "helper", "password": SECRET, "serveraddress": "reg:5000"}


def test_the_store_is_asked_for_docker_hub_by_its_key(tmp_path: Path) -> None:
    environ = environment(tmp_path, {"credsStore": "store"}, store=HELPER)
    assert sent("nginx", environ) == {"username": "helper", "password": SECRET, "serveraddress": DOCKER_HUB_KEY}


def test_a_token_of_a_helper_is_an_identity_token(tmp_path: Path) -> None:
    environ = environment(tmp_path, {"credsStore": "store"}, store=TOKEN_HELPER)
    assert sent("reg:5000/web", environ) == {"identitytoken": SECRET, "serveraddress": "reg:5000"}


def test_what_the_store_does_not_have_is_looked_for_in_the_file(tmp_path: Path) -> None:
    environ = environment(tmp_path, {"auths": {"reg:5000": BASIC}, "credsStore": "store"}, store=EMPTY_HELPER)
    assert sent("reg:5000/web", environ) == {"username": "me", "password": SECRET, "serveraddress": "reg:5000"}
    assert sent("elsewhere:5000/web", environ) is None


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("#!/bin/sh\necho the keychain is locked\nexit 1\n", "the keychain is locked"),
        ("#!/bin/sh\necho no session >&2\nexit 3\n", "no session"),
        ("#!/bin/sh\nexit 3\n", "ended with 3"),
        (f'#!/bin/sh\necho \'{{"Secret":"{SECRET}"\'\nexit 1\n', "ended with 1"),
        (f"#!/bin/sh\necho '{SECRET}'\n", "no JSON object"),
        (f"#!/bin/sh\necho '[\"{SECRET}\"]'\n", "no JSON object"),
        ("#!/no/such/interpreter\n", "No such file"),
    ],
)
def test_a_broken_helper_is_named_and_its_secrets_are_not(script: str, reason: str, tmp_path: Path) -> None:
    environ = environment(tmp_path, {"credsStore": "broken"}, broken=script)
    error = failure("reg:5000/web", environ)
    assert error.code == "credential-helper-failed"
    assert "docker-credential-broken" in str(error)
    assert reason in str(error)
    assert SECRET not in f"{error} {error.problems}"


def test_a_missing_helper_is_named(tmp_path: Path) -> None:
    error = failure("reg:5000/web", environment(tmp_path, {"credsStore": "gone"}))
    assert "docker-credential-gone" in str(error)


def test_a_helper_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "HELPER_SECONDS", 0.2)
    environ = environment(tmp_path, {"credsStore": "slow"}, slow="#!/bin/sh\nexec sleep 20\n")
    assert "no answer within" in str(failure("reg:5000/web", environ))


@pytest.mark.parametrize(
    "config",
    [{"auths": {"reg:5000": {"auth": "!!"}}}, {"auths": {"reg:5000": {"auth": "bWU="}}}, {"credsStore": "../../evil"}],
)
def test_a_broken_configuration_is_named(config: object, tmp_path: Path) -> None:
    error = failure("reg:5000/web", environment(tmp_path, config))
    assert error.code == "docker-config-invalid"
    assert str(tmp_path / "config.json") in str(error)


def test_a_reference_that_is_none_is_refused(tmp_path: Path) -> None:
    assert failure("Not A Reference", environment(tmp_path, {})).code == "reference-invalid"


def test_credentials_do_not_show_in_their_representation(tmp_path: Path) -> None:
    auth = registry_auth("reg:5000/web", environment(tmp_path, {"auths": {"reg:5000": BASIC}}))
    assert auth is not None
    assert auth.header not in f"{auth!r} {auth}"


def test_a_build_gets_the_credentials_of_its_registries_by_their_keys(tmp_path: Path) -> None:
    environ = environment(tmp_path, {"auths": {DOCKER_HUB_KEY: BASIC, "reg:5000": BASIC, "unasked": BASIC}})
    header = registry_config(["docker.io", "reg:5000", "without:5000"], environ)
    assert header
    assert sorted(json.loads(base64.urlsafe_b64decode(header))) == [DOCKER_HUB_KEY, "reg:5000"]
    assert registry_config(["without:5000"], environ) is None


def failure(reference: str, environ: Mapping[str, str]) -> DockerdeclError:
    with pytest.raises(DockerdeclError) as caught:
        registry_auth(reference, environ)
    return caught.value
