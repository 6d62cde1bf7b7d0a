"""One image registry, as calls of the distribution API (v2): what it holds, what a tag means, and taking it away.

Takes a registry's name and who we are there; gives names, digests and manifests. It is asked from this machine, not
from the engine's. Credentials go to the registry and to where it says that tokens are to be had; a redirect to another
host takes none along.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

from dockerdecl.errors import DockerdeclError, fail
from dockerdecl.expressions import expression
from dockerdecl.registry.authentication import Challenge, basic, parse_challenges, token_request
from dockerdecl.registry.failures import NOT_IN_REGISTRY, bad_answer, no_answer, refusal, speaks_no_tls
from dockerdecl.registry.trust import bundle, certificates_of
from dockerdecl.resources.image.reference import DEFAULT_REGISTRY
from dockerdecl.values import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    import requests

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
PAGE = 200
"""How many names are asked for at once; a registry may give fewer."""

MANIFEST_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""What is accepted as a manifest: a registry that isn't told all of them converts, and answers with another digest."""

_HUB_HOST = "registry-1.docker.io"
_LARGEST_ANSWER = 16 << 20
_REDIRECTS = 5
_NEXT = expression(r'<([^>]+)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PlatformImage:
    """The image for one platform in an index: `linux/amd64`, `linux/arm64/v8`."""

    platform: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class RegistryManifest:
    """A manifest as the registry has it: `content` is what `digest` was computed from.

    `images` are those of an index, empty for a manifest of one image; `config` is that image's id, empty for an index.
    """

    digest: str
    media_type: str
    content: bytes = field(repr=False)
    images: tuple[PlatformImage, ...] = ()
    config: str = ""


class Registry:
    """One registry that can be asked. Make it with `open_registry`."""

    def __init__(
        self,
        name: str,
        session: requests.Session,
        bases: tuple[str, ...],
        login: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._session = session
        self._bases = bases
        self._login = login
        self._authorization: dict[str, str] = {}

    def check(self) -> None:
        """See that the registry answers, and takes who we are. Raises `registry-auth` and the like."""
        self._call("GET", "/v2/", "", "this")

    def catalogue(self) -> Iterator[str]:
        """The repositories of the registry, page by page. Raises `registry-no-catalogue` where it tells nobody."""
        if self.name == DEFAULT_REGISTRY:
            raise _no_catalogue(self.name)
        try:
            yield from self._pages("/v2/_catalog", "repositories", "registry:catalog:*", "its list of repositories")
        except DockerdeclError as error:
            raise _no_catalogue(self.name) if error.code == NOT_IN_REGISTRY else error from error

    def tags(self, repository: str) -> Iterator[str]:
        """The tags of a repository, page by page, in no certain order. Raises `image-not-in-registry`."""
        path, scope = f"/v2/{quote(repository)}/tags/list", _pulling(repository)
        yield from self._pages(path, "tags", scope, f"the tags of {repository}")

    def digest(self, repository: str, version: str) -> str | None:
        """The digest that a tag (or a digest) has in the registry now; None where the registry hasn't got it."""
        what = _named(repository, version)
        try:
            response, _ = self._call("HEAD", _manifest_path(repository, version), _pulling(repository), what)
        except DockerdeclError as error:
            if error.code == NOT_IN_REGISTRY:
                return None
            raise
        told = response.headers.get("Docker-Content-Digest")
        return str(told) if told else self.manifest(repository, version).digest

    def manifest(self, repository: str, version: str) -> RegistryManifest:
        """The manifest of a tag or a digest, checked against that digest. Raises `image-not-in-registry`."""
        what = _named(repository, version)
        response, body = self._call("GET", _manifest_path(repository, version), _pulling(repository), what)
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        told = version if version.startswith("sha256:") else response.headers.get("Docker-Content-Digest", digest)
        if told.startswith("sha256:") and told != digest:
            raise bad_answer(self.name, f"the manifest of {what} has not the digest {told[:19]} that it should have")
        document = self._object(body)
        media_type = document.get("mediaType") or response.headers.get("Content-Type", "").partition(";")[0]
        config = str((document.get("config") or {}).get("digest") or "")
        return RegistryManifest(digest, str(media_type), body, _images(document), config)

    def delete(self, repository: str, digest: str) -> None:
        """Take a manifest away, with all tags that mean it; what it is made of goes at the registry's own collection.

        Raises `registry-refuses` where the registry isn't set up for that, and `image-not-in-registry`.
        """
        scope = f"repository:{repository}:pull,push,delete"
        self._call("DELETE", _manifest_path(repository, digest), scope, f"removing {_named(repository, digest)}")

    def _pages(self, path: str, key: str, scope: str, what: str) -> Iterator[str]:
        following: str | None = f"{path}?n={PAGE}"
        seen: set[str] = set()
        while following is not None and following not in seen:
            seen.add(following)
            response, body = self._call("GET", following, scope, what)
            names = self._object(body).get(key)
            yield from (str(name) for name in names or ())
            following = self._next(response)

    def _next(self, response: requests.Response) -> str | None:
        "the path of the next page: the host stays this one, whatever a proxy in between makes of the address"
        found = _NEXT.search(response.headers.get("Link", ""))
        if found is None:
            return None
        target = urlsplit(urljoin(str(response.url), str(found[1])))
        return target.path + (f"?{target.query}" if target.query else "")

    def _object(self, body: bytes) -> dict[str, Any]:
        try:
            value = json.loads(body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise bad_answer(self.name, "it is no JSON object")
        return value

    def _call(self, method: str, path: str, scope: str, what: str) -> tuple[requests.Response, bytes]:
        "an answer with its body, after whatever challenge was met; a token that has run out is asked for once more"
        known = self._authorization.get(scope)
        response, body = self._send(method, path, known)
        if response.status_code == 401:
            answered = self._authorize(response, scope)
            if answered is not None:
                self._authorization[scope] = answered
                response, body = self._send(method, path, answered)
        if response.status_code >= 400:
            raise refusal(self.name, what, response.status_code, body, logged_in=self._login is not None)
        if response.status_code >= 300:
            raise bad_answer(self.name, f"it leads elsewhere again and again (status {response.status_code})")
        return response, body

    def _authorize(self, response: requests.Response, scope: str) -> str | None:
        for challenge in parse_challenges(response.headers.get("WWW-Authenticate", "")):
            if challenge.scheme == "bearer":
                return self._token(challenge, scope)
            if self._login and "password" in self._login:
                return basic(self._login["username"], self._login["password"])
        return None

    def _token(self, challenge: Challenge, scope: str) -> str | None:
        wanted = token_request(challenge, scope, self._login)
        if wanted is None:
            raise bad_answer(self.name, "it wants a token, and does not say from where")
        if urlsplit(wanted.url).scheme != "https" and self._bases[0].startswith("https:"):
            raise bad_answer(self.name, "it wants the password sent unencrypted")
        headers = {"Authorization": wanted.authorization} if wanted.authorization else {}
        method = "POST" if wanted.form else "GET"
        query, form = list(wanted.query), dict(wanted.form or {})
        response, body = self._once(method, wanted.url, headers, params=query, data=form or None)
        if response.status_code >= 400:
            logged_in = self._login is not None
            raise refusal(self.name, "a token", response.status_code, body, logged_in=logged_in)
        answer = self._object(body)
        token = answer.get("token") or answer.get("access_token")
        return f"Bearer {token}" if token else None

    def _send(self, method: str, path: str, authorization: str | None) -> tuple[requests.Response, bytes]:
        "to the first base that is spoken to in the way it understands; which one that is stays known"
        for last, base in ((base is self._bases[-1], base) for base in self._bases):
            try:
                sent = self._redirected(method, base + path, authorization)
            except DockerdeclError as error:
                if last or not error.__cause__ or not speaks_no_tls(error.__cause__):
                    raise
            else:
                self._bases = (base,)
                return sent
        raise AssertionError("the last base either answers or raises")

    def _redirected(self, method: str, url: str, authorization: str | None) -> tuple[requests.Response, bytes]:
        headers = {"Accept": ", ".join((*MANIFEST_TYPES, "application/json"))}
        if authorization:
            headers["Authorization"] = authorization
        for _ in range(_REDIRECTS):
            response, body = self._once(method, url, headers)
            target = response.headers.get("Location")
            if method not in ("GET", "HEAD") or response.status_code not in (301, 302, 303, 307, 308) or not target:
                return response, body
            before, url = url, urljoin(url, target)
            if urlsplit(before)[:2] != urlsplit(url)[:2]:
                headers.pop("Authorization", None)
            if before.startswith("https:") and not url.startswith("https:"):
                raise bad_answer(self.name, "it leads from TLS to plain HTTP")
        return response, body

    def _once(self, method: str, url: str, headers: Mapping[str, str], **more: Any) -> tuple[requests.Response, bytes]:
        import requests

        try:
            response = self._session.request(
                method,
                url,
                headers=dict(headers),
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
                stream=True,
                **more,
            )
            with response:
                body = response.raw.read(_LARGEST_ANSWER + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            raise no_answer(self.name, error) from error
        except Exception as error:  # urllib3's own, where the connection dies while the body is read
            import urllib3

            if isinstance(error, urllib3.exceptions.HTTPError):
                raise no_answer(self.name, error) from error
            raise
        if len(body) > _LARGEST_ANSWER:
            raise bad_answer(self.name, "it is larger than any list or manifest")
        return response, body


@contextmanager
def open_registry(
    name: str,
    environ: Mapping[str, str],
    *,
    login: Mapping[str, str] | None = None,
    authority: Path | None = None,
    insecure: bool = False,
) -> Iterator[Registry]:
    """A registry by the name that references have: `docker.io`, `registry.local:5000`.

    `login` has `username` and `password` or an `identitytoken`, as `engine.credentials.login_of` gives it. `authority`
    is a file of certificates to believe beside those laid down for it. `insecure`, where the engine says so, goes on
    as the engine does: with any certificate where no authority is named, and in plain HTTP where that is spoken.
    """
    import requests

    host = _HUB_HOST if name == DEFAULT_REGISTRY else name
    certificates = certificates_of(name, environ, authority)
    believes_any = insecure and not certificates.authorities
    with bundle(certificates.authorities) as verify, requests.Session() as session:
        session.trust_env = False  # or ~/.netrc would send passwords along, and REQUESTS_CA_BUNDLE replace authorities
        session.verify = False if believes_any else verify
        session.proxies = requests.utils.get_environ_proxies(f"https://{host}")
        if certificates.own:
            session.cert = (str(certificates.own[0]), str(certificates.own[1]))
        if believes_any:
            import urllib3

            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        bases = (f"https://{host}", f"http://{host}") if insecure else (f"https://{host}",)
        yield Registry(name, session, bases, login)


def _images(document: Mapping[str, Any]) -> tuple[PlatformImage, ...]:
    "attestations stand in an index as images for the platform unknown"
    found = []
    for each in document.get("manifests") or ():
        platform = each.get("platform") or {}
        words = (platform.get("os"), platform.get("architecture"), platform.get("variant"))
        if platform.get("os") not in (None, "", "unknown"):
            found.append(PlatformImage("/".join(filter(None, words)), str(each["digest"]), int(each.get("size") or 0)))
    return tuple(found)


def _manifest_path(repository: str, version: str) -> str:
    return f"/v2/{quote(repository)}/manifests/{quote(version, safe=':')}"


def _named(repository: str, version: str) -> str:
    return f"{repository}{'@' if ':' in version else ':'}{version}"


def _pulling(repository: str) -> str:
    return f"repository:{repository}:pull"


def _no_catalogue(registry: str) -> DockerdeclError:
    return fail(
        "registry-no-catalogue",
        f"{registry} tells nobody the list of its repositories",
        hint="Search the public index with `dockerdecl search TERM`, or name a repository: REGISTRY/NAME.",
    )
