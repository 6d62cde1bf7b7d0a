"""The registry client against Debian's docker-registry, and against servers that do what registries shouldn't."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import requests

from dockerdecl.errors import DockerdeclError
from dockerdecl.registry.authentication import basic
from dockerdecl.registry.client import MANIFEST_TYPES, Registry, open_registry
from tests.support.registry import PASSWORD, USER, Certificates, make_certificates, served

LOGIN = {"username": USER, "password": PASSWORD}
INDEX, _, _, MANIFEST = MANIFEST_TYPES
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if not shutil.which("docker-registry") and os.environ.get("CI") != "true":
        pytest.skip("there is no docker-registry: install the package docker-registry")
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def address(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry with TLS and a password, in which `shop/web` has two tags and an index."""
    with served(tmp_path_factory.mktemp("registry"), protected=True, tls=certificates) as address:
        with requests.Session() as session:
            session.trust_env = False
            session.auth = (USER, PASSWORD)
            session.verify = str(certificates.authority)
            fill(session, f"https://{address}/v2/shop/web")
            fill(session, f"https://{address}/v2/shop/api")
        yield address


def fill(session: requests.Session, repository: str) -> None:
    """Two images and an index of them."""
    one, two = (put_image(session, repository, tag) for tag in ("1", "2"))
    images = [
        {"mediaType": MANIFEST, "digest": one, "size": 1, "platform": {"os": "linux", "architecture": "amd64"}},
        {
            "mediaType": MANIFEST,
            "digest": two,
            "size": 2,
            "platform": {"os": "linux", "architecture": "arm", "variant": "v7"},
        },
    ]
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": images}
    put_manifest(session, f"{repository}/manifests/all", INDEX, index)


def put_image(session: requests.Session, repository: str, tag: str) -> str:
    content = json.dumps({"config": tag}).encode()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    place = session.post(f"{repository}/blobs/uploads/").headers["Location"]
    session.put(f"{place}&digest={digest}", data=content).raise_for_status()
    kind = "application/vnd.docker.container.image.v1+json"
    config = {"mediaType": kind, "digest": digest, "size": len(content)}
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}
    return put_manifest(session, f"{repository}/manifests/{tag}", MANIFEST, document)


def put_manifest(session: requests.Session, url: str, kind: str, document: object) -> str:
    answer = session.put(url, data=json.dumps(document).encode(), headers={"Content-Type": kind})
    answer.raise_for_status()
    return answer.headers["Docker-Content-Digest"]


@pytest.fixture
def opened(address: str, certificates: Certificates) -> Iterator[Registry]:
    with open_registry(address, {}, login=LOGIN, authority=certificates.authority) as found:
        yield found


def test_what_it_holds(opened: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists come page by page, a tag means a digest, and an index names its platforms."""
    monkeypatch.setattr("dockerdecl.registry.client.PAGE", 1)
    opened.check()
    assert [*opened.catalogue()] == ["shop/api", "shop/web"]
    assert sorted(opened.tags("shop/web")) == ["1", "2", "all"]
    one = opened.manifest("shop/web", "1")
    assert opened.digest("shop/web", "1") == one.digest == opened.manifest("shop/web", one.digest).digest
    assert one.media_type == MANIFEST and one.config.startswith("sha256:") and not one.images
    assert [image.platform for image in opened.manifest("shop/web", "all").images] == ["linux/amd64", "linux/arm/v7"]
    assert opened.digest("shop/web", "3") is None and opened.digest("shop/none", "1") is None
    assert refused(lambda: list(opened.tags("shop/none"))) == "image-not-in-registry"


def test_delete(opened: Registry, certificates: Certificates, tmp_path: Path) -> None:
    """A manifest goes with its tags; a registry that isn't set up for it says how it would be."""
    digest = opened.digest("shop/api", "2")
    assert digest is not None
    opened.delete("shop/api", digest)
    assert opened.digest("shop/api", "2") is None
    assert refused(lambda: opened.delete("shop/api", digest)) == "image-not-in-registry"
    with served(tmp_path, deletes=False) as plain, open_registry(plain, {}, insecure=True) as keeping:
        with requests.Session() as session:
            fill(session, f"http://{plain}/v2/shop/web")
        held = keeping.digest("shop/web", "1")
        with pytest.raises(DockerdeclError, match="doesn't do this") as caught:
            keeping.delete("shop/web", held or "")
        assert "REGISTRY_STORAGE_DELETE_ENABLED=true" in (caught.value.problems[0].hint or "")


def refused(ask: Callable[[], object]) -> str:
    with pytest.raises(DockerdeclError) as caught:
        ask()
    assert caught.value.problems[0].hint
    assert PASSWORD not in str(caught.value) + repr(caught.value.problems) and "wrong" not in repr(
        caught.value.problems
    )
    return caught.value.code


def test_refusals(address: str, certificates: Certificates, tmp_path: Path) -> None:
    """Without credentials, with wrong ones, without the authority, and where nobody answers."""

    def ask(name: str = address, **settings: object) -> str:
        def look() -> None:
            with open_registry(name, {}, **{"authority": certificates.authority, **settings}) as found:  # type: ignore[arg-type]  # of a table
                found.check()

        return refused(look)

    assert ask() == "registry-auth"
    assert ask(login={"username": USER, "password": "wrong"}) == "registry-auth"
    assert ask(authority=None, login=LOGIN) == "registry-untrusted"
    assert ask(authority=make_certificates(tmp_path).authority, login=LOGIN, insecure=True) == "registry-untrusted"
    assert ask(authority=tmp_path / "names") == "registry-certificates-invalid"
    assert ask(authority=tmp_path / "none.crt") == "registry-certificates-invalid"
    assert ask("127.0.0.1:1") == "registry-unreachable"
    assert ask("no.such.invalid:5000") == "registry-unreachable"
    with served(tmp_path) as plain:
        assert ask(plain) == "registry-plain-http"


def test_where_certificates_are_laid_down(address: str, certificates: Certificates, tmp_path: Path) -> None:
    """Beside config.json as beside the engine; without any, an insecure registry is believed as the engine does."""
    folder = tmp_path / "certs.d" / address
    folder.mkdir(parents=True)
    shutil.copy(certificates.authority, folder / "ca.crt")
    for environ in ({"DOCKER_CONFIG": str(tmp_path)}, {"DOCKERDECL_REGISTRY_CA": str(certificates.authority)}):
        with open_registry(address, environ, login=LOGIN) as found:
            found.check()
    with open_registry(address, {}, login=LOGIN, insecure=True) as found:
        found.check()
    shutil.copy(certificates.certificate, folder / "client.cert")
    with (
        pytest.raises(DockerdeclError, match=r"no client\.key beside it"),
        open_registry(address, {"DOCKER_CONFIG": str(tmp_path)}, login=LOGIN),
    ):
        pass


@contextmanager
def answering(answer: Callable[[http.server.BaseHTTPRequestHandler], Answer]) -> Iterator[str]:
    """A server of our own that answers every request as told."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - http.server's word

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's word
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def insecure(name: str, login: dict[str, str] | None = LOGIN) -> AbstractContextManager[Registry]:
    return open_registry(name, {}, login=login, insecure=True)


@pytest.mark.parametrize("login", [LOGIN, {"identitytoken": "renew"}, None])
def test_token(login: dict[str, str] | None) -> None:
    """The token service gets our name, the registry only the token, which is asked for once a scope."""
    asked: list[str] = []

    def answer(request: http.server.BaseHTTPRequestHandler) -> Answer:
        given = request.headers.get("Authorization", "")
        if request.path.startswith("/token"):
            body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
            assert given == (basic(USER, PASSWORD) if login == LOGIN else "")
            assert ("refresh_token=renew" in body) is (login is not None and login != LOGIN)
            asked.append(request.path + body)
            return 200, {}, b'{"token": "t"}'
        if given == "Bearer t":
            return 200, {}, b'{"tags": ["1"]}'
        realm = f'Bearer realm="http://{request.headers["Host"]}/token",service="s",scope="repository:a:pull"'
        return 401, {"WWW-Authenticate": realm}, b""

    with answering(answer) as name, insecure(name, login) as found:
        assert [*found.tags("a")] == [*found.tags("a")] == ["1"]
    assert len(asked) == 1 and "scope=repository%3Aa%3Apull" in asked[0]


def test_redirects() -> None:
    """A redirect is followed, without credentials to another host, and not for ever."""
    seen: list[tuple[str, str | None]] = []

    def elsewhere(request: http.server.BaseHTTPRequestHandler) -> Answer:
        seen.append((request.path, request.headers.get("Authorization")))
        return 200, {}, b'{"tags": ["1"]}'

    with answering(elsewhere) as other:

        def answer(request: http.server.BaseHTTPRequestHandler) -> Answer:
            if not request.headers.get("Authorization"):
                return 401, {"WWW-Authenticate": 'Basic realm="r"'}, b""
            target = request.path if "circle" in request.path else f"http://{other}/stored"
            return 307, {"Location": target}, b""

        with answering(answer) as name, insecure(name) as found:
            assert [*found.tags("a")] == ["1"]
            assert refused(lambda: list(found.tags("circle"))) == "registry-answer-invalid"
    assert seen == [("/stored", None)]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<html>Log in", "registry-answer-invalid"),
        (403, b'{"errors": [{"code": "DENIED", "message": "not yours"}]}', "registry-auth"),
        (405, b'{"errors": [{"code": "UNSUPPORTED"}]}', "registry-refuses"),
        (429, b"slow down", "registry-limit"),
        (502, b"<html>Bad gateway", "registry-failed"),
    ],
)
def test_odd_answers(status: int, body: bytes, code: str) -> None:
    """What is none of a registry's answers is told as that; a registry's own words are shown."""
    with answering(lambda _: (status, {}, body)) as name, insecure(name) as found:
        with pytest.raises(DockerdeclError) as caught:
            [*found.tags("a")]
        assert caught.value.code == code
        assert "<html>" not in str(caught.value)


def test_a_manifest_that_is_another() -> None:
    """A manifest is believed only where it has the digest that was asked for."""
    with answering(lambda _: (200, {}, b"{}")) as name, insecure(name) as found:
        assert refused(lambda: found.manifest("a", f"sha256:{'0' * 64}")) == "registry-answer-invalid"


def test_no_catalogue() -> None:
    """Docker Hub tells nobody what it holds, nor does a registry that answers so."""
    with open_registry("docker.io", {}) as hub:
        assert refused(lambda: list(hub.catalogue())) == "registry-no-catalogue"
    with answering(lambda _: (404, {}, b"")) as name, insecure(name) as found:
        assert refused(lambda: list(found.catalogue())) == "registry-no-catalogue"
