"""Image references: what names an image.

Takes the text that a user or an engine wrote, gives a `Reference` that compares equal to every other text of the
same image, and the short and the full text of it. Follows the grammar of Docker's own `distribution/reference`.
Knows no engine and no registry: whether the image exists is not asked here.
"""

from __future__ import annotations

import re

from dockerdecl.expressions import expression
from dockerdecl.values import dataclass

DEFAULT_REGISTRY = "docker.io"
DEFAULT_TAG = "latest"

_LEGACY_REGISTRY = "index.docker.io"
_OFFICIAL = "library/"
_LONGEST_REPOSITORY = 255
_HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}

_BARE_ID = expression(r"[a-f0-9]{64}")
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_REGISTRY = expression(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_COMPONENT = expression(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_TAG = expression(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The name of an image, complete: `nginx` is registry `docker.io`, repository `library/nginx`, tag `latest`.

    `tag` is None where only a digest was written. A reference that is nothing but an image's id has an empty registry
    and repository, and the id as its `digest`. As for the engine, a digest decides and the tag beside it is a remark:
    `web:1@sha256:…` and `web@sha256:…` are equal.
    """

    registry: str
    repository: str
    tag: str | None
    digest: str | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __str__(self) -> str:
        return self.familiar

    @property
    def _identity(self) -> tuple[str, str, str | None]:
        return self.registry, self.repository, self.digest or self.tag

    @property
    def is_id(self) -> bool:
        """Whether this is an image's id and names no repository: such an image can be neither pulled nor tagged."""
        return not self.repository

    @property
    def name(self) -> str:
        """The repository with its registry, without tag and digest: `docker.io/library/nginx`; empty for an id."""
        return f"{self.registry}/{self.repository}" if self.repository else ""

    @property
    def familiar_name(self) -> str:
        """The repository as `docker images` shows it: `nginx`, `shop/web`, `localhost:5000/web`; empty for an id."""
        if self.registry != DEFAULT_REGISTRY:
            return self.name
        short = self.repository.removeprefix(_OFFICIAL)
        return self.repository if "/" in short else short

    @property
    def canonical(self) -> str:
        """The whole reference with nothing left out: `docker.io/library/nginx:latest`."""
        return self._with_version(self.name)

    @property
    def familiar(self) -> str:
        """The whole reference as the engine's `RepoTags` and `docker images` show it: `nginx:latest`."""
        return self._with_version(self.familiar_name)

    @property
    def listed(self) -> str:
        """The familiar reference without the tag that is a mere remark: what an engine lists an image under."""
        return f"{self.familiar_name}@{self.digest}" if self.repository and self.digest else self.familiar

    @property
    def registry_host(self) -> str:
        """The `host[:port]` that answers for the registry (Docker Hub is not at its own name); empty for an id."""
        return "registry-1.docker.io" if self.registry == DEFAULT_REGISTRY else self.registry

    def _with_version(self, name: str) -> str:
        if not name:
            return self.digest or ""
        return name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parse(text: str) -> Reference:
    """The reference that `text` writes, in its short or its full form, or as an image's id.

    Raises ValueError, whose text says what is wrong and what would be right.
    """
    if not text.strip():
        raise ValueError("an image reference must not be empty: write a name such as `nginx:1.27`")
    if any(character.isspace() for character in text):
        raise ValueError(f"`{text}` holds white space, which an image reference can't")
    if "://" in text:
        raise ValueError(f"`{text}` is a URL: leave out `{text.split('://', 1)[0]}://`")
    identifier = _image_id(text)
    if identifier:
        return Reference("", "", None, identifier)
    named, at, digest = text.partition("@")
    if at:
        _check_digest(digest, text)
    registry, remainder = _split_registry(named)
    repository, colon, tag = remainder.partition(":")
    _check_repository(repository, text)
    if colon:
        _check_tag(tag, text)
    elif not at:
        tag = DEFAULT_TAG
    _check_registry(registry, text)
    return Reference(registry, repository, tag or None, digest or None)


def _image_id(text: str) -> str | None:
    if _BARE_ID.fullmatch(text):
        return f"sha256:{text}"
    return text if text.startswith("sha256:") and _BARE_ID.fullmatch(text[7:]) else None


def _split_registry(named: str) -> tuple[str, str]:
    first, slash, rest = named.partition("/")
    if not slash:
        return DEFAULT_REGISTRY, _OFFICIAL + named
    is_registry = first == "localhost" or any(mark in first for mark in ".:") or first != first.lower()
    registry, remainder = (first, rest) if is_registry else (DEFAULT_REGISTRY, named)
    if registry == _LEGACY_REGISTRY:
        registry = DEFAULT_REGISTRY
    if registry == DEFAULT_REGISTRY and "/" not in remainder:
        remainder = _OFFICIAL + remainder
    return registry, remainder


def _check_registry(registry: str, text: str) -> None:
    if not _REGISTRY.fullmatch(registry):
        raise ValueError(f"`{registry}` in `{text}` is not a registry: it takes the form `host` or `host:port`")


def _check_repository(repository: str, text: str) -> None:
    if repository != repository.lower():
        shown = repository.removeprefix(_OFFICIAL)
        raise ValueError(f"the repository `{shown}` in `{text}` must be lower case: `{shown.lower()}`")
    for component in repository.split("/"):
        if component and not _COMPONENT.fullmatch(component):
            raise ValueError(
                f"`{component}` in `{text}` can't be part of a repository's name: lower case letters and digits, "
                "joined by `.`, `_`, `__` or `-`"
            )
        if not component:
            raise ValueError(f"`{text}` lacks a part of the repository's name: it takes the form `name:tag`")
    if len(repository) > _LONGEST_REPOSITORY:
        raise ValueError(f"the repository in `{text}` has more than {_LONGEST_REPOSITORY} characters")


def _check_tag(tag: str, text: str) -> None:
    if not tag:
        raise ValueError(f"`{text}` has a colon but no tag: write a tag after it, or leave the colon out")
    if not _TAG.fullmatch(tag):
        raise ValueError(
            f"`{tag}` in `{text}` is not a tag: letters, digits, `_`, `.` and `-`, not beginning with `.` or `-`, "
            "at most 128 characters"
        )


def _check_digest(digest: str, text: str) -> None:
    algorithm, _, digits = digest.partition(":")
    length = _HEX_DIGITS.get(algorithm)
    if length is None:
        raise ValueError(f"`{digest}` in `{text}` is not a digest: it takes the form `sha256:` and 64 hex digits")
    if len(digits) != length or not re.fullmatch(r"[a-f0-9]+", digits):
        raise ValueError(
            f"`{digest}` in `{text}` is not a digest: after `{algorithm}:` come {length} hex digits, a-f small"
        )
